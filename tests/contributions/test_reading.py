"""However facts came to be stored, they are those of a first reading."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Row
from ptgbot.contributions.git import GitFailed, Repo
from ptgbot.contributions.mirrors import fetch_mirror, mirror_folder
from ptgbot.contributions.reading import DEFAULT, FACTS, Wanted, forget_others, read_all, read_repository
from tests.contributions.histories import Made, git, history

FIRST = (Made(b"a", files={b"a": b"1\n"}), Made(b"b\n\nAlso-By: Ada <ada@example.org>\n", files={b"b": b"1\n"}))
MORE = (*FIRST, Made(b"c", files={b"c": b"1\n2\n"}))
REWRITTEN = (FIRST[0], Made(b"other", files={b"b": b"9\n"}))


class Stored(Duck):
    """A database whose facts can be compared."""

    def facts(self) -> dict[str, list[Row]]:
        return {name: [*self._database.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()] for name in FACTS}


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    engine = Stored(tmp_path / "facts.duckdb")
    engine.prepare()
    yield engine
    engine.close()


def fresh(*repositories: Path, wanted: Wanted = DEFAULT) -> dict[str, list[Row]]:
    """Return the facts of a first reading."""
    engine = Stored()
    engine.prepare()
    for path in repositories:
        read_repository(engine, str(path), Repo(path), wanted)
    found = engine.facts()
    engine.close()
    return found


def read(engine: Duck, *paths: Path, wanted: Wanted = DEFAULT) -> list[str]:
    told: list[str] = []
    names = [str(path) for path in paths]
    done = [*forget_others(engine, names), *read_all(engine, names, lambda name: Repo(Path(name)), told.append, wanted)]
    return [*done, *told]


def test_only_new_commits_are_read(tmp_path: Path, stored: Stored) -> None:
    path = history(tmp_path / "one", *FIRST)
    assert read(stored, path) == [f"{path}: 2 new commits"]
    assert read(stored, path) == []
    history(path, *MORE)
    assert read(stored, path) == [f"{path}: 1 new commits"]
    assert stored.facts() == fresh(path)
    assert len(stored.facts()["authors"]) == 4


def test_rewritten_branch_is_read_anew(tmp_path: Path, stored: Stored) -> None:
    path = history(tmp_path / "one", *MORE)
    read(stored, path)
    history(path, *REWRITTEN)
    git(path, "reflog", "expire", "--expire=now", "--all")
    git(path, "gc", "--quiet", "--prune=now")
    assert read(stored, path) == [f"{path}: 2 new commits"]
    assert stored.facts() == fresh(path)


def test_branch_set_back_loses_its_commits(tmp_path: Path, stored: Stored) -> None:
    path = history(tmp_path / "one", *MORE)
    read(stored, path)
    git(path, "update-ref", "refs/heads/main", "main~1")
    read(stored, path)
    assert stored.facts() == fresh(path)


def test_repository_that_went_away_keeps_its_facts(tmp_path: Path, stored: Stored) -> None:
    one, two = history(tmp_path / "one", *FIRST), history(tmp_path / "two", *MORE)
    read(stored, one, two)
    before = stored.facts()
    one.rename(tmp_path / "gone")
    (told,) = read(stored, one, two)
    assert told.startswith(f"{one}: ")
    assert told.endswith("; what is known of it stays")
    assert stored.facts() == before


def test_repository_out_of_the_list_is_removed(tmp_path: Path, stored: Stored) -> None:
    one, two = history(tmp_path / "one", *FIRST), history(tmp_path / "two", *MORE)
    read(stored, one, two)
    assert read(stored, two) == [f"{one}: removed, for it is no longer in the list"]
    assert stored.facts() == fresh(two)


def test_commits_of_wanted_branches_are_read(tmp_path: Path, stored: Stored) -> None:
    wanted = Wanted(("stable/*",), ("vendor/*", "*.lock"))
    path = history(tmp_path / "one", *MORE)
    git(path, "branch", "stable/one", "main")
    git(path, "branch", "other", "main")
    git(path, "update-ref", "refs/heads/main", "main~1")
    assert read(stored, path, wanted=wanted) == [f"{path}: 3 new commits"]
    (branched,) = stored.facts()["branches"]
    assert branched[1:] == (git(path, "rev-parse", "stable/one").strip(), "stable/one")
    git(path, "update-ref", "refs/heads/main", "stable/one")
    read(stored, path, wanted=wanted)
    assert stored.facts() == fresh(path, wanted=wanted)
    read(stored, path)
    assert stored.facts() == fresh(path)


def test_generated_paths_and_renames_are_marked(tmp_path: Path, stored: Stored) -> None:
    files = {b"vendor/a": b"1\n2\n", b"a.lock": b"1\n", b"own": b"many lines\n" * 5}
    moved = {b"own": None, b"new": b"many lines\n" * 5}
    path = history(tmp_path / "one", Made(b"a", files=files), Made(b"b", files=moved))
    read(stored, path, wanted=Wanted(foreign=("vendor/*", "*.lock")))
    marked = sorted(map(str, (row[4:11] for row in stored.facts()["commits"])))
    assert marked == ["(0, 0, 1, 1, 0, 0, 0)", "(8, 0, 3, 0, 3, 0, 2)"]


def test_references_of_commits_are_stored(tmp_path: Path, stored: Stored) -> None:
    identifier = "I" + "a" * 40
    message = f"a\n\nCloses-Bug: #7\nblueprint fast\nAssisted-By: Helper 2\nChange-Id: {identifier}\n"
    path = history(tmp_path / "one", Made(message.encode()))
    read(stored, path)
    facts = stored.facts()
    assert [row[2:] for row in facts["mentions"]] == [("assistant", "Helper 2"), ("blueprint", "fast"), ("bug", "7")]
    assert facts["commits"][0][-1] == identifier


def test_repository_that_became_empty_has_no_facts(tmp_path: Path, stored: Stored) -> None:
    path = history(tmp_path / "one", *FIRST)
    read(stored, path)
    git(path, "update-ref", "-d", "refs/heads/main")
    read(stored, path)
    assert stored.facts() == {name: [] for name in FACTS}


def kill(tmp_path: Path, moments: Iterable[int]) -> None:
    """Kill a reading at moments. It has a rewritten branch, an unchanged one, and a new one before it."""
    paths = [tmp_path / name for name in ("one", "two", "three")]
    for path, made in zip(paths, (MORE, MORE, FIRST), strict=True):
        history(path, *made)
    before = Stored(tmp_path / "before.duckdb")
    before.prepare()
    read(before, *paths[:2])
    before.close()
    history(paths[0], *REWRITTEN)
    expected = fresh(*paths)
    for moment in moments:
        database = Path(shutil.copy(tmp_path / "before.duckdb", tmp_path / f"{moment}.duckdb"))
        command = [sys.executable, "-m", "tests.contributions.killed", str(database), str(moment), *map(str, paths)]
        assert subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode == -signal.SIGKILL
        engine = Stored(database)
        engine.prepare()
        read(engine, *paths)
        assert engine.facts() == expected
        engine.close()


def test_killed_reading_is_made_up_for(tmp_path: Path) -> None:
    kill(tmp_path, (3, 12, 20))


@pytest.mark.long
def test_reading_killed_at_twenty_moments(tmp_path: Path) -> None:
    kill(tmp_path, range(1, 21))


def test_mirror_follows_the_original(tmp_path: Path) -> None:
    original = history(tmp_path / "one.git", *FIRST)
    mirrors = tmp_path / "mirrors"
    assert fetch_mirror(mirrors, str(original)).head() == Repo(original).head()
    history(original, *REWRITTEN)
    git(original, "branch", "--move", "main", "trunk")
    assert fetch_mirror(mirrors, str(original)).head() == Repo(original).head()


def test_mirror_stays_when_the_original_is_gone(tmp_path: Path) -> None:
    original = history(tmp_path / "one", *FIRST)
    head = fetch_mirror(tmp_path / "mirrors", str(original)).head()
    original.rename(tmp_path / "gone")
    with pytest.raises(GitFailed):
        fetch_mirror(tmp_path / "mirrors", str(original))
    assert Repo(mirror_folder(tmp_path / "mirrors", str(original))).head() == head


def test_names_of_mirrors_are_harmless_and_unique(tmp_path: Path) -> None:
    uris = ["https://a.example/x/nova.git", "https://a.example/y/nova.git", "https://a.example/../..", "-u/é\n"]
    folders = [mirror_folder(tmp_path, uri) for uri in uris]
    assert len(set(folders)) == len(uris)
    assert all(folder.parent == tmp_path and folder.name.isascii() for folder in folders)


def test_address_cannot_be_an_option_or_program(tmp_path: Path) -> None:
    for uri in ("--upload-pack=touch x", "ext::sh -c touch% x"):
        with pytest.raises(GitFailed):
            fetch_mirror(tmp_path, uri)
    assert not Path("x").exists()
