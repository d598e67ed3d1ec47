"""Typed access to the gathering's part of the state. It changes nothing."""

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

ROOM_INFO = ("url", "desc", "cap_icon", "cap_desc", "place", "map")
"""Keys of a room in the schedule that are not slots."""
WHOLE_SCREEN = "whole"
"""The value of ``screen`` in a message of the day that covers screens on walls entirely."""
LEVELS = ("info", "success", "warning", "danger")
TRACK_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
YEARS = range(1900, 9000)
"""Years of valid times. Near the ends of the calendar, a conversion to another zone would overflow."""
PER_TRACK = ("now", "next", "location", "etherpads", "urls", "colors", "descriptions", "contacts")
"""Objects whose keys are tracks."""


def empty() -> Tree:
    """Return the state of an empty gathering."""
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
        "room_status": {},
        "descriptions": {},
        "contacts": {},
        "last_check_in": {},
        "subscriptions": {},
        "ptgbot": {"now_since": {}, "moderators": {}, "told_pattern": {}},
    }


def complete(tree: Tree) -> None:
    """Add the keys that a state of an earlier version lacks."""
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
    whole: bool = False
    """Whether it covers screens on walls entirely."""


@frozen
class CheckIn:
    """Where and since when a person is checked in."""

    key: str
    nick: str
    location: str
    since: datetime | None
    until: datetime | None

    @property
    def present(self) -> bool:
        """Whether the person has not checked out."""
        return self.until is None


def utc(text: object) -> datetime | None:
    """Parse a time of the state (``YYYY-MM-DD HH:MM:SS``, UTC); return None for anything else."""
    return _utc(str(text))


@functools.lru_cache(1 << 14)
def _utc(text: str) -> datetime | None:
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year in YEARS else None


