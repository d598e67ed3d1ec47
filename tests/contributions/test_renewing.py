"""Files that are damaged, or of another version, are made anew by the next refresh, which says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ptgbot.contributions.snapshots import current_snapshot
from tests.contributions.program import Program
from tests.contributions.test_killed_refresh import held


def without_column(path: Path) -> None:
    with duckdb.connect(str(path)) as database:
        database.execute("DROP TABLE talks; CREATE TABLE talks (repository TEXT, record BIGINT)")


def garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def other_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as sql:
        sql.executescript("DROP TABLE pages; CREATE TABLE pages (key TEXT, data TEXT)")


ANEW = "everything is read anew"
PAGES = "pages.sqlite was damaged or had the form of another version; it is made anew"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, dict[str, Any]]:
    """Return a program that has counted, and everything that it holds; each test leaves it so."""
    program = Program(tmp_path_factory.mktemp("counted"))
    program.run("refresh")
    return program, held(program.bulk)


@pytest.mark.parametrize(
    ("name", "damage", "sentence"),
    [
        ("facts.duckdb", garbage, f"It is facts.damaged now, and {ANEW}"),
        ("facts.duckdb", cut, f"It is facts.damaged now, and {ANEW}"),
        ("facts.duckdb", without_column, f"The facts are in the form of another version; {ANEW}"),
        ("pages.sqlite", garbage, PAGES),
        ("pages.sqlite", other_table, PAGES),
        ("cycles.json", cut, ""),
        ("", garbage, ""),
        ("snapshot", Path.unlink, ""),
    ],
)
def test_damaged_file_is_made_anew(
    counted: tuple[Program, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    name: str,
    damage: Callable[[Path], None],
    sentence: str,
) -> None:
    program, expected = counted
    capsys.readouterr()
    damage(program.bulk / name if name else current_snapshot(program.bulk) or program.bulk)
    program.run("refresh")
    assert sentence in capsys.readouterr().err
    assert held(program.bulk) == expected
