"""Snapshots for readers: a new database of DuckDB for each generation, and a pointer that is switched at once."""

from __future__ import annotations

import contextlib
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Reader, sql
from ptgbot.contributions.spark import Spark
from ptgbot.store.files import replace_file

_FOLDER: Final = "snapshots"
_POINTER: Final = "snapshot"
_KEPT: Final = 2
"""Generations that are kept, so that who has just read the pointer still finds its file."""


def current_snapshot(folder: Path) -> Path | None:
    """Return the newest snapshot, None if there is none yet, or if another version of the program wrote its tables.

    Args:
        folder: the folder of the feature's bulk storage.

    Raises:
        OSError: the pointer cannot be read.
    """
    try:
        name = (folder / _POINTER).read_text("ascii").strip()
    except FileNotFoundError:
        return None
    return folder / _FOLDER / name if name.endswith(f"-{_form()}.duckdb") else None


@cache
def _form() -> str:
    """Return a digest of the queries that make the tables of a snapshot."""
    return hashlib.sha256("".join(map(sql, ("schema", "views", "marks"))).encode()).hexdigest()[:8]


def number_of(path: Path) -> int:
    """Return the number of a snapshot, which is in the name of its file."""
    return int(path.stem.partition("-")[0])


def write_snapshot(engine: Reader, folder: Path) -> Path:
    """Write what is derived from facts and rules, and point to it. Readers of an earlier snapshot are not disturbed.

    Args:
        engine: what has counted them, from the facts and the rules.
        folder: the folder of the feature's bulk storage.

    Raises:
        OSError: the snapshot cannot be written.
    """
    snapshots = folder / _FOLDER
    snapshots.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = max(map(number_of, snapshots.glob("*.duckdb")), default=0) + 1
    path, unfinished = snapshots / f"{number}-{_form()}.duckdb", snapshots / "unfinished.part"
    _remove(unfinished)
    if isinstance(engine, Duck):
        engine.copy_derived(unfinished)
    made = Duck(unfinished)
    try:
        if isinstance(engine, Spark):
            made.take_files(engine.files())
        elif not isinstance(engine, Duck):
            made.take_derived(engine)
        made.prepare_questions()
    finally:
        made.close()
    unfinished.rename(path)
    replace_file(folder / _POINTER, path.name.encode())
    for old in snapshots.glob("*.duckdb"):
        if number_of(old) <= number - _KEPT:
            _remove(old)
    return path


def open_snapshot(folder: Path, *, memory: int = 100, threads: int = 1) -> Duck | None:
    """Return the newest snapshot, to be read and closed; None if there is none yet.

    Args:
        folder: the folder of the feature's bulk storage.
        memory: most megabytes that the engine takes.
        threads: most threads that answer a question.
    """
    path = current_snapshot(folder)
    return Duck(path, read_only=True, memory=memory, threads=threads) if path else None


def _remove(path: Path) -> None:
    for one in (path, path.with_name(f"{path.name}.wal")):
        with contextlib.suppress(FileNotFoundError):
            one.unlink()
