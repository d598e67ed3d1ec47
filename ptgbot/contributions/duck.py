"""The embedded engine: DuckDB, in memory or in one file."""

from __future__ import annotations

import copy
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ptgbot.contributions.engine import (
    COLUMNS,
    DERIVED,
    TALLIED,
    TEXTS,
    Engine,
    Reader,
    Row,
    Unusable,
    Value,
    condition,
    sql,
)

_SETTINGS: Final = {"autoinstall_known_extensions": "false", "max_temp_directory_size": "10GB"}

_ENCODE: Final = json.JSONEncoder().encode
_QUIET: Final = "SET enable_progress_bar = false"
"""In a process without a script each connection prints a bar on the standard output once a question takes long."""
_SOME: Final = 10_000
"""Rows that are held in memory at a time."""


_BROKEN: Final = ("not a valid DuckDB database", "Corrupt database", "Could not read enough bytes", "version number")
"""What DuckDB says of files that it will never be able to read."""
_INTERRUPTED: Final = "Query interrupted"
"""What DuckDB says of a question that Ctrl-C ended."""


class Broken(Unusable):
    """A file is no database, is damaged, or is of a later version of DuckDB."""


class NoDuck(ValueError):
    """DuckDB is not installed."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Return a context that Ctrl-C ends as it ends everything else; the database has an error of its own for it.

    Raises:
        KeyboardInterrupt: somebody has pressed Ctrl-C while the database was working.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise


class Duck(Engine):
    """A database of DuckDB."""

    def __init__(
        self, path: Path | None = None, *, read_only: bool = False, memory: int = 300, threads: int = 2
    ) -> None:
        """Open a database.

        Args:
            path: its file, made if it is missing; None for one in memory.
            read_only: several processes may read a file at a time.
            memory: most megabytes that the engine takes. What needs more is in files for a time: beside the database,
                or with other temporary files if it is only read or in memory.
            threads: most threads that answer a question.

        Raises:
            NoDuck: DuckDB is not installed.
            Broken: the file is no database, is damaged, or is of a later version.
            Unusable: another process writes it, or it cannot be read.
        """
        try:
            import duckdb
        except ImportError as error:
            raise NoDuck("contributions are counted with DuckDB, which is missing. Install ptgbot[stats].") from error
        spill = _spill(path, read_only)
        own = {"memory_limit": f"{memory}MB", "threads": str(threads), "temp_directory": str(spill)}
        try:
            self._database = duckdb.connect(str(path or ":memory:"), read_only, {**_SETTINGS, **own})
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            kind = Broken if any(words in said for words in _BROKEN) else Unusable
            raise kind(f"{path}: {said}. All facts can be read anew without it.") from error
        self._database.execute(_QUIET)
        if path and not read_only:
            # What a process left behind that was killed: nobody else has the file open now.
            shutil.rmtree(spill, ignore_errors=True)

    def prepare(self) -> None:
        """Make the tables and the views."""
        with self.transaction():
            for name in ("schema", "views", "marks"):
                self._database.execute(sql(name))

    def drop(self, table: str) -> None:
        """Remove a table."""
        self._database.execute(f"DROP TABLE IF EXISTS {table}")

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table, through a file: a statement for each row would take a hundred times as long."""
        self._load(table, COLUMNS[table], rows)

    def _load(self, table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
        types = {name: "TEXT" if name in TEXTS else "BIGINT" for name in names}
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
            for row in rows:
                file.write(_ENCODE(dict(zip(names, row, strict=True))) + "\n")
            file.flush()
            if file.tell():
                self._database.execute(
                    f"INSERT INTO {table} SELECT {', '.join(names)}"  # noqa: S608
                    " FROM read_json(?, format = 'newline_delimited', columns = ?)",
                    [file.name, types],
                )

    def remove(self, table: str, **where: Value) -> None:
        """Remove the rows of a table whose columns have the given values, all rows if none is given."""
        self._database.execute(f"DELETE FROM {table}{condition(where, '?')}", [*where.values()])  # noqa: S608

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Return a context whose changes become durable together at its end, and vanish if it fails."""
        self._database.begin()
        try:
            yield
        except BaseException:
            self._database.rollback()
            raise
        self._database.commit()

    def rows(self, question: str, *values: Value) -> Sequence[Row]:
        """Return the rows of the answer to a question."""
        found: Sequence[Row] = self._database.execute(sql(question), [*values]).fetchall()
        return found

    def stream(self, question: str, *values: Value) -> Iterator[Row]:
        """Yield the rows of the answer to a question, of which only some are in memory at a time."""
        with self._database.cursor() as cursor:
            cursor.execute(_QUIET)
            found = cursor.execute(sql(question), [*values])
            while some := found.fetchmany(_SOME):
                yield from some

    def derived(self, view: str) -> Iterator[Row]:
        """Yield the rows of a view."""
        found = self._database.execute(f"SELECT * FROM {view}")  # noqa: S608
        while some := found.fetchmany(_SOME):
            yield from some

    def columns(self, view: str) -> Sequence[str]:
        """Return the names of the columns of a view."""
        return [str(row[0]) for row in self._database.execute(f"DESCRIBE {view}").fetchall()]

    def copy_derived(self, path: Path) -> None:
        """Write the derived tables into a new database, with the views for the questions of readers."""
        self._database.execute(f"ATTACH {_quoted(path)} AS snapshot")
        for view in ("people", *DERIVED):
            self._database.execute(f"CREATE TABLE snapshot.{view} AS SELECT * FROM {view}")  # noqa: S608
        self._database.execute("DETACH snapshot")

    def export(self, folder: Path) -> None:
        """Write each table with facts or rules into a file of Parquet, ``TABLE.parquet``."""
        for table in COLUMNS:
            path = folder / f"{table}.parquet"
            self._database.execute(f"COPY {table} TO {_quoted(path)} (FORMAT parquet)")

    def take_files(self, files: Mapping[str, str]) -> None:
        """Make tables of files of Parquet.

        Args:
            files: by the name of the table: the path of a file, or a pattern of several.
        """
        for table, path in files.items():
            self._database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?)", [path])  # noqa: S608

    def take_derived(self, engine: Reader) -> None:
        """Copy the derived tables of another engine."""
        for view in ("people", *DERIVED):
            names = engine.columns(view)
            texts = ", ".join(f"{name} {'TEXT' if name in TEXTS else 'BIGINT'}" for name in names)
            self._database.execute(f"CREATE TABLE {view} ({texts})")
            self._load(view, names, engine.derived(view))

    def prepare_questions(self) -> None:
        """Make the views that readers ask, over tables that are there, and tables of those that many questions ask."""
        self._database.execute(sql("marks"))
        for view, order in TALLIED.items():
            self._database.execute(f"CREATE TABLE {view}_kept AS SELECT * FROM {view} ORDER BY {order}")  # noqa: S608
            self._database.execute(f"DROP VIEW {view}")
            self._database.execute(f"ALTER TABLE {view}_kept RENAME TO {view}")

    def prepare_old(self) -> None:
        """Make what the questions of old addresses use, for as long as this connection is open."""
        self._database.execute(sql("old/chosen"))

    def further(self) -> Duck:
        """Return a further connection to the same database, for another thread, which is to be closed."""
        found = copy.copy(self)
        found._database = self._database.cursor()  # noqa: SLF001
        found._database.execute(_QUIET)  # noqa: SLF001
        return found

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _spill(path: Path | None, read_only: bool) -> Path:
    """Return the folder for what does not fit into memory. DuckDB makes it when it is needed, and removes it."""
    if path and not read_only:
        return path.with_name(f"{path.name}.tmp")
    return Path(tempfile.gettempdir()) / f"ptgbot-stats-{os.getpid()}.tmp"


def _quoted(path: Path) -> str:
    """Return a path as a text of SQL, for statements that take no values."""
    return "'" + str(path).replace("'", "''") + "'"
