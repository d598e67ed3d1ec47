"""Regular meetings from a calendar (RFC 5545): which meeting comes when, in which room, with which agenda.

The repetitions are computed in the local time of each event, so a meeting stays at its hour when summer time begins.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

import icalendar
from attrs import frozen

from ptgbot.chat.text import clean, fold, short
from ptgbot.meetings.agenda import Point, point, points_of
from ptgbot.meetings.repeating import Repetition
from ptgbot.store.edits import Tree
from ptgbot.store.export import Unreadable

AHEAD: Final = timedelta(days=62)
"""How far into the future meetings are known."""
MOST_AHEAD: Final = 200
"""Meetings that are known at a time."""
_MOST_EVENTS = 1000
_EARLIEST = 1990
_DEFAULT_MINUTES, _MOST_MINUTES = 60, 24 * 60
_LONGEST_NAME = 100


@frozen
class Planned:
    """A meeting that will come."""

    start: datetime
    """When it begins (UTC, aware)."""
    name: str
    room: str
    """The room as the configuration or the calendar names it."""
    minutes: int = _DEFAULT_MINUTES
    """Its planned length."""
    agenda: tuple[Point, ...] = ()

    @property
    def id(self) -> str:
        """What tells it from every other one."""
        return f"{self.start:%Y-%m-%dT%H:%MZ} {self.room} {self.name}"

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {
            "name": self.name,
            "room": self.room,
            "start": f"{self.start:%Y-%m-%dT%H:%M:%SZ}",
            "minutes": self.minutes,
            "agenda": [str(one) for one in self.agenda],
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Planned:
        """Parse the form that :meth:`to_json` returns."""
        agenda = tuple(map(point, tree["agenda"]))
        return cls(datetime.fromisoformat(tree["start"]), tree["name"], tree["room"], tree["minutes"], agenda)


def planned(
    raw: bytes, rooms: Mapping[str, str], now: datetime, zone: tzinfo = UTC, ahead: timedelta = AHEAD
) -> list[Planned]:
    """Return the meetings of a calendar that have not ended yet, the next one first.

    Args:
        raw: the contents of an ``.ics`` file.
        rooms: the room of each meeting by its name in the calendar. A meeting that is not in it takes place in the
            room that its ``LOCATION`` names, such as ``#nova``; without a room it is left out.
        now: the present moment (UTC, aware).
        zone: the zone of times that name none.
        ahead: how far to look into the future.

    Raises:
        Unreadable: the contents are not a calendar, or have too many events.
    """
    events = _events(raw)
    moved = {(_uid(event), _moment(event, "RECURRENCE-ID", zone)) for event in events if "RECURRENCE-ID" in event}
    folded = {fold(name): room for name, room in rooms.items()}
    found = [
        one
        for event in events
        if (room := _room(event, folded))
        for one in _each(event, room, moved, (now, now + ahead), zone)
    ]
    return sorted(found, key=lambda one: (one.start, one.room, one.name))[:MOST_AHEAD]


def _events(raw: bytes) -> list[icalendar.Component]:
    if raw.upper().count(b"BEGIN:") > 3 * _MOST_EVENTS:
        raise Unreadable(f"the calendar has more than {_MOST_EVENTS} events.")
    try:
        calendars = icalendar.Calendar.from_ical(raw, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable("it is not a calendar.") from error
    if not calendars:
        raise Unreadable("it is not a calendar.")
    if len(events) > _MOST_EVENTS:
        raise Unreadable(f"the calendar has more than {_MOST_EVENTS} events.")
    return events


def _uid(event: icalendar.Component) -> str:
    return str(event.get("UID", ""))


def _text(event: icalendar.Component, name: str) -> str:
    value = event.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _room(event: icalendar.Component, rooms: Mapping[str, str]) -> str:
    chosen = rooms.get(fold(clean(_text(event, "SUMMARY"))))
    if chosen is not None:
        return chosen
    words = _text(event, "LOCATION").replace(",", " ").split()
    return next((word.rstrip(".;)") for word in words if word.startswith("#") and len(word) > 1), "")


def _each(
    event: icalendar.Component,
    room: str,
    moved: set[tuple[str, datetime | None]],
    window: tuple[datetime, datetime],
    zone: tzinfo,
) -> Iterator[Planned]:
    """Yield the meetings of one event; an event that cannot be understood has none."""
    name = short(clean(_text(event, "SUMMARY")), _LONGEST_NAME)
    if not name or _text(event, "STATUS").upper() == "CANCELLED":
        return
    try:
        minutes, starts = _minutes(event, zone), _starts(event, window, zone)
        is_override = "RECURRENCE-ID" in event
        for start in starts:
            ends = start + timedelta(minutes=minutes)
            if window[0] < ends and start < window[1] and (is_override or (_uid(event), start) not in moved):
                yield Planned(start, name, room, minutes, points_of(_text(event, "DESCRIPTION")))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        # One bad entry must not hide the others.
        return


def _local(value: Any, zone: tzinfo) -> datetime | None:
    """Return a date-time of a calendar with its zone, None for a whole day."""
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _moment(event: icalendar.Component, name: str, zone: tzinfo) -> datetime | None:
    value = event.get(name)
    local = _local(getattr(value, "dt", None), zone)
    return local.astimezone(UTC) if local else None


def _minutes(event: icalendar.Component, zone: tzinfo) -> int:
    start, end = _moment(event, "DTSTART", zone), _moment(event, "DTEND", zone)
    length = getattr(event.get("DURATION"), "dt", None) or (end - start if start and end else None)
    minutes = int(length.total_seconds() // 60) if isinstance(length, timedelta) else _DEFAULT_MINUTES
    return min(minutes, _MOST_MINUTES) if minutes > 0 else _DEFAULT_MINUTES


def _starts(event: icalendar.Component, window: tuple[datetime, datetime], zone: tzinfo) -> Iterator[datetime]:
    first = _local(getattr(event.get("DTSTART"), "dt", None), zone)
    if first is None or first.year < _EARLIEST:
        return
    own = first.tzinfo or zone
    without = set(_dates(event, "EXDATE", own))
    more = [value.astimezone(UTC) for value in _dates(event, "RDATE", own) if isinstance(value, datetime)]
    seen: set[datetime] = set()
    for local in itertools.chain([first], _repeated(event, first, window[1])):
        start = local.astimezone(UTC)
        if start not in seen and start not in without and local.date() not in without:
            seen.add(start)
            yield start
    yield from (start for start in dict.fromkeys(more) if start not in seen and start not in without)


def _dates(event: icalendar.Component, name: str, zone: tzinfo) -> Iterator[datetime | date]:
    """Yield the moments (UTC), and the whole days, of a list of dates."""
    values = event.get(name, [])
    for value in values if isinstance(values, list) else [values]:
        for one in getattr(value, "dts", [])[:_MOST_EVENTS]:
            local = _local(one.dt, zone)
            if local:
                yield local.astimezone(UTC)
            elif isinstance(one.dt, date):
                yield one.dt


def _repeated(event: icalendar.Component, first: datetime, horizon: datetime) -> Iterator[datetime]:
    """Yield the repetitions in local time, until the horizon."""
    rule = event.get("RRULE")
    if rule is None or isinstance(rule, list):
        return
    repetition = Repetition.parse(rule)
    if repetition is None:
        return
    ends, until = horizon.astimezone(first.tzinfo), _one(rule, "UNTIL", None)
    if isinstance(until, datetime):
        ends = min(ends, until.astimezone(first.tzinfo) if until.tzinfo else until.replace(tzinfo=first.tzinfo))
    elif isinstance(until, date):
        ends = min(ends, datetime.combine(until, time.max, first.tzinfo))
    # The first date counts as the first one even if the rule does not match it.
    days = dict.fromkeys(itertools.chain([first.date()], repetition.days(first.date(), ends.date())))
    for day in itertools.islice(days, int(_one(rule, "COUNT", 0)) or None):
        local = datetime.combine(day, first.time(), first.tzinfo)
        if local <= ends:
            yield local


def _one(rule: Mapping[str, Any], name: str, default: Any) -> Any:
    value = rule.get(name, default)
    return value[0] if isinstance(value, list) and value else value
