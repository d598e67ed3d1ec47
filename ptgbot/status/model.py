"""The record of status entries: the shape of the state, and functions that read it.

The state has four tables::

    {
      "last": {"entry": 57, "matter": 3},
      "entries": {"2026-11": {"57": ENTRY, …}, …},      by month (UTC), the numbers grow and are never used again
      "matters": {"3": MATTER, …},                      alerts and plans, those that are over among them
      "sent": {"57": PROGRESS, …},                      entries on their way to rooms and publishers
      "subscribers": {KEY: [SERVICE, …], …}             people told in private; an empty list means every service
    }

An entry is never removed and its text never changes; it may be marked as ``withdrawn`` by its author or ``hidden`` by
trusted people. A month is a table of its own, so that the cost of a new entry does not grow with the years.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Generic, TypeVar, cast

from attrs import frozen

from ptgbot.store.edits import Json, Tree

T = TypeVar("T")

PUBLISH: Final = "status.publish"
"""The kind of delivered effects to publishers; the network of each row is the name of a publisher.

The body is ``{"what": WHAT, "entry": ENTRY, "matter": MATTER}`` with the public forms of :func:`public_entry` and
:func:`public_matter`; ``matter`` is null for an entry about none. WHAT is the entry's kind, ``undo`` if it was
withdrawn, or ``hide``.
"""
RANK: Final = 80
"""Rank of the layer of alerts on topics, above those of meetings."""


class EntryKind(enum.StrEnum):
    """The kind of an entry."""

    ALERT = "alert"
    NOTICE = "notice"
    LOG = "log"
    UPDATE = "update"
    OK = "ok"
    AFTER = "after"
    """A review of an alert that is over."""
    PLAN = "plan"
    """A plan was made, moved, extended, cancelled, begun or ended; ``state`` says which."""
    SUCCESS = "success"
    THANKS = "thanks"


SMALL: Final = (EntryKind.SUCCESS, EntryKind.THANKS)
"""Kinds of entries that everybody may make."""


class State(enum.StrEnum):
    """The state of an alert or a plan."""

    OPEN = "open"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


OPEN_ALERT: Final = (State.OPEN, State.IDENTIFIED, State.MONITORING)
OPEN_PLAN: Final = (State.PLANNED, State.RUNNING)
OPEN: Final = frozenset((*OPEN_ALERT, *OPEN_PLAN))


class ServiceState(enum.StrEnum):
    """The state of a service, in the words of Statuspage's components."""

    OPERATIONAL = "operational"
    MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded_performance"
    OUTAGE = "major_outage"


@frozen
class Entry:
    """One entry of the record."""

    number: int
    row: Mapping[str, Any]
    """Keys: kind, text, who (name, key, account), where (network, id, room; ``shown`` false for a room that must not
    be named), at, group, public, and where they apply about, state, services, to (people thanked), links (whether
    addresses in the text may become links), was (values of the matter before), withdrawn and hidden (moments)."""

    @property
    def kind(self) -> EntryKind:
        """Its kind."""
        return EntryKind(self.row["kind"])

    @property
    def at(self) -> datetime:
        """When it was made (UTC)."""
        return datetime.fromisoformat(self.row["at"])

    @property
    def key(self) -> str:
        """Key of the author; empty after somebody asked to be forgotten, and for entries that the clock made."""
        return str(self.row.get("who", {}).get("key", ""))

    @property
    def about(self) -> int | None:
        """Number of its alert or plan."""
        return cast("int | None", self.row.get("about"))

    @property
    def public(self) -> bool:
        """Whether pages, feeds, files and publishers may show it."""
        return bool(self.row["public"]) and "hidden" not in self.row


@frozen
class Matter:
    """An alert or a plan."""

    number: int
    row: Mapping[str, Any]
    """Keys: kind (``alert`` or ``plan``), text, state, services, group, public, who, where, at, touched, asked (how
    often somebody was asked about it: 0 to 2), entries (numbers with their months: ``MONTH/NUMBER``), and for plans
    start, end, uid, sequence, reminded."""

    @property
    def state(self) -> State:
        """Its state."""
        return State(self.row["state"])

    @property
    def is_plan(self) -> bool:
        """Whether it is a plan."""
        return bool(self.row["kind"] == "plan")

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state in OPEN

    @property
    def public(self) -> bool:
        """Whether pages, feeds, files and publishers may show it."""
        return bool(self.row["public"]) and "hidden" not in self.row

    @property
    def began(self) -> int:
        """Number of the entry that began it."""
        return int(str(self.row["entries"][0]).partition("/")[2])

    def moment(self, key: str) -> datetime:
        """Return one of its moments: at, touched, start or end (UTC)."""
        return datetime.fromisoformat(self.row[key])


def empty() -> Tree:
    """Return the state before the first entry."""
    return {"last": {"entry": 0, "matter": 0}, "entries": {}, "matters": {}, "sent": {}, "subscribers": {}}


def months(tree: Tree) -> list[str]:
    """Return the months that have entries, such as ``2026-11``, the newest first."""
    return sorted(_entries(tree), reverse=True)


def entries_of(tree: Tree, month: str) -> Iterator[Entry]:
    """Yield the entries of a month, the newest first."""
    for number, row in reversed(_entries(tree).get(month, {}).items()):
        yield Entry(int(number), row)


def every_entry(tree: Tree) -> Iterator[Entry]:
    """Yield all entries, the newest first."""
    for month in months(tree):
        yield from entries_of(tree, month)


