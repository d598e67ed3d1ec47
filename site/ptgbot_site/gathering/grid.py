"""The times of a day as rows of a grid: rooms side by side, the same rows on every day, long gaps folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from attrs import frozen

from ptgbot_site.gathering.days import Day, Slot

FOLDED = 30
"""Minutes of a gap without any slot that are still shown; a longer gap becomes a narrow row."""
ALL_DAY = 8 * 60
"""Minutes from which a slot counts as an item for the whole day, which stands apart."""
LATEST = 36 * 60
"""Minutes after midnight at which the last slot of a day may end."""


@frozen
class Row:
    """One row: the time from one beginning or end of a slot to the next."""

    start: int
    """Minutes after midnight, by the clock on the wall."""
    end: int
    folded: bool
    """Whether it is a long gap."""

    def at(self, day: date, minute: int) -> datetime:
        """Return a minute of the row as a time of a day, without a zone."""
        return datetime.combine(day, time()) + timedelta(minutes=minute)


@frozen
class Cell:
    """Consecutive rows of one room: slots that overlap, or none."""

    first: int
    """Number of its first row."""
    rows: int
    slots: Sequence[Slot]


@frozen
class Grid:
    """The grid of one day."""

    date: date | None
    rows: Sequence[Row]
    columns: dict[str, list[Cell]]
    """The cells of each room, from top to bottom."""
    apart: Sequence[tuple[Slot, str]]
    """Slots of rooms without a place in the grid: those without a time, and those that last the whole day."""


def base_of(day: Day) -> date | None:
    """Return the date from whose midnight the minutes of a day count, None if no time is known."""
    first = next((slot.start for slot in day.slots if slot.start), None)
    return date.fromisoformat(day.date) if day.date else first.date() if first else None


def minutes(slot: Slot, base: date | None) -> tuple[int, int] | None:
    """Return the start and the end of a slot in minutes after midnight, None if it has no place in the grid."""
    if base is None or slot.start is None or slot.end is None:
        return None
    midnight = datetime.combine(base, time())
    start, end = (int((at.replace(tzinfo=None) - midnight) / timedelta(minutes=1)) for at in (slot.start, slot.end))
    return (start, end) if 0 <= start < end <= LATEST and end - start < ALL_DAY else None


def grid(day: Day, every: Iterable[Day]) -> Grid:
    """Return the grid of a day. The slots of ``every`` day make the rows, so that times are at the same height."""
    base = base_of(day)
    spans = {slot.name: span for slot in day.slots if (span := minutes(slot, base))}
    last = max((end for _, end in spans.values()), default=0)
    rows = [row for row in _rows(every) if row.end <= last]
    columns = {room: list(_cells(_open(day, room), spans, rows)) for room in day.rooms}
    apart = [(slot, room) for room in day.rooms for slot in _open(day, room) if slot.name not in spans]
    return Grid(base, rows, columns if rows else {}, apart)


def _open(day: Day, room: str) -> list[Slot]:
    return [slot for slot in day.slots if slot.name in day.rooms[room]]


def _rows(every: Iterable[Day]) -> list[Row]:
    spans = [span for day in every for slot in day.slots if (span := minutes(slot, base_of(day)))]
    marks = sorted({mark for span in spans for mark in span})
    changes = dict.fromkeys(marks, 0)
    for start, end in spans:
        changes[start] += 1
        changes[end] -= 1
    rows: list[Row] = []
    running = 0
    for start, end in pairwise(marks):
        running += changes[start]
        rows.append(Row(start, end, running == 0 and end - start > FOLDED))
    return rows


def _cells(slots: Sequence[Slot], spans: dict[str, tuple[int, int]], rows: Sequence[Row]) -> Iterator[Cell]:
    """Yield the cells of a room, so that each row is covered once."""
    tops = {row.start: number for number, row in enumerate(rows)}
    ends = {row.end: number + 1 for number, row in enumerate(rows)}
    covered = 0
    for first, until, held in _clusters(slots, spans):
        top, bottom = tops[first], ends[until]
        if top > covered:
            yield Cell(covered, top - covered, ())
        yield Cell(top, bottom - top, held)
        covered = bottom
    if covered < len(rows):
        yield Cell(covered, len(rows) - covered, ())


def _clusters(slots: Sequence[Slot], spans: dict[str, tuple[int, int]]) -> Iterator[tuple[int, int, Sequence[Slot]]]:
    """Yield slots that overlap together, with their common start and end."""
    timed = sorted((slot for slot in slots if slot.name in spans), key=lambda slot: spans[slot.name])
    held: list[Slot] = []
    first = until = 0
    for slot in timed:
        start, end = spans[slot.name]
        if held and start >= until:
            yield first, until, tuple(held)
            held = []
        first, until = (first, max(until, end)) if held else (start, end)
        held.append(slot)
    if held:
        yield first, until, tuple(held)
