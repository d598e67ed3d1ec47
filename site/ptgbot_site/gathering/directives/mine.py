"""``ptg:mine``: the whole programme, of which a script shows the tracks that a visitor has chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot.gathering import feeds
from ptgbot_site.build.directive import StateDirective, items, line, note, title
from ptgbot_site.build.nodes import ptg_item, ptg_part
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import day_name, span
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.bookings import Meeting, meetings
from ptgbot_site.gathering.look import badge, room_name, track_page
from ptgbot_site.gathering.names import DAYS, EVENT, MEETS, ROOMS, TRACKS

Held = tuple[str, Meeting, str]
"""A track, its booking, and the identifier of the booking in calendars; the last is empty without a time."""


class Mine(StateDirective):
    """Shows every booking in the order of days and times.

    On the bot's own pages a script hides the tracks that the visitor has not chosen, and marks gaps and clashes.
    """

    kind = "mine"
    shared = (TRACKS, ROOMS)
    needs = (DAYS, MEETS)
    also = (EVENT, TRACKS, ROOMS)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of bookings for each day, below its heading."""
        by_day = _by_day(view)
        shown: list[nodes.Node] = [_tools()] if view.rich else []
        for row in view.state.rows(DAYS):
            name = text_of(row, "name")
            if held := by_day.get(name):
                shown.append(_day(view, name, text_of(row, "date"), held))
        return shown if by_day else [note(say("No slot is booked."))]


def _tools() -> ptg_part:
    """Return the place that the script fills with its buttons, with a sentence for those who have no scripts."""
    words = nodes.paragraph("", say("Without JavaScript this page shows the whole programme."))
    return ptg_part("", words, classes=["ptg-mine-tools"], **{"data-keep": ""})


def _by_day(view: View) -> dict[str, list[Held]]:
    entries, _ = feeds.entries(view.state.slices)
    uids = {(one.track, one.day, one.slot, one.room): one.uid for one in entries}
    found: dict[str, list[Held]] = {}
    for track, rows in view.state.table(MEETS).items():
        for one in meetings(view, rows):
            uid = uids.get((track, one.day, one.slot, one.room), "")
            found.setdefault(one.day, []).append((track, one, uid))
    return {day: sorted(held, key=_order) for day, held in found.items()}


def _order(held: Held) -> tuple[float, str, str]:
    track, one, _ = held
    return one.start.timestamp() if one.start else float("inf"), track, one.room


def _day(view: View, name: str, date: str, held: Sequence[Held]) -> ptg_part:
    head = title(name, 2)
    head.extend(day_name(date))
    rows = [view.piece(partial(_item, view, *one), "mine", one[0], str(one[1]), one[2]) for one in held]
    return ptg_part("", head, items(rows, "ptg-mine-list"), classes=["ptg-mine-day"])


def _item(view: View, track: str, one: Meeting, uid: str) -> nodes.list_item:
    parts: list[nodes.Node] = []
    told = {"data-track": clean(track)}
    if one.start and one.end and uid:
        told |= {"data-start": one.start.isoformat(), "data-end": one.end.isoformat(), "data-uid": uid}
    if one.start:
        parts.append(nodes.inline("", "", *span(one.start, one.end), classes=["ptg-clock"]))
    where = room_name(view, one.room, "ptg-place")
    parts += [badge(view, track, one.room, track_page(view, track)), where]
    return ptg_item("", line(*parts, plain(one.slot, "ptg-slot-name")), **told)