def entry_place(tree: Tree, number: int) -> tuple[str, str, str] | None:
    """Return the place of an entry in the state, None if there is none."""
    tables = _entries(tree)
    found = (month for month in months(tree) if str(number) in tables[month])
    month = next(found, None)
    return ("entries", month, str(number)) if month else None


def entry_at(tree: Tree, place: tuple[str, str, str]) -> Entry:
    """Return the entry at a place of the state."""
    return Entry(int(place[2]), _entries(tree)[place[1]][place[2]])


def matter(tree: Tree, number: int) -> Matter | None:
    """Return an alert or plan, None if there is none with this number."""
    row = _matters(tree).get(str(number))
    return Matter(number, row) if row is not None else None


def matters(tree: Tree) -> list[Matter]:
    """Return all alerts and plans, the newest first."""
    return [Matter(int(number), row) for number, row in reversed(_matters(tree).items())]


def open_alerts(tree: Tree) -> list[Matter]:
    """Return the alerts that are not over, the newest first."""
    return [one for one in _open(_matters(tree)) if not one.is_plan]


def open_plans(tree: Tree) -> list[Matter]:
    """Return the plans that are not over, the earliest start first."""
    return sorted((one for one in _open(_matters(tree)) if one.is_plan), key=lambda one: one.moment("start"))


def public_entries(tree: Tree, month: str = "") -> Iterator[Entry]:
    """Yield the entries that everybody may see, of a month or all, the newest first."""
    return (one for one in (entries_of(tree, month) if month else every_entry(tree)) if one.public)


class OfTable(Generic[T]):
    """A value that is computed of a table of the state, anew only if the table has changed.

    The tables of a state are never changed in place, so the same table means the same contents.
    """

    def __init__(self, make: Callable[[Mapping[str, Any]], T]) -> None:
        self._make = make
        self._known: tuple[Mapping[str, Any], T] | None = None

    def __call__(self, table: Mapping[str, Any]) -> T:
        """Return the value of a table."""
        known = self._known
        if known is None or known[0] is not table:
            known = self._known = (table, self._make(table))
        return known[1]


_open: Final = OfTable[list[Matter]](
    lambda table: [Matter(int(number), row) for number, row in [*table.items()][::-1] if row["state"] in OPEN]
)
"""The alerts and plans that are not over, the newest first. Those that are over must not cost anything later."""


class ByMonth(Generic[T]):
    """A value that is computed of the entries of each month, anew only for months that have changed.

    It relies on tables as :class:`OfTable` does.
    """

    def __init__(self, make: Callable[[list[Entry]], T]) -> None:
        self._make = make
        self._known: dict[str, tuple[Mapping[str, Any], T]] = {}

    def __call__(self, tree: Tree, month: str) -> T:
        """Return the value of a month, made of its entries, the newest first."""
        table = _entries(tree)[month]
        known = self._known.get(month)
        if known is None or known[0] is not table:
            known = self._known[month] = (table, self._make([*entries_of(tree, month)]))
        return known[1]


def timeline(tree: Tree, one: Matter) -> list[Entry]:
    """Return the entries about an alert or plan, the newest first."""
    tables = _entries(tree)
    places = (place.split("/") for place in reversed(one.row["entries"]))
    return [Entry(int(number), tables[month][number]) for month, number in places if number in tables.get(month, {})]


def service_states(services: Iterable[str], found: Iterable[Matter]) -> dict[str, ServiceState]:
    """Return the state of each service, as open alerts and running plans say.

    Args:
        services: names of all services.
        found: alerts and plans that count.
    """
    states = dict.fromkeys(services, ServiceState.OPERATIONAL)
    order = list(ServiceState)
    for one in found:
        said = _SAYS.get(one.state)
        for name in one.row["services"]:
            if said and name in states and order.index(said) > order.index(states[name]):
                states[name] = said
    return states


_SAYS: Final = {
    State.OPEN: ServiceState.OUTAGE,
    State.IDENTIFIED: ServiceState.OUTAGE,
    State.MONITORING: ServiceState.DEGRADED,
    State.RUNNING: ServiceState.MAINTENANCE,
}


def public_entry(one: Entry) -> Tree:
    """Return an entry in the form that everybody may see: without keys, accounts and rooms that must not be named."""
    row, where = one.row, one.row["where"]
    shown: Tree = {
        "number": one.number,
        "kind": row["kind"],
        "text": row["text"],
        "who": row.get("who", {}).get("name", ""),
        "network": where["network"] if where.get("shown", True) else "",
        "room": where["room"] if where.get("shown", True) else "",
        "at": row["at"],
        "links": bool(row.get("links")),
        "withdrawn": "withdrawn" in row,
    }
    for key in ("about", "state", "services", "to"):
        if row.get(key) not in (None, []):
            shown[key] = row[key]
    return shown


def public_matter(tree: Tree, one: Matter, most: int = 30) -> Tree:
    """Return an alert or plan in the form that everybody may see, with its newest entries, the newest first."""
    row = one.row
    shown: Tree = {"number": one.number, "by": row.get("who", {}).get("name", ""), "first": row["entries"][0]}
    for key in ("kind", "text", "state", "services", "at", "touched", "start", "end", "uid", "sequence", "over"):
        if key in row:
            shown[key] = row[key]
    entries: list[Json] = [public_entry(entry) for entry in timeline(tree, one) if entry.public]
    shown["entries"] = entries[:most]
    return shown


def _entries(tree: Tree) -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", tree["entries"])


def _matters(tree: Tree) -> dict[str, Any]:
    return cast("dict[str, Any]", tree["matters"])
