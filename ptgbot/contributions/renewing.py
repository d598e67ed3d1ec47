"""Files that an earlier version wrote, or that are damaged, are made anew: all of it can be read or counted again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from ptgbot.contributions.duck import Broken, Duck
from ptgbot.contributions.engine import COLUMNS, Engine
from ptgbot.contributions.page_store import FILE


def facts_in(path: Path, tell: Callable[[str], None]) -> Duck:
    """Open the file with the facts. One that will never be readable is put aside, and a new one is made.

    Args:
        path: the file.
        tell: called with a sentence if it was put aside.

    Raises:
        Unusable: another process writes it, or it cannot be read.
        OSError: it cannot be put aside.
    """
    try:
        return Duck(path)
    except Broken as error:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        tell(f"{error} It is {aside.name} now, and everything is read anew.")
        return Duck(path)


def renew_tables(engine: Engine, tell: Callable[[str], None]) -> None:
    """Remove all tables if one of them has other columns than those of this version; they are filled again.

    Args:
        engine: the database with the facts.
        tell: called with a sentence if they were removed.
    """
    found: dict[str, set[str]] = {}
    for table, column in engine.rows("form"):
        found.setdefault(str(table), set()).add(str(column))
    if all(found.get(table, set(columns)) == set(columns) for table, columns in COLUMNS.items()):
        return
    tell("The facts are in the form of another version; everything is read anew.")
    for table in COLUMNS:
        engine.drop(table)


def renew_pages(folder: Path, tell: Callable[[str], None]) -> None:
    """Remove the file with the numbers of the pages if it is damaged or has another form.

    Args:
        folder: the folder of the feature's bulk storage.
        tell: called with a sentence if it was removed.

    Raises:
        OSError: it cannot be removed.
    """
    path = folder / FILE
    with suppress(sqlite3.DatabaseError):
        if not path.exists() or _is_whole(path):
            return
    for one in (path, *(path.with_name(f"{path.name}-{end}") for end in ("wal", "shm"))):
        one.unlink(missing_ok=True)
    tell(f"{FILE} was damaged or had the form of another version; it is made anew.")


def _is_whole(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=60)) as sql:
        columns = [str(row[1]) for row in sql.execute("PRAGMA table_info(pages)")]
        ((said,),) = sql.execute("PRAGMA quick_check(1)")
    return said == "ok" and columns in ([], ["key", "number", "digest", "data"])
