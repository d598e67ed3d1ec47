"""``ptg:now``: the present topic of every track."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, items, line, note
from ptgbot_site.build.nodes import ptg_item
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import clock, span
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.bookings import meetings
from ptgbot_site.gathering.look import badge, place, track_page
from ptgbot_site.gathering.names import COMING, NOW, ROOMS, TRACKS


class Now(StateDirective):
    """Shows the present topic of each track that has one, with its location, since when, and who set it.

    Without any topic it shows the bookings of the running slots, or of the next ones.
    """

    kind = "now"
    shared = (TRACKS, ROOMS)
    needs = (NOW,)
    also = (TRACKS, ROOMS, COMING)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of topics."""
        rows = [
            view.piece(partial(_topic, view, name, row), "now", name, row)
            for name, row in view.state.table(NOW).items()
            if isinstance(row, dict)
        ]
        return [items(rows, "ptg-cards")] if rows else _coming(view)


def _topic(view: View, track: str, row: dict[str, Any]) -> nodes.list_item:
    location, since, by = text_of(row, "location"), view.moment(row.get("since")), text_of(row, "by")
    parts: list[nodes.Node] = [badge(view, track, location)]
    if location:
        parts.append(place(view, location))
    if page := track_page(view, track):
        label = say("All about %s") % clean(track)
        parts.append(link(page, nodes.inline("", label, classes=["ptg-spoken"]), classes=("ptg-more",)))
    if since or by:
        when: list[nodes.Node] = [nodes.Text(say("since") + " "), clock(since)] if since else []
        who: list[nodes.Node] = [nodes.Text(" " + say("by") + " "), plain(by)] if by else []
        parts.append(nodes.inline("", "", *when, *who, classes=["ptg-since"]))
    if not view.rich:
        parts.append(nodes.Text("–"))
    return ptg_item("", line(*parts, view.typed(text_of(row, "text"), "ptg-topic")), **{"data-track": clean(track)})


def _coming(view: View) -> list[nodes.Node]:
    """Return the bookings of the running slots, or of the next ones to begin."""
    booked = meetings(view, view.state.slices.get(COMING))
    rows = view.state.rows(COMING)
    if not booked:
        return [note(say("No track has set a topic yet."))]
    first = booked[0]
    runs = first.runs(view.state.now)
    said = say("No track has set a topic yet. Booked now:") if runs else say("Nothing is on now. Coming up:")
    head = nodes.paragraph("", said, classes=["ptg-nothing"])
    if first.start:
        day = nodes.Text("" if runs else f"{plain(first.day).astext()}, ")
        head += [nodes.Text(" "), nodes.inline("", "", day, *span(first.start, first.end), classes=["ptg-clock"])]
    shown = [
        ptg_item(
            "",
            line(badge(view, text_of(row, "track"), one.room), place(view, one.room)),
            **{"data-track": clean(text_of(row, "track"))},
        )
        for row, one in zip(rows, booked, strict=True)
    ]
    return [head, items(shown, "ptg-coming")]
