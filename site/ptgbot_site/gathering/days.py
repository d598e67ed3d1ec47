"""The schedule of a day, read from slices: its slots, rooms and bookings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from attrs import frozen
from docutils import nodes

from ptgbot.gathering.schedule import TOGETHER
from ptgbot.store.edits import Json
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import span
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.gathering.names import CURRENT, DAY, DAYS, ROOMS, TODAY

# "09:00-10:45", "9:00", with what may follow: what a slot's start and end say already.
_CLOCK = re.compile(r"^\s*\d{1,2}:\d{2}(\s*[-–—]\s*\d{1,2}:\d{2})?\s*")

RUNNING = "ptg-current"
"""Marks a slot that runs."""


@frozen
class Slot:
    """One slot of a day."""

    name: str
    desc: str
    start: datetime | None
    end: datetime | None
    mark: str | None
    """``ptg-current`` for a slot that runs now, ``ptg-past`` for those before it, else None."""

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
        for room, rooms in self.rooms.items():
            if held := rooms.get(slot.name):
                yield from ((track, room) for track in held.split(TOGETHER))

    def free(self, slot: Slot) -> list[str]:
        """Return the booking codes of the free rooms in a slot."""
        return [code(room, slot) for room, slots in self.rooms.items() if slots.get(slot.name) == ""]


def code(room: str, slot: Slot) -> str:
    """Return the code to type for a booking."""
    return f"{room}-{slot.name}"


def days(view: View, only: str | None = None) -> list[Day]:
    """Return all days in order, or only the day with the name ``only``."""
    return [_day(view, row) for row in view.state.rows(DAYS) if only in (None, text_of(row, "name"))]


def _day(view: View, row: dict[str, Json]) -> Day:
    name = str(row.get("name", ""))
    running = view.state.names(CURRENT) if name == view.state.text(TODAY) else []
    slots = _slots(view, row.get("slots"), running)
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


def _slots(view: View, rows: Json, running: list[str]) -> list[Slot]:
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    first = next((at for at, row in enumerate(found) if row.get("name") in running), 0)
    return [
        Slot(
            text_of(row, "name"),
            text_of(row, "desc"),
            view.moment(row.get("start")),
            view.moment(row.get("end")),
            RUNNING if row.get("name") in running else "ptg-past" if at < first else None,
        )
        for at, row in enumerate(found)
    ]
