"""``ptg:now``: every track that meets now, with its topic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, entry, heading, items, line, note, title
from ptgbot_site.build.nodes import ptg_item
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import clock, span
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.bookings import meetings
from ptgbot_site.gathering.look import badge, call, place, track_page, until
from ptgbot_site.gathering.names import COMING, NOW, ROOMS, TRACKS


class Now(StateDirective):
    """Shows every track that meets now: its topic, its location, since when, and who set it.

    Tracks without a topic come after the others, topics that are over come last. While no track meets, it shows the
    next bookings.
    """

    kind = "now"
    shared = (TRACKS, ROOMS)
    needs = (NOW,)
    also = (TRACKS, ROOMS, COMING)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of topics."""
        told = {name: row for name, row in view.state.table(NOW).items() if isinstance(row, dict)}
        live = {name: row for name, row in told.items() if view.moment(row.get("over")) is None}
        cards = [view.piece(partial(_topic, view, name, row), "now", name, row) for name, row in live.items()]
        cards += [
            view.piece(partial(_untold, view, name, rooms), "untold", name, rooms)
            for name, rooms in _running(view).items()
            if name not in live
        ]
        shown = [items(cards, "ptg-cards")] if cards else _coming(view)
        return [*shown, *_over(view, {name: row for name, row in told.items() if name not in live})]


def _running(view: View) -> dict[str, list[str]]:
    """Return the rooms of each track that is booked at the moment."""
    found: dict[str, list[str]] = {}
    booked = meetings(view, view.state.slices.get(COMING))
    for row, one in zip(view.state.rows(COMING), booked, strict=True):
        if one.runs(view.state.now):
            found.setdefault(text_of(row, "track"), []).append(one.room)
    return found


def _untold(view: View, track: str, rooms: list[str]) -> nodes.list_item:
    """Return a track that meets and has not said about what."""
    parts: list[nodes.Node] = [heading(2, badge(view, track, rooms[0])), *call(view, track, rooms[0])]
    parts += [*(place(view, room) for room in rooms), plain(say("no topic yet"), "ptg-untold")]
    return ptg_item("", line(*parts), **{"data-track": clean(track)})


def _over(view: View, told: Mapping[str, Mapping[str, Any]]) -> list[nodes.Node]:
    """Return the topics that are over, the newest first."""
    if not told:
        return []
    newest = sorted(told.items(), key=lambda one: text_of(one[1], "over"), reverse=True)
    rows = [view.piece(partial(_past, view, name, row), "past", name, row) for name, row in newest]
    return [title(say("Earlier"), 2), items(rows, "ptg-said", "ptg-earlier")]


def _past(view: View, track: str, row: Mapping[str, Any]) -> nodes.list_item:
    """Return a topic that is over, and until when it was discussed."""
    parts: list[nodes.Node] = [badge(view, track, url=track_page(view, track))]
    if over := view.moment(row.get("over")):
        parts.append(until(over))
    return ptg_item("", line(*parts, view.typed(text_of(row, "text"), "ptg-topic")), **{"data-track": clean(track)})


def _topic(view: View, track: str, row: dict[str, Any]) -> nodes.list_item:
    location, since, by = text_of(row, "location"), view.moment(row.get("since")), text_of(row, "by")
    parts: list[nodes.Node] = [heading(2, badge(view, track, location)), *call(view, track, location)]
    if location:
        parts.append(place(view, location))
    if since or by:
        when: list[nodes.Node] = [nodes.Text(say("since") + " "), clock(since)] if since else []
        who: list[nodes.Node] = [nodes.Text(" " + say("by") + " "), plain(by)] if by else []
        parts.append(nodes.inline("", "", *when, *who, classes=["ptg-since"]))
    if not view.rich:
        parts.append(nodes.Text("–"))
    return ptg_item("", line(*parts, view.typed(text_of(row, "text"), "ptg-topic")), **{"data-track": clean(track)})


def _coming(view: View) -> list[nodes.Node]:
    """Return the bookings of the next slots to begin."""
    booked = meetings(view, view.state.slices.get(COMING))
    rows = view.state.rows(COMING)
    if not booked:
        return [note(say("Nothing is on now."))]
    first = booked[0]
    head = nodes.paragraph("", say("Nothing is on now. Coming up:"), classes=["ptg-nothing"])
    if first.start:
        day = nodes.Text(f"{plain(first.day).astext()}, ")
        head += [nodes.Text(" "), nodes.inline("", "", day, *span(first.start, first.end), classes=["ptg-clock"])]
    shown = [
        entry(
            badge(view, text_of(row, "track"), one.room),
            *call(view, text_of(row, "track"), one.room),
            place(view, one.room),
            **{"data-track": clean(text_of(row, "track"))},
        )
        for row, one in zip(rows, booked, strict=True)
    ]
    return [head, items(shown, "ptg-coming")]
