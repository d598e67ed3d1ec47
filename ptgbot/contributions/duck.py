"""The embedded engine: DuckDB, in memory or in one file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ptgbot.contributions.engine import COLUMNS, NUMBERS, Engine, Row, sql

_SETTINGS: Final = {
    "memory_limit": "400MB",
    "threads": "2",
    "autoinstall_known_extensions": "false",
}


class NoDuck(ValueError):
    """DuckDB is not installed."""


class Duck(Engine):
    """A database of DuckDB."""

    def __init__(self, path: Path | None = None) -> None:
        """Open a database.

        Args:
            path: its file, made if it is missing; None for one in memory.

        Raises:
            NoDuck: DuckDB is not installed.
        """
        try:
            import duckdb
        except ImportError as error:
            raise NoDuck("contributions are counted with DuckDB, which is missing. Install ptgbot[stats].") from error
        self._database = duckdb.connect(str(path or ":memory:"), config=dict(_SETTINGS))

    def prepare(self) -> None:
        """Make the tables and the views."""
        self._database.execute(sql("schema"))
        self._database.execute(sql("views"))

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table, through a file: a statement for each row would take a hundred times as long."""
        names = COLUMNS[table]
        types = {name: "BIGINT" if name in NUMBERS else "TEXT" for name in names}
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
            for row in rows:
                file.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")
            file.flush()
            if file.tell():
                self._database.execute(
                    f"INSERT INTO {table} SELECT {', '.join(names)}"  # noqa: S608
                    " FROM read_json(?, format = 'newline_delimited', columns = ?)",
                    [file.name, types],
                )

    def remove(self, table: str, repository: str) -> None:
        """Remove the rows of a repository from a table of facts."""
        self._database.execute(f"DELETE FROM {table} WHERE repository = ?", [repository])  # noqa: S608

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

    def rows(self, question: str) -> Sequence[Row]:
        """Return the rows of the answer to a question."""
        found: Sequence[Row] = self._database.execute(sql(question)).fetchall()
        return found

    def close(self) -> None:
        """Close the database."""
        self._database.close()
