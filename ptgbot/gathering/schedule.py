"""Questions about time and rooms: which day is today, which slot is running, where a track meets, what is free."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from ptgbot.chat.text import fold
from ptgbot.gathering.model import ROOM_INFO, YEARS, Gathering
from ptgbot.gathering.remember import remembered

TOGETHER = " + "
"""Stands between the tracks that share a room, where one text tells them all."""
_TIMES = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?:\s*[-\u2013\u2014]\s*(\d{1,2}):(\d{2}))?(?![\d:])")
_HOUR = timedelta(minutes=60)
_BREAK = timedelta(minutes=15)
"""The longest break within a session of a track."""
_LONGEST_NIGHT = timedelta(hours=12)
"""If the end in a description is earlier than its start, it means the next day, for slots up to this length."""
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@frozen
class Slot:
    """A stretch of time on a day in which rooms can be booked."""

    name: str
    desc: str
    day: str
    start: datetime | None = None
    end: datetime | None = None

    def runs(self, at: datetime) -> bool:
        """Say whether the slot is running at a moment."""
        return bool(self.start and self.end and self.start <= at < self.end)

    def over(self, at: datetime) -> bool:
        """Say whether the slot has ended at a moment."""
        return bool(self.end and self.end <= at)


@frozen
class Day:
    """A day of the gathering with its slots in order."""

    name: str
    date: date | None
    slots: tuple[Slot, ...]


@functools.lru_cache(256)
def zone_named(name: str) -> ZoneInfo | None:
    """Return an IANA time zone, None if there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None
    except KeyError:
        return None


def zone_of(gathering: Gathering, default: str = "UTC") -> tzinfo:
    """Return the time zone of the gathering: its own, else ``default``, else UTC."""
    return zone_named(gathering.timezone or default) or zone_named(default) or UTC


def _iso_date(text: object) -> date | None:
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def realtime(raw: dict[str, Any], zone: tzinfo) -> datetime | None:
    """Return the start in a slot's ``realtime``, None if it has none. A time without zone is in ``zone``."""
    at = _instant(str(raw.get("realtime") or ""))
    return at if at is None or at.tzinfo else at.replace(tzinfo=zone)


@functools.lru_cache(4096)
def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.year in YEARS else None


@functools.lru_cache(4096)
def desc_times(desc: str) -> tuple[time | None, time | None]:
    """Return the start and the end in a slot's description (``09:00-10:45``); None for each that is missing."""
    found = _TIMES.search(desc)
    if not found:
        return None, None
    return _clock(found[1], found[2]), _clock(found[3], found[4])


def _clock(hours: str | None, minutes: str | None) -> time | None:
    if hours is None or minutes is None or int(hours) > 23 or int(minutes) > 59:
        return None
    return time(int(hours), int(minutes))


def days(gathering: Gathering, zone: tzinfo) -> list[Day]:
    """Return the days in order, with the times of their slots as far as known."""
    return list(_days(gathering.days, gathering.dates, zone))


@remembered
def _days(slots: Mapping[str, Sequence[dict[str, Any]]], dates: Mapping[str, str], zone: tzinfo) -> Sequence[Day]:
    known = [_stated_date(raw, dates.get(name), zone) for name, raw in slots.items()]
    # Somebody who wrote dates down and left one out may have meant it: only a weekday says more then.
    every = _inferred(list(slots), known, by_order=not any(map(_iso_date, dates.values())))
    return [_day(name, raw, when, zone) for (name, raw), when in zip(slots.items(), every, strict=True)]


def _stated_date(raw: Sequence[dict[str, Any]], on: str | None, zone: tzinfo) -> date | None:
    """Return the date that is written down for a day, else that of its first slot with a time of its own."""
    starts = (start for slot in raw if (start := realtime(slot, zone)))
    return _iso_date(on) or next((start.astimezone(zone).date() for start in starts), None)


def stated_dates(gathering: Gathering, zone: tzinfo) -> dict[str, date | None]:
    """Return the dates of all days as far as they are written down, by name."""
    return {name: _stated_date(raw, gathering.dates.get(name), zone) for name, raw in gathering.days.items()}


def _inferred(names: Sequence[str], known: Sequence[date | None], by_order: bool) -> list[date | None]:
    """Return the dates of all days, those that are not known worked out from their neighbours.

    The day after a known one is the next date with the weekday that its name begins with; with ``by_order`` a name that
    is no weekday means the very next date. Likewise before. A date that would not lie between those of its neighbours
    stays unknown.
    """
    found = [*known]
    weekdays = [weekday_of(name) for name in names]
    for at in range(1, len(found)):
        found[at] = found[at] or _beside(weekdays[at], found[at - 1], 1, by_order)
    for at in reversed(range(len(found) - 1)):
        found[at] = found[at] or _beside(weekdays[at], found[at + 1], -1, by_order)
    for at, when in enumerate(known):
        if when is None and not _in_order(found, at):
            found[at] = None
    return found


