"""Times and bookings that contradict each other: ``ptgbot check`` lists them, and they are kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from ptgbot.gathering.model import ROOM_INFO, Gathering
from ptgbot.gathering.schedule import Calendar, Slot, desc_times

_LONGEST_NIGHT = timedelta(hours=12)
"""A description whose end is earlier than its start means the next day for slots up to this length."""


def clashes(gathering: Gathering, calendar: Calendar) -> Iterator[str]:
    """Yield a sentence for each slot and booking that cannot be as it is written."""
    for slot in calendar.slots:
        yield from _odd_slot(slot, calendar.zone)
    for day in calendar.days:
        for one, other in itertools.combinations(day.slots, 2):
            if _overlap(one, other):
                yield f"slots.{day.name}: {one.name} and {other.name} overlap."
    yield from _bookings(gathering, calendar)


def _odd_slot(slot: Slot, zone: tzinfo) -> Iterator[str]:
    begins, ends = desc_times(slot.desc)
    if begins and ends and ends <= begins:
        length = datetime.combine(date.min, ends) - datetime.combine(date.min, begins) + timedelta(days=1)
        if length > _LONGEST_NIGHT:
            yield f"slots.{slot.day}.{slot.name}: “{slot.desc}” ends before it begins."
    if slot.start and is_skipped(slot.start, zone):
        yield (
            f"slots.{slot.day}.{slot.name}: there is no {slot.start:%H:%M} on {slot.start:%Y-%m-%d} in {zone}, because "
            "the clocks go forward then."
        )


def is_skipped(start: datetime, zone: tzinfo) -> bool:
    """Say whether a local time does not exist, because daylight saving time skips it."""
    local = start.astimezone(zone) if start.tzinfo is not zone else start
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None)


def _overlap(one: Slot, other: Slot) -> bool:
    if not (one.start and one.end and other.start and other.end):
        return False
    return one.start < other.end and other.start < one.end


def _bookings(gathering: Gathering, calendar: Calendar) -> Iterator[str]:
    slots = {slot.name: slot for slot in calendar.slots}
    known = {*gathering.slot_names, *ROOM_INFO}
    held: dict[str, list[tuple[str, str]]] = {}
    for room, slot, track in gathering.booked():
        if slot not in known:
            yield f"schedule.{room}.{slot}: there is no slot {slot}; no page shows the booking of {track}."
        held.setdefault(track, []).append((room, slot))
    for track, places in held.items():
        for (room, slot), (other_room, other_slot) in itertools.combinations(places, 2):
            mine, theirs = slots.get(slot), slots.get(other_slot)
            if room != other_room and mine and theirs and (mine.name == theirs.name or _overlap(mine, theirs)):
                yield f"schedule: {track} is in {room} ({slot}) and in {other_room} ({other_slot}) at the same time."
