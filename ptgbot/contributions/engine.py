"""Where facts are kept and counted: an engine runs the queries in the folder ``queries``, a file for each question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Final, Protocol

Value = str | int | None
"""A cell of a table."""
Row = Sequence[Value]

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "commits": ("repository", "sha", "authored", "committed", "added", "deleted", "files", "subject"),
    "authors": ("repository", "sha", "position", "name", "email"),
    "heads": ("repository", "sha"),
    "identities": ("name", "email", "user_id"),
    "employers": ("user_id", "since", "until", "company"),
    "releases": ("since", "until", "release"),
    "tagged": ("repository", "sha", "release"),
    "corrections": ("sha", "email", "added", "deleted", "loc", "moment", "release", "user_id", "company"),
    "options": ("date_of",),
}
"""The columns of each table, in the order of its rows."""
NUMBERS: Final = frozenset(
    {"authored", "committed", "added", "deleted", "files", "position", "since", "until", "loc", "moment"}
)
"""The columns that hold whole numbers."""


class Engine(Protocol):
    """A database that understands the queries."""

    def prepare(self) -> None:
        """Make the tables and the views."""

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table.

        Args:
            table: a key of :data:`COLUMNS`.
            rows: cells in the order of the columns.
        """

    def remove(self, table: str, repository: str) -> None:
        """Remove the rows of a repository from a table of facts."""

    def transaction(self) -> AbstractContextManager[None]:
        """Return a context whose changes become durable together at its end, and vanish if it fails."""

    def rows(self, question: str) -> Sequence[Row]:
        """Return the rows of the answer to a question, which is the name of a file in ``queries``."""

    def close(self) -> None:
        """Release the database."""


def sql(question: str) -> str:
    """Return the text of a query."""
    return (files("ptgbot.contributions") / "queries" / f"{question}.sql").read_text("utf-8")