def _beside(weekday: int | None, neighbour: date | None, step: int, by_order: bool) -> date | None:
    if neighbour is None or (weekday is None and not by_order):
        return None
    ahead = [neighbour + timedelta(days=step * days) for days in range(1, 8)]
    return next((day for day in ahead if weekday in (None, day.weekday())), None)


def _in_order(dates: Sequence[date | None], at: int) -> bool:
    when = dates[at]
    before = [day for day in dates[:at] if day]
    after = [day for day in dates[at + 1 :] if day]
    return when is not None and all(day < when for day in before) and all(day > when for day in after)


def weekday_of(name: str) -> int | None:
    """Return the weekday that a name begins with, Monday being 0: ``Monday``, ``Tue PM``; None for another name."""
    first = re.match(r"[a-z]+", fold(name))
    word = first[0] if first else ""
    found = (number for number, weekday in enumerate(_WEEKDAYS) if len(word) > 2 and weekday.startswith(word))
    return next(found, None)


def _day(name: str, raw: Sequence[dict[str, Any]], when: date | None, zone: tzinfo) -> Day:
    starts_of = [_start(slot, when, zone) for slot in raw]
    slots = [
        Slot(slot["name"], _desc(slot), name, start, _end(slot, start, following, zone))
        for slot, start, following in zip(
            raw, starts_of, [*starts_of[1:], None], strict=False
        )  # a day may have no slot
    ]
    return Day(name, when, tuple(slots))


def _desc(raw: dict[str, Any]) -> str:
    return str(raw.get("desc") or "")


def _start(raw: dict[str, Any], when: date | None, zone: tzinfo) -> datetime | None:
    start = realtime(raw, zone)
    begins, _ = desc_times(_desc(raw))
    if start is None and when and begins:
        return datetime.combine(when, begins, zone)
    return start


def _end(raw: dict[str, Any], start: datetime | None, following: datetime | None, zone: tzinfo) -> datetime | None:
    if start is None:
        return None
    minutes = raw.get("duration")
    if isinstance(minutes, int | float) and 1 <= minutes <= 60 * 48:
        return start.astimezone(UTC) + timedelta(minutes=minutes)
    if end := _end_in_desc(_desc(raw), start.astimezone(zone), zone):
        return end
    if following and following > start:
        return following
    return start.astimezone(UTC) + _HOUR


def _end_in_desc(desc: str, start: datetime, zone: tzinfo) -> datetime | None:
    """Return the end that a description states in local time. A slot may last past midnight."""
    begins, ends = desc_times(desc)
    if begins is None or ends is None or begins == ends:
        return None
    first, last = datetime.combine(start.date(), begins), datetime.combine(start.date(), ends)
    length = (last if begins < ends else last + timedelta(days=1)) - first
    if length > _LONGEST_NIGHT and ends < begins:
        return None
    return (start.replace(tzinfo=None) + length).replace(tzinfo=zone)


def today(all_days: Sequence[Day], at: datetime, zone: tzinfo) -> Day | None:
    """Return the day with today's date; if there is none, the next day to come, else the last one.

    If no day has a date, return the day that is named like today's weekday.
    """
    local = at.astimezone(zone).date()
    dated = [day for day in all_days if day.date]
    if not dated:
        named = (day for day in all_days if weekday_of(day.name) == local.weekday())
        return next(named, all_days[0] if all_days else None)
    for day in dated:
        if day.date == local:
            return day
    coming = [day for day in dated if day.date and day.date > local]
    if coming:
        return min(coming, key=lambda day: day.date or date.max)
    return max(dated, key=lambda day: day.date or date.min)


def topic_until(slots: Iterable[Slot], since: datetime | None, at: datetime, zone: tzinfo) -> datetime | None:
    """Return when a topic ceases to be what its track discusses; None where that is not known.

    That is the end of the session in which it was set, else of the next one of that day, else the end of that day. A
    topic of which nobody knows when it was set is over with the last session of its track, unless one is still to come.

    Args:
        slots: the slots of the track, in order.
        since: moment at which the topic was set; None if unknown.
        at: the present moment.
        zone: time zone in which days end.
    """
    held = list(_sessions(slots))
    if since is None:
        return None if any(end > at for _, end in held) else max((end for _, end in held), default=None)
    midnight = midnight_after(since, zone).astimezone(UTC)
    return next((end for start, end in held if end > since and start < midnight), midnight)


def midnight_after(at: datetime, zone: tzinfo) -> datetime:
    """Return the end of the day of a moment, by the clock of a time zone."""
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time(), zone)


