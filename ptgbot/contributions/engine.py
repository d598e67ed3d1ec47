"""Where facts are kept and counted: an engine runs the queries in the folder ``queries``, a file for each question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Final, Protocol

Value = str | int | float | None
"""A cell of a table."""
Row = Sequence[Value]

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "commits": (
        *("repository", "sha", "authored", "committed", "added", "deleted", "files", "renames"),
        *("foreign_added", "foreign_deleted", "foreign_files", "subject", "change_id"),
    ),
    "authors": ("repository", "sha", "position", "name", "email"),
    "mentions": ("repository", "sha", "kind", "name"),
    "branches": ("repository", "sha", "branch"),
    "heads": ("repository", "branch", "sha"),
    "changes": (
        *("repository", "change_key", "branch", "account", "name", "email", "status", "subject"),
        *("created", "updated", "merged"),
    ),
    "patch_sets": ("repository", "change_key", "patch_set", "account", "name", "email", "created"),
    "votes": (
        *("repository", "change_key", "patch_set", "account", "name", "email", "label", "score", "moment", "is_own"),
    ),
    "comments": ("repository", "change_key", "patch_set", "account", "name", "email", "moment", "is_own"),
    "messages": ("repository", "id", "name", "email", "subject", "track", "moment"),
    "talks": ("repository", "record", "account", "name", "track", "kind", "moment"),
    "identities": ("account", "name", "email", "user_id"),
    "people": ("user_id", "name", "is_known"),
    "employers": ("user_id", "since", "until", "company"),
    "releases": ("since", "until", "release"),
    "tagged": ("repository", "sha", "release"),
    "merged": ("repository", "sha", "moment"),
    "modules": ("repository", "module", "organisation"),
    "scopes": ("kind", "scope", "name", "tag", "part", "release", "place"),
    "corrections": ("sha", "email", "added", "deleted", "loc", "moment", "release", "user_id", "company"),
    "options": ("date_of", "split", "co_robots", "mass_renames"),
}
"""The columns of each table, in the order of its rows."""
TEXTS: Final = frozenset(
    {
        *("repository", "sha", "subject", "change_id", "name", "email", "kind", "branch", "change_key", "account"),
        *("status", "label", "id", "track", "user_id", "company", "release", "module", "organisation", "date_of"),
        *("scope", "tag", "part"),
    }
)
"""The columns that hold text; the others hold whole numbers."""
RULES: Final = (
    *("identities", "people", "employers", "releases", "tagged", "merged", "modules", "scopes"),
    *("corrections", "options"),
)
"""The tables that are made anew from the list of people."""
DERIVED: Final = (
    *("records", "opened", "uploads", "reviews", "remarks", "letters", "talked", "assisted", "referred", "scopes"),
)
"""The views that a snapshot keeps as tables; the questions of readers look at nothing else and at ``people``."""
TALLIED: Final[Mapping[str, str]] = {
    "daily": "release, module, company, user_id, day",
    "moves": "user_id, moment",
    "named": "kind, name",
    "sums_of_people": "metric, company, user_id",
    "sums_of_votes": "kind, score, company, user_id",
    "sums_of_efforts": "kind, name",
    "sums_of_days": "metric, release, day",
}
"""The views over these that a snapshot keeps as tables, too, because many questions look at them, and their order.

Rows of a release stand together, so that a question about one release reads only a part of the table.
"""
STATEMENTS: Final = frozenset({"schema", "views", "marks", "form"})
"""The files in ``queries`` that are no questions about facts."""


class Unusable(ValueError):
    """A database cannot be opened: it is damaged, or its server cannot be reached."""


class Reader(Protocol):
    """A database that answers questions."""

    def rows(self, question: str, *values: Value) -> Sequence[Row]:
        """Return the rows of the answer to a question.

        Args:
            question: the name of a file in ``queries``.
            values: those for the question marks in it, in their order.
        """

    def derived(self, view: str) -> Iterator[Row]:
        """Yield the rows of one of the views in :data:`DERIVED`, or of ``people``, in the order of :func:`columns`."""

    def columns(self, view: str) -> Sequence[str]:
        """Return the names of the columns of a view."""

    def close(self) -> None:
        """Release the database."""


class Engine(Reader, Protocol):
    """A database that keeps facts and understands the queries."""

    def prepare(self) -> None:
        """Make the tables and the views."""

    def drop(self, table: str) -> None:
        """Remove a table, and the views that use it."""

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table.

        Args:
            table: a key of :data:`COLUMNS`.
            rows: cells in the order of the columns.
        """

    def remove(self, table: str, **where: Value) -> None:
        """Remove the rows of a table whose columns have the given values, all rows if none is given."""

    def transaction(self) -> AbstractContextManager[None]:
        """Return a context whose changes become durable together at its end, and vanish if it fails."""


def sql(question: str) -> str:
    """Return the text of a query."""
    return (files("ptgbot.contributions") / "queries" / f"{question}.sql").read_text("utf-8")


def questions() -> Sequence[str]:
    """Return the names of all questions. Those of the pages, in a folder of their own, are asked of snapshots only."""
    found = (path.name for path in (files("ptgbot.contributions") / "queries").iterdir())
    names = (name.removesuffix(".sql") for name in found if name.endswith(".sql"))
    return sorted(name for name in names if name not in STATEMENTS)


def whole(cell: Value) -> Value:
    """Return a cell whose number is whole if it can be; a part of a commit has two decimals.

    It is rounded twice: sums of parts differ in their last digits from count to count, depending on their order.
    """
    if not isinstance(cell, float):
        return cell
    if cell.is_integer():
        return int(cell)
    rounded = round(round(cell, 6), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def condition(where: Mapping[str, Value], mark: str) -> str:
    """Return the condition of a statement for columns and their values, with a mark in place of each value."""
    return f" WHERE {' AND '.join(f'{name} = {mark}' for name in where)}" if where else ""
