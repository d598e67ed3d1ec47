"""What does not fit into the memory of DuckDB has a folder for a time."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from ptgbot.contributions.duck import Duck

PEOPLE = 60_000


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    left = tmp_path / "facts.duckdb.tmp" / "duckdb_temp_1_0_storage_DEFAULT-0.tmp"
    left.parent.mkdir()
    left.write_bytes(b"x")
    with closing(Duck(tmp_path / "facts.duckdb")):
        assert not left.parent.exists()


def test_reader_spills_with_other_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, spilt = tmp_path / "facts.duckdb", tmp_path / "temporary"
    spilt.mkdir()
    with closing(Duck(path)) as engine:
        engine.prepare()
        named = ((str(number), f"Person {number}", f"p{number}@example.org", number) for number in range(PEOPLE))
        engine.load("messages", (("list", id_, name, email, "", "", at) for id_, name, email, at in named))
    monkeypatch.setattr(tempfile, "tempdir", str(spilt))
    with closing(Duck(path, read_only=True, memory=10)) as reader:
        assert len(reader.rows("authors")) == PEOPLE
        assert [*spilt.iterdir()] != []
        assert [one.name for one in tmp_path.iterdir() if one.name.startswith("facts")] == [path.name]
    assert [*spilt.iterdir()] == []
