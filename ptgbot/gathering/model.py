"""The gathering as an object: typed access to its part of the state. Never changes anything."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from attrs import frozen

from ptgbot.chat.text import fold
from ptgbot.gathering.remember import Names, remembered
from ptgbot.store.edits import Tree

ROOM_INFO = ("url", "desc", "cap_icon", "cap_desc")
"""Keys of a room in the schedule that are not slots."""
LEVELS = ("info", "success", "warning", "danger")
TRACK_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
YEARS = range(1900, 9000)
"""Years of times that we reckon with; near the ends of the calendar a change of zone leaves it."""
PER_TRACK = ("now", "next", "location", "etherpads", "urls", "colors")
"""Objects that hold something for each track."""


def empty() -> Tree:
    """Return a gathering in which nothing has happened yet."""
    return {
        "eventid": "",
        "title": "",
        "timezone": "",
        "dates": {},
        "voice": 0,
        "links": {},
        "motd": [],
        "tracks": {},
        "slots": {},
        "schedule": {},
        "now": {},
        "next": {},
        "location": {},
        "etherpads": {},
        "urls": {},
        "colors": {},
        "last_check_in": {},
        "subscriptions": {},
        "ptgbot": {"now_since": {}, "moderators": {}, "told_pattern": {}},
    }


def complete(tree: Tree) -> None:
    """Add what a state of an earlier version lacks."""
    for key, value in empty().items():
        here = tree.setdefault(key, value)
        if key == "ptgbot" and isinstance(here, dict) and isinstance(value, dict):
            for inner, default in value.items():
                here.setdefault(inner, default)


@frozen
class Motd:
    """One message of the day."""

    level: str
    message: str


@frozen
class CheckIn:
    """Where somebody said they are, and since when."""

    key: str
    nick: str
    location: str
    since: datetime | None
    until: datetime | None

    @property
    def present(self) -> bool:
        """Not checked out."""
        return self.until is None


def utc(text: object) -> datetime | None:
    """Read a time as the state holds it (``YYYY-MM-DD HH:MM:SS``, UTC); None for anything else."""
    return _utc(str(text))


@functools.lru_cache(1 << 14)
def _utc(text: str) -> datetime | None:
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year in YEARS else None


def utc_text(at: datetime) -> str:
    """Write a time as the state holds it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@frozen
class Gathering:
    """What is known of the event. A view: it holds the tree it was given, and shows it typed."""

    tree: Tree

    def _object(self, key: str) -> dict[str, Any]:
        return cast("dict[str, Any]", self.tree[key])

    def _texts(self, key: str) -> dict[str, str]:
        return cast("dict[str, str]", self.tree[key])

    @property
    def eventid(self) -> str:
        """Identifier of the event, part of etherpad addresses."""
        return cast("str", self.tree["eventid"])

    @property
    def title(self) -> str:
        """Name of the event, else its identifier."""
        return cast("str", self.tree["title"]) or self.eventid

    @property
    def timezone(self) -> str:
        """IANA zone that the state itself names; empty if none."""
        return cast("str", self.tree["timezone"])

    @property
    def voice_required(self) -> bool:
        """Whether track commands need a voice."""
        return bool(self.tree["voice"])

    @property
    def tracks(self) -> list[str]:
        """Names of all tracks, sorted."""
        return list(_sorted(self._object("tracks")))

    def has_track(self, name: str) -> bool:
        """Say whether there is a track of exactly that name."""
        return name in self._object("tracks")

    @property
    def links(self) -> dict[str, str]:
        """Title to URL, as typed."""
        return self._texts("links")

    @property
    def dates(self) -> dict[str, str]:
        """Day name to ISO date, as typed."""
        return self._texts("dates")

    @property
    def motd(self) -> list[Motd]:
        """Messages of the day, in order."""
        return [Motd(item["level"], item["message"]) for item in cast("list[dict[str, str]]", self.tree["motd"])]

    @property
    def days(self) -> dict[str, list[dict[str, Any]]]:
        """Day name to its slots as the file has them, in order."""
        return cast("dict[str, list[dict[str, Any]]]", self.tree["slots"])

    @property
    def slot_names(self) -> list[str]:
        """Names of all slots of all days, in order."""
        return [slot["name"] for slots in self.days.values() for slot in slots]

    @property
    def rooms(self) -> list[str]:
        """Names of all rooms, in the order of the file."""
        return list(self._object("schedule"))

    def bookings(self, room: str) -> dict[str, str]:
        """Return slot name to track for a room; free slots have an empty text, closed ones are missing."""
        cells = cast("dict[str, str]", self._object("schedule").get(room, {}))
        return {slot: track for slot, track in cells.items() if slot not in ROOM_INFO}

    def room_info(self, room: str) -> dict[str, str]:
        """Return what is said about a room: url, desc, cap_icon, cap_desc."""
        cells = cast("dict[str, str]", self._object("schedule").get(room, {}))
        return {key: cells[key] for key in ROOM_INFO if cells.get(key)}

    def booked(self) -> Iterator[tuple[str, str, str]]:
        """Yield room, slot and track of everything booked."""
        for room in self.rooms:
            for slot, track in self.bookings(room).items():
                if track:
                    yield room, slot, track

    def rooms_held(self, slot: str, track: str) -> list[str]:
        """Return the rooms that a track holds in a slot, in the order of the file; those that are free for ``""``."""
        return list(_holders(self._object("schedule")).get((slot, track), ()))

    def now(self, track: str) -> str | None:
        """Return what the track discusses now."""
        return self._texts("now").get(track)

    def next(self, track: str) -> list[str]:
        """Return what the track will discuss next, in order."""
        return cast("list[str]", self._object("next").get(track, []))

    def per_track(self, key: str) -> Mapping[str, Any]:
        """Return one of the objects named in :data:`PER_TRACK`."""
        return self._object(key)

    def now_since(self, track: str) -> datetime | None:
        """Return since when the present topic is discussed."""
        return utc(cast("dict[str, str]", self._object("ptgbot")["now_since"]).get(track))

    @property
    def moderators(self) -> dict[str, list[str]]:
        """Account or Matrix id to the tracks it moderates; an empty list means all."""
        return cast("dict[str, list[str]]", self._object("ptgbot")["moderators"])

    @property
    def subscriptions(self) -> dict[str, str | None]:
        """Key of a person to the pattern they subscribed to."""
        return cast("dict[str, str | None]", self.tree["subscriptions"])

    @property
    def told_patterns(self) -> dict[str, str]:
        """Key of a person to the pattern of which they were told that it can't be read."""
        return cast("dict[str, str]", self._object("ptgbot")["told_pattern"])

    @property
    def check_ins(self) -> list[CheckIn]:
        """Everybody who ever checked in, by key."""
        return list(_check_ins(self._object("last_check_in")))

    def check_in_of(self, key: str) -> CheckIn | None:
        """Return the check-in under a key, None where there is none."""
        raw = self._object("last_check_in").get(key)
        return None if raw is None else check_in(key, raw)

    def check_ins_named(self, name: str, casemapping: str) -> list[CheckIn]:
        """Return the check-ins of people of that name, by key: of IRC and Matrix, with or without ``@`` and server."""
        table = self._object("last_check_in")
        keys = _called(casemapping).find(table, fold(name.removeprefix("@"), casemapping))
        return [check_in(key, table[key]) for key in sorted(keys)]

    def find_key(self, table: str, key: str, casemapping: str) -> str:
        """Return the key under which a person stands in a table; their own key where they do not.

        A file of the original has lower-cased keys, so two spellings of one IRC nick may differ in ``[]\\~``.
        """
        people = self._object(table)
        if key in people:
            return key
        found = _folded(table, casemapping).find(people, fold(key, casemapping))
        if len(found) > 1:
            return next(other for other in people if other in found)
        return found[0] if found else key