def utc_text(at: datetime) -> str:
    """Return a time in the form of the state (``YYYY-MM-DD HH:MM:SS``, UTC)."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@frozen
class Gathering:
    """A typed view of the gathering's part of the state."""

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
        """Title of the event; its identifier if it has none."""
        return cast("str", self.tree["title"]) or self.eventid

    @property
    def timezone(self) -> str:
        """IANA time zone that the state names; empty if it names none."""
        return cast("str", self.tree["timezone"])

    @property
    def voice_required(self) -> bool:
        """Whether track commands need a voice (``+v``)."""
        return bool(self.tree["voice"])

    @property
    def tracks(self) -> list[str]:
        """Names of all tracks, sorted."""
        return list(_sorted(self._object("tracks")))

    def has_track(self, name: str) -> bool:
        """Say whether there is a track with exactly this name."""
        return name in self._object("tracks")

    @property
    def links(self) -> dict[str, str]:
        """Addresses by their titles, as typed."""
        return self._texts("links")

    @property
    def dates(self) -> dict[str, str]:
        """ISO dates by the names of days, as typed."""
        return self._texts("dates")

    @property
    def motd(self) -> list[Motd]:
        """Messages of the day, in order."""
        items = cast("list[dict[str, str]]", self.tree["motd"])
        return [Motd(one["level"], one["message"], one.get("screen") == WHOLE_SCREEN) for one in items]

    @property
    def days(self) -> dict[str, list[dict[str, Any]]]:
        """Slots by the names of days, in order, as the file has them."""
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
        """Return the tracks by the slots of a room. A free slot has an empty text, a closed one is missing."""
        cells = cast("dict[str, str]", self._object("schedule").get(room, {}))
        return {slot: track for slot, track in cells.items() if slot not in ROOM_INFO}

    def room_info(self, room: str) -> dict[str, str]:
        """Return the description of a room (:data:`ROOM_INFO`), as far as given."""
        cells = cast("dict[str, str]", self._object("schedule").get(room, {}))
        return {key: cells[key] for key in ROOM_INFO if cells.get(key)}

    def booked(self) -> Iterator[tuple[str, str, str]]:
        """Yield room, slot and track of each booking."""
        for room in self.rooms:
            for slot, track in self.bookings(room).items():
                if track:
                    yield room, slot, track

    def rooms_held(self, slot: str, track: str) -> list[str]:
        """Return the rooms that a track has booked in a slot, in the order of the file.

        The track ``""`` means free rooms.
        """
        return list(_holders(self._object("schedule")).get((slot, track), ()))

    def now(self, track: str) -> str | None:
        """Return the present topic of a track, None if it has none."""
        return self._texts("now").get(track)

    def next(self, track: str) -> list[str]:
        """Return the next topics of a track, in order."""
        return cast("list[str]", self._object("next").get(track, []))

    def per_track(self, key: str) -> Mapping[str, Any]:
        """Return one of the objects named in :data:`PER_TRACK`."""
        return self._object(key)

    def now_since(self, track: str) -> datetime | None:
        """Return since when the present topic is discussed (UTC), None if unknown."""
        return utc(cast("dict[str, str]", self._object("ptgbot")["now_since"]).get(track))

    @property
    def moderators(self) -> dict[str, list[str]]:
        """Moderated tracks by accounts or Matrix ids; an empty list means all tracks."""
        return cast("dict[str, list[str]]", self._object("ptgbot")["moderators"])

    @property
    def subscriptions(self) -> dict[str, str | None]:
        """Patterns by the keys of people."""
        return cast("dict[str, str | None]", self.tree["subscriptions"])

    @property
    def told_patterns(self) -> dict[str, str]:
        """Patterns by the keys of people who were told that their pattern is unreadable."""
        return cast("dict[str, str]", self._object("ptgbot")["told_pattern"])

    @property
    def check_ins(self) -> list[CheckIn]:
        """All check-ins so far, sorted by key."""
        return list(_check_ins(self._object("last_check_in")))

    def check_in_of(self, key: str) -> CheckIn | None:
        """Return the check-in under a key, None if there is none."""
        raw = self._object("last_check_in").get(key)
        return None if raw is None else check_in(key, raw)

    def check_ins_named(self, name: str, casemapping: str) -> list[CheckIn]:
        """Return the check-ins of people with this name, sorted by key.

        Matrix names match with and without ``@`` and server.
        """
        table = self._object("last_check_in")
        keys = _called(casemapping).find(table, fold(name.removeprefix("@"), casemapping))
        return [check_in(key, table[key]) for key in sorted(keys)]

    def find_key(self, table: str, key: str, casemapping: str) -> str:
        r"""Return the key under which a person stands in a table, their own key if they are not in it.

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
    """Return a check-in from its form in the state. Values of the wrong type count as missing."""
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
    """A parsed table of check-ins. Parsing the next table costs only as much as differs."""

    table: Mapping[str, Mapping[str, Any]]
    by_key: Mapping[str, CheckIn]

    def moved_to(self, table: Mapping[str, Mapping[str, Any]]) -> _CheckIns:
        before, known = self.table, self.by_key
        fresh = {key: check_in(key, raw) for key, raw in table.items() if before.get(key) is not raw}
        return _CheckIns(table, {key: fresh.get(key) or known[key] for key in sorted(table)})


_latest_check_ins = [_CheckIns({}, {})]
"""The check-ins that were last asked for: a cache, which changes no answer."""


def _check_ins(table: Mapping[str, Mapping[str, Any]]) -> Iterable[CheckIn]:
    (latest,) = _latest_check_ins
    if latest.table is not table:
        latest = _latest_check_ins[0] = latest.moved_to(table)
    return latest.by_key.values()


@remembered
def _holders(schedule: Mapping[str, Mapping[str, str]]) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the rooms by slot and track. Searching all rooms for each question would be quadratic."""
    rooms: dict[tuple[str, str], list[str]] = {}
    for room, cells in schedule.items():
        for slot, track in cells.items():
            if slot not in ROOM_INFO:
                rooms.setdefault((slot, track), []).append(room)
    return rooms


@functools.cache
def _folded(table: str, casemapping: str) -> Names:
    """Return an index of a table's keys as a network compares them."""
    return Names(lambda key, _: (fold(key, casemapping),))


@functools.cache
def _called(casemapping: str) -> Names:
    """Return an index of check-ins by all names under which their people are searched."""
    return Names(lambda key, raw: _names(check_in(key, raw), casemapping))


def _names(one: CheckIn, casemapping: str) -> set[str]:
    key = fold(one.key.removeprefix("@"), casemapping)
    names = {key, fold(one.nick.removeprefix("@"), casemapping), key.partition("@")[0]}
    if one.key.startswith("@"):
        names.add(key.partition(":")[0])
    return names
