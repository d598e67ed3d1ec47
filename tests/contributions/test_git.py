"""Whatever a repository can hold is read as git tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.contributions.git import GitFailed, Repo
from tests.contributions.histories import Made, git, history

LINES = b"one\ntwo\nthree\n"


def test_lines_files_and_dates_of_commits(tmp_path: Path) -> None:
    repo = Repo(
        history(
            tmp_path,
            Made(b"First\n\nBody\n", files={b"a": LINES}, at=1, committed=2),
            Made(b"Second", files={b"a": b"one\n", b"b": LINES}),
        )
    )
    second, first = repo.log(repo.head())
    assert (first.authored, first.committed, first.added, first.deleted, first.files) == (1, 2, 3, 0, 1)
    assert (second.added, second.deleted, second.files, second.subject) == (3, 2, 2, "Second")
    assert first.message == "First\n\nBody\n"


def test_rename_and_binary_file_have_no_lines(tmp_path: Path) -> None:
    made = (
        Made(files={b"a": LINES}),
        Made(files={b"a": None, b"b": LINES}),
        Made(files={b"picture": b"\0\1\2"}),
        Made(files={b"c": b"new\n"}),
    )
    repo = Repo(history(tmp_path, *made))
    assert [(one.added, one.deleted, one.files) for one in repo.log(repo.head())] == [
        *[(1, 0, 1), (0, 0, 1), (0, 0, 1), (3, 0, 1)]
    ]


def test_merges_are_counted_and_not_read(tmp_path: Path) -> None:
    made = (Made(), Made(b"left", parents=[0]), Made(b"right", parents=[0]), Made(parents=[1, 2]))
    repo = Repo(history(tmp_path, *made))
    assert len(list(repo.log(repo.head()))) == 3
    assert (repo.count(repo.head(), merges=False), repo.count(repo.head(), merges=True)) == (4, 1)


@pytest.mark.parametrize(
    ("author", "name", "email"),
    [
        (b"A | B\t\"C\" 'D' E <a@b.c>", "A | B\t\"C\" 'D' E", "a@b.c"),
        (b"Andr\xe9 <andre@example.org>", "Andr\N{REPLACEMENT CHARACTER}", "andre@example.org"),
        (b"Long <" + b"a" * 10_000 + b"@example.org>", "Long", "a" * 10_000 + "@example.org"),
        (b"Nobody <>", "Nobody", ""),
        (b"\r <a@b.c>", "", "a@b.c"),
    ],
)
def test_odd_name_or_address_is_kept(tmp_path: Path, author: bytes, name: str, email: str) -> None:
    repo = Repo(history(tmp_path, Made(author=author, files={b"a\tb|c\"'\r": LINES}), Made(b"", files={b"x": LINES})))
    first = [*repo.log(repo.head())][-1]
    assert (first.author.name, first.author.email) == (name, email)
    assert (first.added, first.files) == (3, 1)


@pytest.mark.parametrize(("at", "zone"), [(0, b"+0000"), (1, b"+1400"), (4_300_000_000, b"-1200"), (2**40, b"+0000")])
def test_any_date_is_read_in_utc(tmp_path: Path, at: int, zone: bytes) -> None:
    repo = Repo(history(tmp_path, Made(at=at, zone=zone)))
    assert next(repo.log(repo.head())).authored == min(at, 253_402_300_799)


def test_message_may_look_like_the_output(tmp_path: Path) -> None:
    message = b"1\t1\tname\n\n" + b"a" * 40 + b"\n2\t2\tfile\n"
    repo = Repo(history(tmp_path, Made(message, files={b"5\t5\tf": LINES}), Made(message)))
    assert [(one.message, one.added) for one in repo.log(repo.head())] == [
        (message.decode(), 0),
        (message.decode(), 3),
    ]


def test_settings_of_the_repository_change_nothing(tmp_path: Path) -> None:
    made = (Made(files={b"a": LINES}), Made(files={b"a": None, b"b": LINES}))
    repo = Repo(history(tmp_path, *made))
    before = list(repo.log(repo.head()))
    for setting in ("diff.renames=false", "log.showSignature=true", "log.follow=true", "diff.algorithm=patience"):
        key, _, value = setting.partition("=")
        git(tmp_path, "config", key, value)
    (tmp_path / ".mailmap").write_text("Other <other@example.org> <mira@example.org>\n")
    assert list(repo.log(repo.head())) == before


def test_empty_repository_has_no_head(tmp_path: Path) -> None:
    assert Repo(history(tmp_path)).head() == ""


def test_shallow_repository_has_what_it_has(tmp_path: Path) -> None:
    whole = history(tmp_path / "whole", Made(), Made(), Made())
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{whole}", "shallow")
    repo = Repo(tmp_path / "shallow")
    assert len(list(repo.log(repo.head()))) == 1


def test_folder_without_repository_is_named(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(GitFailed, match="none: not a git repository"):
        Repo(tmp_path / "none").head()


def test_unknown_revision_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="there is no commit v9"):
        Repo(history(tmp_path, Made())).resolve("v9")


def test_missing_git_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="git is not installed"):
        Repo(tmp_path)
