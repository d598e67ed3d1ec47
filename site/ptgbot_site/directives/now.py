"""``ptg:now``: what every track talks about at the moment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.meetings import meetings
from ptgbot_site.nodes import ptg_item
from ptgbot_site.state import text_of
from ptgbot_site.times import clock, span
from ptgbot_site.typed import clean, link, plain
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Now(StateDirective):
    """Shows the topic of each track that has one, where, since when, and who said so.

    While there is none, what is booked at the moment, or what comes up next.
    """

    kind = "now"
    needs = ("now",)
    also = ("tracks", "rooms", "coming")

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of topics."""
        rows = [
            view.piece(partial(_topic, view, name, row), "now", name, row)
            for name, row in view.state.table("now").items()
            if isinstance(row, dict)
        ]
        return [items(rows, "ptg-cards")] if rows else _coming(view)


def _topic(view: View, track: str, row: dict[str, Any]) -> nodes.list_item:
    location, since, by = text_of(row, "location"), view.moment(row.get("since")), text_of(row, "by")
    parts: list[nodes.Node] = [view.badge(track, location)]
    if location:
        parts.append(view.place(location))
    if page := view.track_page(track):
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
    """Return what is booked in the slots that run, else in the next ones to begin."""
    booked = meetings(view, view.state.slices.get("coming"))
    rows = view.state.rows("coming")
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
            line(view.badge(text_of(row, "track"), one.room), view.place(one.room)),
            **{"data-track": clean(text_of(row, "track"))},
        )
        for row, one in zip(rows, booked, strict=True)
    ]
    return [head, items(shown, "ptg-coming")]


def setup_now(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "now", Now)
