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
from ptgbot.contributions.reading import read_all, read_repository
from tests.contributions.histories import Made, git, history

FIRST = (Made(b"a", files={b"a": b"1\n"}), Made(b"b\n\nAlso-By: Ada <ada@example.org>\n", files={b"b": b"1\n"}))
MORE = (*FIRST, Made(b"c", files={b"c": b"1\n2\n"}))
REWRITTEN = (FIRST[0], Made(b"other", files={b"b": b"9\n"}))


class Stored(Duck):
    """A database whose facts can be compared."""

    def facts(self) -> dict[str, list[Row]]:
        tables = ("commits", "authors", "heads")
        return {name: [*self._database.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()] for name in tables}


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    engine = Stored(tmp_path / "facts.duckdb")
    engine.prepare()
    yield engine
    engine.close()


def fresh(*repositories: Path) -> dict[str, list[Row]]:
    """Return the facts of a first reading."""
    engine = Stored()
    engine.prepare()
    for path in repositories:
        read_repository(engine, str(path), Repo(path))
    found = engine.facts()
    engine.close()
    return found


def read(engine: Duck, *paths: Path) -> list[str]:
    told: list[str] = []
    done = read_all(engine, [str(path) for path in paths], lambda name: Repo(Path(name)), told.append)
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


def test_repository_that_became_empty_has_no_facts(tmp_path: Path, stored: Stored) -> None:
    path = history(tmp_path / "one", *FIRST)
    read(stored, path)
    git(path, "update-ref", "-d", "refs/heads/main")
    read(stored, path)
    assert stored.facts() == {"commits": [], "authors": [], "heads": []}


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