def check_in(key: str, raw: Mapping[str, Any]) -> CheckIn:
    """Return a check-in as the state holds it."""
    nick, location = raw.get("nick"), raw.get("location")
    gone = raw.get("out")
    return CheckIn(
        key,
        nick if isinstance(nick, str) and nick else key,
        location if isinstance(location, str) else "",
        utc(raw.get("in")),
        utc(gone) or (datetime.min.replace(tzinfo=UTC) if gone else None),
    )


@remembered
def _sorted(names: Mapping[str, Any]) -> Sequence[str]:
    return sorted(names)


@frozen(eq=False)
class _CheckIns:
    """A table of check-ins, read. The next table is read from this one, at a cost for what differs."""

    table: Mapping[str, Mapping[str, Any]]
    by_key: Mapping[str, CheckIn]

    def moved_to(self, table: Mapping[str, Mapping[str, Any]]) -> _CheckIns:
        before, known = self.table, self.by_key
        fresh = {key: check_in(key, raw) for key, raw in table.items() if before.get(key) is not raw}
        return _CheckIns(table, {key: fresh.get(key) or known[key] for key in sorted(table)})


_latest_check_ins = [_CheckIns({}, {})]
"""The check-ins that were asked for last. PersonalData them changes no answer."""


def _check_ins(table: Mapping[str, Mapping[str, Any]]) -> Iterable[CheckIn]:
    (latest,) = _latest_check_ins
    if latest.table is not table:
        latest = _latest_check_ins[0] = latest.moved_to(table)
    return latest.by_key.values()


@remembered
def _holders(schedule: Mapping[str, Mapping[str, str]]) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return slot and track to rooms: looking through every room for each question is quadratic."""
    rooms: dict[tuple[str, str], list[str]] = {}
    for room, cells in schedule.items():
        for slot, track in cells.items():
            if slot not in ROOM_INFO:
                rooms.setdefault((slot, track), []).append(room)
    return rooms


@functools.cache
def _folded(table: str, casemapping: str) -> Names:
    """Return the keys of a table as a network compares them."""
    return Names(lambda key, _: (fold(key, casemapping),))


@functools.cache
def _called(casemapping: str) -> Names:
    """Return the names by which people are looked for who have checked in."""
    return Names(lambda key, raw: _names(check_in(key, raw), casemapping))


def _names(one: CheckIn, casemapping: str) -> set[str]:
    key = fold(one.key.removeprefix("@"), casemapping)
    names = {key, fold(one.nick.removeprefix("@"), casemapping), key.partition("@")[0]}
    if one.key.startswith("@"):
        names.add(key.partition(":")[0])
    return names
