"""``ptg:compact``: a day in few lines, one for each time at which something begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, entry, items, line, note
from ptgbot_site.build.nodes import ptg_item, ptg_part
from ptgbot_site.build.times import clock
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.days import Day, Slot, days
from ptgbot_site.gathering.look import badge, room_name, track_page
from ptgbot_site.gathering.names import CURRENT, DAY, DAYS, ROOMS, SCHEDULE_TODAY, TODAY, TRACKS, day_slugs, named

TODAY_WORD = "today"
"""The argument that means today."""


class DayForm(StateDirective):
    """A directive that shows one day: the named one, or the one that ``ptg:schedule`` shows as today."""

    shared = (TRACKS, ROOMS)
    needs = (DAYS, ROOMS)
    also = (TRACKS, TODAY, CURRENT)
    required_arguments = 1
    final_argument_whitespace = True

    def uses(self) -> set[str]:
        """Return the slices, including that of the shown day."""
        return super().uses() | {SCHEDULE_TODAY if self._which() == TODAY_WORD else f"{DAY}:{self._which()}"}

    def given(self) -> dict[str, str]:
        """Return the name or the slug of the day."""
        return {"day": self._which()}

    def _which(self) -> str:
        return str(self.arguments[0])


def shown_day(view: View, wanted: str) -> Day | None:
    """Return the day that an argument means, None if there is none."""
    name = view.state.text(TODAY) if wanted == TODAY_WORD else named(day_slugs(view.state), wanted)
    return next((day for day in days(view, name) if day.name == name), None) if name else None


def no_day(wanted: str) -> list[nodes.Node]:
    """Return a sentence that says that there is no such day."""
    if wanted == TODAY_WORD:
        return [note(say("No day of this gathering is known yet."))]
    return [note(say("There is no day %s in this gathering.") % clean(wanted))]


class Compact(DayForm):
    """Shows a day with one row for each time at which something begins; the tracks beside it wrap."""

    kind = "compact"

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return a list of times, each with its tracks."""
        day = shown_day(view, given["day"])
        if day is None:
            return no_day(given["day"])
        rows = [view.piece(partial(_row, view, *one), "compact", *_told(*one)) for one in _by_start(day)]
        return [items(rows, "ptg-compact-list")] if rows else [note(say("No room is open on %s.") % clean(day.name))]


Begun = tuple[Sequence[Slot], Sequence[tuple[str, str]]]
"""Slots that begin together, and their bookings: track and room."""


def _by_start(day: Day) -> Iterator[Begun]:
    for _, found in groupby(day.slots, key=lambda slot: slot.start or slot.name):
        slots = list(found)
        if any(slot.name in room for slot in slots for room in day.rooms.values()):
            yield slots, [held for slot in slots for held in day.held(slot)]


def _told(slots: Sequence[Slot], held: Sequence[tuple[str, str]]) -> list[object]:
    return [[(slot.name, str(slot.start), slot.mark) for slot in slots], held]


def _row(view: View, slots: Sequence[Slot], held: Sequence[tuple[str, str]]) -> nodes.list_item:
    first = slots[0]
    head = nodes.inline("", "", clock(first.start), classes=["ptg-clock"]) if first.start else plain(first.name)
    rows = [_held(view, *one) for one in held]
    body = items(rows, "ptg-compact-held") if rows else nodes.paragraph("", say("free"), classes=["ptg-free-word"])
    marks = [mark for slot in slots for mark in slot.classes]
    return ptg_item("", ptg_part("", line(head), body, classes=["ptg-compact-row", *dict.fromkeys(marks)]))


def _held(view: View, track: str, room: str) -> nodes.list_item:
    where = room_name(view, room, "ptg-place")
    return entry(badge(view, track, room, track_page(view, track)), where, **{"data-track": clean(track)})