def _sessions(slots: Iterable[Slot]) -> Iterator[tuple[datetime, datetime]]:
    """Yield start and end (UTC) of slots in order; slots with a short break between them are one session."""
    timed = sorted((slot.start.astimezone(UTC), slot.end.astimezone(UTC)) for slot in slots if slot.start and slot.end)
    begun: datetime | None = None
    ended = datetime.min.replace(tzinfo=UTC)
    for start, end in timed:
        if begun is not None and start > ended + _BREAK:
            yield begun, ended
            begun = None
        begun, ended = begun or start, max(ended, end)
    if begun is not None:
        yield begun, ended


@frozen
class Calendar:
    """The gathering at a moment, for all questions about time."""

    gathering: Gathering
    at: datetime
    zone: tzinfo
    days: tuple[Day, ...]
    today: Day | None

    @classmethod
    def of(cls, gathering: Gathering, at: datetime, default_zone: str = "UTC") -> Calendar:
        """Return the calendar of a gathering at a moment (aware).

        ``default_zone`` counts if the gathering names no zone.
        """
        zone = zone_of(gathering, default_zone)
        every = tuple(days(gathering, zone))
        return cls(gathering, at, zone, every, today(every, at, zone))

    @property
    def slots(self) -> Iterator[Slot]:
        """All slots of all days, in order."""
        return (slot for day in self.days for slot in day.slots)

    def slot(self, name: str) -> Slot | None:
        """Return the slot with this name in any case, None if there is none. A name in the same case is preferred."""
        named = [slot for slot in self.slots if fold(slot.name) == fold(name)]
        return next((slot for slot in named if slot.name == name), named[0] if named else None)

    @property
    def current(self) -> list[Slot]:
        """Today's slots that are running."""
        return [slot for slot in (self.today.slots if self.today else ()) if slot.runs(self.at)]

    def rooms_of(self, track: str, slot: Slot) -> list[str]:
        """Return the rooms that a track has booked in a slot."""
        return self.gathering.rooms_held(slot.name, track)

    def slots_of(self, track: str) -> list[tuple[Slot, str]]:
        """Return the slots of a track with their rooms, in the order of the days."""
        return [(slot, room) for slot in self.slots for room in self.rooms_of(track, slot)]

    def automatic_location(self, track: str) -> str | None:
        """Return the room of a track by its bookings of today: the running one, else the next, else the last."""
        if not self.today:
            return None
        mine = [(slot, room) for slot in self.today.slots for room in self.rooms_of(track, slot)]
        running = [room for slot, room in mine if slot.runs(self.at)]
        coming = [room for slot, room in mine if not slot.over(self.at)]
        rooms = running or coming or [room for _, room in mine[-1:]]
        return rooms[0] if rooms else None

    def location(self, track: str) -> str | None:
        """Return where a track meets: its typed location, else by its bookings; None if neither is known."""
        typed = self.gathering.per_track("location").get(track)
        return str(typed) if typed else self.automatic_location(track)

    def free(self, day: Day) -> list[tuple[str, Slot]]:
        """Return room and slot of everything on a day that can still be booked."""
        return [
            (room, slot)
            for slot in day.slots
            if slot.name not in ROOM_INFO and not slot.over(self.at)
            for room in self.rooms_of("", slot)
        ]

    def next_change(self) -> datetime | None:
        """Return when the next slot begins or ends, or the gathering's next midnight if that is earlier."""
        edges = [edge for slot in self.slots for edge in (slot.start, slot.end) if edge and edge > self.at]
        return min([*edges, midnight_after(self.at, self.zone)], key=lambda edge: edge.astimezone(UTC))


def booking_code(room: str, slot: str) -> str:
    """Return the code to type for a booking, such as ``Ballroom A-MonP1``."""
    return f"{room}-{slot}"


def read_code(gathering: Gathering, code: str) -> tuple[str, str] | None:
    """Return the room and the slot that a typed code means, None if there are none.

    The longest matching room name wins.

    Case and the number of blanks are ignored, unless two names differ in nothing else; then the exact one wins.
    """
    typed = loose(code)
    names = dict.fromkeys(
        [*gathering.slot_names, *(slot for room in gathering.rooms for slot in gathering.bookings(room))]
    )
    slots = [name for name in names if name not in ROOM_INFO]
    for room in sorted(gathering.rooms, key=lambda room: (-len(loose(room)), not code.startswith(f"{room}-"))):
        rest = typed.removeprefix(loose(room))
        if not typed.startswith(loose(room)) or not rest.startswith((" ", "-")):
            continue
        meant = [name for name in slots if loose(name) == rest.lstrip().removeprefix("-").strip()]
        if meant:
            return room, next((name for name in meant if code.endswith(f"-{name}")), meant[0])
    return None


def loose(name: str) -> str:
    """Return a name as it is compared: case and runs of blanks do not count."""
    return fold(" ".join(name.split()))
