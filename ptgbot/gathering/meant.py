"""Which free slots somebody means who does not type a booking code: ``Ballroom A Wednesday 15:00``, ``wedp3``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from ptgbot.gathering.model import ROOM_INFO, Gathering
from ptgbot.gathering.schedule import Calendar, Day, Slot, loose

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:uhr|h)?")
SHORTEST_DAY = 3
"""Letters of the shortest abbreviation of a day, such as ``wed``."""


def free_slots(calendar: Calendar, typed: str) -> list[tuple[str, str]]:
    """Return room and name of each free slot that a text means; empty if it has a word that means nothing.

    The text begins with the name of a room or not, and names a slot, a day and a time in any order. Slots that are over
    are left out.
    """
    room, words = _room(calendar.gathering, loose(typed))
    if room is None and not words:
        return []
    slots = [(day, slot) for day in calendar.days for slot in day.slots]
    for word in words:
        slots = [one for one in slots if _means(calendar, word, *one)]
    rooms = [room] if room else calendar.gathering.rooms
    held = {name: calendar.gathering.bookings(name) for name in rooms}
    return [
        (name, slot.name)
        for _, slot in slots
        for name in rooms
        if held[name].get(slot.name) == "" and slot.name not in ROOM_INFO and not slot.over(calendar.at)
    ]


def _room(gathering: Gathering, typed: str) -> tuple[str | None, list[str]]:
    """Return the room that a text begins with, the longest name that fits, and the words behind it."""
    for room in sorted(gathering.rooms, key=lambda name: -len(loose(name))):
        name = loose(room)
        if typed == name or typed.startswith((f"{name} ", f"{name}-")):
            return room, typed[len(name) :].replace("-", " ", 1).split()
    return None, typed.split()


def _means(calendar: Calendar, word: str, day: Day, slot: Slot) -> bool:
    found = _CLOCK.fullmatch(word)
    if found and slot.start:
        start = slot.start.astimezone(calendar.zone)
        return (start.hour, start.minute) == (int(found[1]), int(found[2]))
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
