"""The schedule of a day, read from slices: its slots, rooms and bookings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from attrs import frozen
from docutils import nodes

from ptgbot.store.edits import Json
from ptgbot_site.build.state import State, rows_of, text_of
from ptgbot_site.build.times import span
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import dated, say
from ptgbot_site.gathering.names import CURRENT, DATE, DAY, DAYS, ROOMS, TODAY

# "09:00-10:45", "9:00", with what may follow: what a slot's start and end say already.
_CLOCK = re.compile(r"^\s*\d{1,2}:\d{2}(\s*[-–—]\s*\d{1,2}:\d{2})?\s*")

RUNNING = "ptg-current"
"""Marks a slot that runs."""
PAST = "ptg-past"
"""Marks a slot of today that is over."""


@frozen
class Slot:
    """One slot of a day."""

    name: str
    desc: str
    start: datetime | None
    end: datetime | None
    mark: str | None
    """``ptg-current`` for a slot that runs now, ``ptg-past`` for one of today that is over, else None."""

    @property
    def classes(self) -> list[str]:
        """Its mark as classes of a node."""
        return [self.mark] if self.mark else []

    def label(self) -> list[nodes.Node]:
        """Return time, name and description as nodes."""
        parts: list[nodes.Node] = []
        rest = self.desc
        if self.start:
            parts.append(nodes.inline("", "", *span(self.start, self.end), classes=["ptg-clock"]))
            rest = _CLOCK.sub("", self.desc)
        parts.append(plain(self.name, "ptg-slot-name"))
        if rest:
            parts.append(plain(rest, "ptg-slot-desc"))
        return parts


@frozen
class Day:
    """One day: its slots in order, and the rooms that are open on it."""

    name: str
    date: str | None
    """The date (ISO 8601), None where it is not known."""
    slots: list[Slot]
    rooms: dict[str, dict[str, str]]
    """Room → slot name → track, ``""`` where the slot is free. A missing slot is closed."""

    @property
    def id(self) -> str:
        """Its anchor."""
        return nodes.make_id(f"day-{self.name}")

    def held(self, slot: Slot) -> Iterator[tuple[str, str]]:
        """Yield track and room of each booking in a slot."""
        return ((rooms[slot.name], room) for room, rooms in self.rooms.items() if rooms.get(slot.name))

    def runs(self, room: str) -> list[list[Slot]]:
        """Return the slots in a room, those side by side with the same track together."""
        held, runs = self.rooms.get(room, {}), list[list[Slot]]()
        for slot in self.slots:
            track = held.get(slot.name)
            if runs and track and track == held.get(runs[-1][0].name):
                runs[-1].append(slot)
            else:
                runs.append([slot])
        return runs

    def free(self, slot: Slot) -> list[str]:
        """Return the booking codes of the free rooms in a slot."""
        return [code(room, slot) for room, slots in self.rooms.items() if slots.get(slot.name) == ""]


def code(room: str, slot: Slot) -> str:
    """Return the code to type for a booking."""
    return f"{room}-{slot.name}"


def which_day(view: View, day: Day) -> nodes.paragraph:
    """Return which day is shown as today: its name, its date, and how far away it is where that is another one."""
    name, today = dated_name(day), view.state.text(DATE)
    away = (date.fromisoformat(day.date) - date.fromisoformat(today)).days if day.date and today else 0
    if away < 0:
        text = say("was %s") % name
    elif away == 1:
        text = say("%s, tomorrow") % name
    else:
        text = say("%(day)s, in %(number)d days") % {"day": name, "number": away} if away else name
    return nodes.paragraph("", "", plain(text), classes=["ptg-which"])


def all_dates(state: State) -> str:
    """Return the first and the last date of the gathering: ``23 Nov – 27 Nov 2026``; empty if they are not known."""
    known = sorted(iso for row in state.rows(DAYS) if (iso := _date(row.get("date"))))
    if not known:
        return ""
    first, last = date.fromisoformat(known[0]), date.fromisoformat(known[-1])
    # Translators: a date by the patterns of Unicode's CLDR, such as 27 Nov 2026.
    end = dated(last, say("d MMM y"))
    return end if first == last else f"{dated(first, say('d MMM'))} – {end}"


def dated_name(day: Day) -> str:
    """Return the name of a day with its date, where that is known: ``Monday 23 November``."""
    if not day.date:
        return clean(day.name)
    # Translators: a day and month by the patterns of Unicode's CLDR, such as 23 November.
    return f"{clean(day.name)} {dated(date.fromisoformat(day.date), say('d MMMM'))}"


def days(view: View, only: str | None = None) -> list[Day]:
    """Return all days in order, or only the day with the name ``only``."""
    return [_day(view, row) for row in view.state.rows(DAYS) if only in (None, text_of(row, "name"))]


def _day(view: View, row: dict[str, Json]) -> Day:
    name = str(row.get("name", ""))
    is_today = name == view.state.text(TODAY)
    running = view.state.names(CURRENT) if is_today else []
    slots = _slots(view, row.get("slots"), running, view.state.now if is_today else None)
    known = {slot.name for slot in slots}
    schedule = view.state.table(f"{DAY}:{name}")
    order = [*view.state.table(ROOMS), *schedule]
    rooms: dict[str, dict[str, str]] = {}
    for room in dict.fromkeys(order):
        held = schedule.get(room)
        if isinstance(held, dict):
            open_slots = {slot: track for slot, track in held.items() if slot in known and isinstance(track, str)}
            if open_slots:
                rooms[room] = open_slots
    return Day(name, _date(row.get("date")), slots, rooms)


def _date(value: Json) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def _slots(view: View, rows: Json, running: list[str], now: datetime | None) -> list[Slot]:
    """Return the slots of a day. ``now`` is the moment to show, None unless the day is today."""
    found = rows_of(rows)
    first = next((at for at, row in enumerate(found) if row.get("name") in running), 0)
    slots = []
    for at, row in enumerate(found):
        start, end = view.moment(row.get("start")), view.moment(row.get("end"))
        over = at < first or (end is not None and now is not None and end <= now)
        mark = RUNNING if row.get("name") in running else PAST if over else None
        slots.append(Slot(text_of(row, "name"), text_of(row, "desc"), start, end, mark))
    return slots
