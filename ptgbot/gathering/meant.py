"""Which free slots somebody means who does not type a booking code: ``Ballroom A Wednesday 15:00``, ``wedp3``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from ptgbot.gathering.model import ROOM_INFO, Gathering
from ptgbot.gathering.schedule import Calendar, Day, Slot, loose

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:uhr|h)?")
HALVES = {
    **dict.fromkeys(("am", "morning"), range(12)),
    **dict.fromkeys(("pm", "afternoon", "evening"), range(12, 24)),
}
"""Hours at which the slots of half of a day begin."""
SHORTEST_DAY = 3
"""Letters of the shortest abbreviation of a day, such as ``wed``."""


def free_slots(calendar: Calendar, typed: str) -> list[tuple[str, str]] | None:
    """Return room and name of each free slot that a text means; None if no slot at all is what it says.

    The text begins with the name of a room or not, and names a slot, a day, half of a day and a time in any order.
    Slots that are over are left out.
    """
    room, words = _room(calendar.gathering, loose(typed))
    slots = [(day, slot) for day in calendar.days for slot in day.slots]
    for word in words:
        slots = [one for one in slots if _means(calendar, word, *one)]
    if not slots or (room is None and not words):
        return None
    rooms = [room] if room else calendar.gathering.rooms
    held = {name: calendar.gathering.bookings(name) for name in rooms}
    return [
        (name, slot.name)
        for _, slot in slots
        for name in rooms
        if held[name].get(slot.name) == "" and slot.name not in ROOM_INFO and not slot.over(calendar.at)
    ]


def day_named(calendar: Calendar, typed: str) -> Day | None:
    """Return the day that somebody calls by its name, the beginning of it, ``today`` or ``tomorrow``; None if none."""
    name = loose(typed).removeprefix("on ")
    return next((day for day in calendar.days if name in _names(calendar, day)), None)


def _room(gathering: Gathering, typed: str) -> tuple[str | None, list[str]]:
    """Return the room that a text begins with, the longest name that fits, and the words behind it."""
    for room in sorted(gathering.rooms, key=lambda name: -len(loose(name))):
        name = loose(room)
        if typed == name or typed.startswith((f"{name} ", f"{name}-")):
            return room, typed[len(name) :].replace("-", " ", 1).split()
    return None, typed.split()


def _means(calendar: Calendar, word: str, day: Day, slot: Slot) -> bool:
    if slot.start:
        start = slot.start.astimezone(calendar.zone)
        if found := _CLOCK.fullmatch(word):
            return (start.hour, start.minute) == (int(found[1]), int(found[2]))
        if word in HALVES:
            return start.hour in HALVES[word]
    return loose(slot.name) == word or word in _names(calendar, day)


def _names(calendar: Calendar, day: Day) -> Iterator[str]:
    """Yield everything that a day is called."""
    name = loose(day.name)
    yield from (name[:length] for length in range(SHORTEST_DAY, len(name) + 1))
    local = calendar.at.astimezone(calendar.zone).date()
    if day.date == local:
        yield "today"
    if day.date == local + timedelta(days=1):
        yield "tomorrow"
