"""The engine for more than one machine's memory holds: PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ptgbot.contributions.engine import COLUMNS, Engine, Row, Unusable, Value, condition, sql


class NoPsycopg(ValueError):
    """The libraries for PostgreSQL are not installed."""


class Postgres(Engine):
    """A database of PostgreSQL; the tables are in the schema that the address names, ``public`` if it names none."""

    def __init__(self, address: str) -> None:
        """Connect.

        Args:
            address: such as ``postgresql://user@host/database``, as libpq reads it.

        Raises:
            NoPsycopg: psycopg or sqlglot is not installed.
            Unusable: the server cannot be reached, or refuses.
        """
        try:
            import psycopg

            from ptgbot.contributions.dialects import translated
        except ImportError as error:
            sentence = "PostgreSQL needs psycopg and sqlglot, of which one is missing."
            raise NoPsycopg(f"{sentence} Install ptgbot[stats-postgresql].") from error
        self._translated = translated
        try:
            self._connection = psycopg.connect(address, autocommit=True)
        except psycopg.Error as error:
            raise Unusable(f"PostgreSQL: {str(error).strip()}") from error

    def prepare(self) -> None:
        """Make the tables and the views."""
        for name in ("schema", "views", "marks"):
            self._connection.execute(sql(name).encode())

    def drop(self, table: str) -> None:
        """Remove a table, and the views that use it."""
        self._connection.execute(f"DROP TABLE IF EXISTS {table} CASCADE".encode())

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table."""
        names = ", ".join(COLUMNS[table])
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def remove(self, table: str, **where: Value) -> None:
        """Remove the rows of a table whose columns have the given values, all rows if none is given."""
        statement = f"DELETE FROM {table}{condition(where, '%s')}"  # noqa: S608
        self._connection.execute(statement.encode(), [*where.values()])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Return a context whose changes become durable together at its end, and vanish if it fails."""
        with self._connection.transaction():
            yield

    def rows(self, question: str, *values: Value) -> Sequence[Row]:
        """Return the rows of the answer to a question."""
        (statement,) = self._translated(question, "postgres", "%({})s")
        named = {f"p{number}": value for number, value in enumerate(values, 1)}
        return self._connection.execute(statement.encode(), named).fetchall()

    def derived(self, view: str) -> Iterator[Row]:
        """Yield the rows of a view, without holding all of them in memory."""
        with self._connection.transaction(), self._connection.cursor("derived") as cursor:
            cursor.execute(f"SELECT * FROM {view}".encode())  # noqa: S608
            yield from cursor

    def columns(self, view: str) -> Sequence[str]:
        """Return the names of the columns of a view."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {view} LIMIT 0".encode())  # noqa: S608
            return [column.name for column in cursor.description or ()]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
