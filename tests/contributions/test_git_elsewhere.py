"""Numbers do not depend on who counts: settings, environment, worktrees; and what git cannot read is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.contributions.git import GitFailed, Repo
from ptgbot.contributions.mirrors import fetch_mirror
from tests.contributions.histories import Made, git, history
from tests.contributions.stackalytics import DATA

LINES = b"one\ntwo\nthree\n"
HOSTILE = {
    "core.attributesFile": "{home}/attributes",
    "core.bigFileThreshold": "1",
    "core.pager": "false",
    "core.quotePath": "true",
    "core.useReplaceRefs": "false",
    "color.ui": "always",
    "diff.external": "false",
    "diff.noprefix": "true",
    "diff.orderFile": "/nonexistent",
    "diff.relative": "true",
    "diff.renameLimit": "1",
    "diff.renames": "copies",
    "diff.algorithm": "patience",
    "format.pretty": "oneline",
    "i18n.logOutputEncoding": "ISO-8859-1",
    "log.date": "nonsense",
    "log.diffMerges": "first-parent",
    "log.mailmap": "true",
    "log.showRoot": "false",
    "log.showSignature": "true",
    "mailmap.file": "{home}/mailmap",
}
"""Settings that change or break what ``git log`` prints."""
ELSEWHERE = {
    "GIT_DIR": "/nonexistent",
    "GIT_WORK_TREE": "/nonexistent",
    "GIT_OBJECT_DIRECTORY": "/nonexistent",
    "GIT_NAMESPACE": "none",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_CONFIG_PARAMETERS": "'log.showroot=false'",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "diff.renames",
    "GIT_CONFIG_VALUE_0": "false",
    "TZ": "Asia/Tokyo",
}
"""Variables that lead git to another repository, or give it other settings."""


def odd(folder: Path) -> Path:
    """Make a repository whose numbers need every default: a root with lines, renamed files, and odd letters."""
    many = {b"%d" % number: b"%d\n" % number * 40 for number in range(4)}
    moved = {**dict.fromkeys(many), **{b"m%d\xc3\xa9" % number: b"%d\n" % number * 39 for number in range(4)}}
    return history(folder, Made(files=many), Made(b"caf\xc3\xa9", b"Andr\xc3\xa9 <mira@example.org>", files=moved))


def test_settings_and_environment_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, home = odd(tmp_path / "one"), tmp_path / "home"
    before = [*Repo(repo).log("main")]
    assert [(one.added, one.deleted, one.renames) for one in before] == [(0, 4, 4), (160, 0, 0)]
    home.mkdir()
    (home / "attributes").write_text("* -diff\n")
    (home / "mailmap").write_text("Other <other@example.net> <mira@example.org>\n")
    for key, value in HOSTILE.items():
        for file in (home / ".gitconfig", repo / ".git" / "config"):
            git(tmp_path, "config", "--file", str(file), key, value.format(home=home))
    for key, value in {**ELSEWHERE, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}.items():
        monkeypatch.setenv(key, value)
    found = Repo(repo)
    assert [*found.log("main")] == before
    assert found.count("main", merges=False) == 2
    assert [one.added for one in fetch_mirror(tmp_path / "mirrors", str(repo)).log("main")] == [0, 160]


def test_name_is_that_of_the_repository(tmp_path: Path) -> None:
    one = odd(tmp_path / "one")
    git(one, "worktree", "add", "--quiet", str(tmp_path / "other"))
    git(tmp_path, "clone", "--quiet", "--bare", str(one), "bare.git")
    (one / "deep").mkdir()
    found = [Repo(path).name for path in (one, one / ".git", one / "deep", tmp_path / "other", tmp_path / "bare.git")]
    assert found == ["one", "one", "one", "one", "bare.git"]


def test_missing_object_is_told(tmp_path: Path) -> None:
    repo = odd(tmp_path)
    blob = git(repo, "rev-parse", "main~1:2").strip()
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitFailed, match=f"unable to read {blob}"):
        list(Repo(repo).log("main"))


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("yes | head -c 300000 >&2; echo 'fatal: enough' >&2; exit 128", "enough"),
        ("printf '0123\\0001\\0002'; kill -9 $$", "git log was stopped with status -9"),
    ],
)
def test_git_that_ends_midway_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, sentence: str
) -> None:
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(GitFailed, match=sentence):
        list(Repo(tmp_path).log("main"))


def test_only_branches_and_tags_are_copied(tmp_path: Path) -> None:
    original = history(tmp_path / "one", Made(tag="1.0"), Made())
    git(original, "update-ref", "refs/pull/1/head", "main")
    git(original, "replace", "--graft", "main")
    fetch_mirror(tmp_path / "mirrors", str(original))
    history(original, Made(tag="1.0"), Made(), Made(b"more", tag="2.0"))
    mirror = fetch_mirror(tmp_path / "mirrors", str(original))
    assert git(mirror.folder, "for-each-ref", "--format=%(refname)").split() == [
        *("refs/heads/main", "refs/tags/1.0", "refs/tags/2.0")
    ]
    assert mirror.count("main", merges=False) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["https://git.example.org/a"], "is an address. Clone it first: git clone --bare https://git.example.org/a"),
        ([".", "--assistants", "("], "'(' is no pattern"),
    ],
)
def test_wrong_argument_is_refused(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["stats", "commits", *arguments])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_switches_divide_and_count_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "default_data.json"
    people.write_text(json.dumps(DATA))
    mira, zed, robot, helper = (
        *(b"Co-Authored-By: Mira <mira@example.org>", b"Also-By: Zed <zed@example.net>"),
        *(b"Co-Author: Robot <robot@example.org>", b"Co-Author: Helper <helper@bots.example>"),
    )
    made = Made(b"\n".join([b"S\n", mira, zed, robot, helper]), files={b"a": LINES})
    history(tmp_path / "one", made, Made(author=b"Helper <helper@bots.example>", files={b"b": LINES}))
    plain = ["stats", "commits", str(tmp_path / "one"), "--people", str(people), "--assistants", "@BOTS", "--json"]

    def by_user(*switches: str) -> dict[str, float]:
        assert main([*plain, *switches]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["totals"]["added"] == sum(one["added"] for one in found["by_user"].values())
        assert found["totals"]["counted"] == 1
        return {name: one["commits"] for name, one in found["by_user"].items()}

    assert by_user() == {"mira": 1, "zed@example.net": 1}
    assert by_user("--split") == {"mira": 0.5, "zed@example.net": 0.5}
    assert by_user("--count-robots-as-co-authors") == {"mira": 1, "robot": 1, "zed@example.net": 1}
