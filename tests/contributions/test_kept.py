"""The snapshot that stays open between requests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Row
from ptgbot.contributions.kept import Kept
from ptgbot.contributions.snapshots import write_snapshot


def known(_database: Duck, path: Path, _folder: Path) -> list[str]:
    return [path.name]


def people(connection: Duck) -> Sequence[Row]:
    return connection.rows("pages/people")


def snapshot(folder: Path, *names: str) -> Path:
    engine = Duck()
    engine.prepare()
    engine.load("people", [(name, name, 1) for name in names])
    path = write_snapshot(engine, folder)
    engine.close()
    return path


def is_open(path: Path) -> bool:
    """Say whether this process has a file open."""
    descriptors = Path("/proc/self/fd")
    return str(path) in [str(one.readlink()) for one in descriptors.iterdir() if one.is_symlink()]


def test_snapshot_stays_open_between_requests(tmp_path: Path) -> None:
    path, kept = snapshot(tmp_path, "mira"), Kept(known)
    found = []
    for _ in range(2):
        with kept.reading(tmp_path) as reading:
            assert reading
            found.append(reading[1])
            assert people(reading[0]) == [("mira", "mira")]
        assert is_open(path)
    assert found[0] is found[1]
    kept.close()
    assert not is_open(path)


def test_connection_is_used_by_one_reader_at_once(tmp_path: Path) -> None:
    snapshot(tmp_path, "mira")
    kept = Kept(known)
    with kept.reading(tmp_path) as first, kept.reading(tmp_path) as second:
        assert first
        assert second
        assert first[0] is not second[0]
    with kept.reading(tmp_path) as third:
        assert third
        assert third[0] in (first[0], second[0])
    kept.close()


def test_newer_snapshot_is_read_beside_the_old(tmp_path: Path) -> None:
    old, kept = snapshot(tmp_path, "mira"), Kept(known)
    with kept.reading(tmp_path) as first:
        new = snapshot(tmp_path, "ada")
        with kept.reading(tmp_path) as second:
            assert first
            assert second
            assert (people(first[0]), first[1]) == ([("mira", "mira")], [old.name])
            assert (people(second[0]), second[1]) == ([("ada", "ada")], [new.name])
        assert is_open(old)
    assert not is_open(old)
    assert kept.path == new
    kept.close()


def test_snapshot_that_nobody_reads_is_closed(tmp_path: Path) -> None:
    path, kept = snapshot(tmp_path, "mira"), Kept(known, idle=0.01)
    with kept.reading(tmp_path) as reading:
        assert reading
    deadline = time.monotonic() + 30
    while kept.path and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_open(path)


def test_many_threads_read_one_snapshot(tmp_path: Path) -> None:
    names, kept = [f"p{number:03}" for number in range(500)], Kept(known)
    snapshot(tmp_path, *names)

    def ask(_number: int) -> bool:
        with kept.reading(tmp_path) as reading:
            return reading is not None and [row[0] for row in people(reading[0])] == names

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(40)))
    kept.close()


def test_folder_without_snapshot_is_nothing(tmp_path: Path) -> None:
    with Kept(known).reading(tmp_path) as reading:
        assert reading is None


def test_failed_look_leaves_nothing_being_read(tmp_path: Path) -> None:
    def fail(_database: Duck, _path: Path, _folder: Path) -> None:
        raise OSError("no secret")

    path, kept = snapshot(tmp_path, "mira"), Kept(fail)
    with pytest.raises(OSError, match="no secret"), kept.reading(tmp_path):
        pass
    kept.close()
    assert not is_open(path)
