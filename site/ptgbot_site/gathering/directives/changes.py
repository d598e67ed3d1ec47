"""``ptg:changes``: bookings that were made, moved and given back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, items, line, note
from ptgbot_site.build.nodes import ptg_item
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import day_and_clock
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.look import badge
from ptgbot_site.gathering.names import CHANGES, ROOMS, TRACKS


class Changes(StateDirective):
    """Shows the last changes of the schedule, the newest first: what changed, when, and by whom."""

    kind = "changes"
    shared = (TRACKS, ROOMS)
    needs = (CHANGES,)
    also = (TRACKS, ROOMS)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of changes."""
        rows = [view.piece(partial(_change, view, row), "change", row) for row in view.state.rows(CHANGES)]
        return [items(rows, "ptg-said")] if rows else [note(say("The schedule has not changed yet."))]


def _change(view: View, row: Mapping[str, Json]) -> nodes.list_item:
    parts: list[nodes.Node] = []
    if at := view.moment(row.get("at")):
        parts.append(nodes.inline("", day_and_clock(at), classes=["ptg-since"]))
    parts.append(nodes.inline("", "", *_words(view, row), classes=["ptg-topic"]))
    if by := text_of(row, "by"):
        parts.append(plain(by, "ptg-by"))
    return ptg_item("", line(*parts))


def _words(view: View, row: Mapping[str, Json]) -> list[nodes.Node]:
    room, slot, was, now = (text_of(row, key) for key in ("room", "slot", "was", "is"))
    if not room:
        return [nodes.Text(say("The schedule was replaced."))]
    if not slot:
        return [plain(room), nodes.Text(" "), nodes.Text(say("has new slots."))]
    place = plain(f"{room}-{slot}", "ptg-code")
    if now and was:
        return list(line(badge(view, now), nodes.Text(say("took the place of")), badge(view, was), place).children)
    if now:
        return list(line(badge(view, now), nodes.Text(say("booked")), place).children)
    if was:
        return list(line(badge(view, was), nodes.Text(say("gave up")), place).children)
    words = say("can be booked.") if row.get("is") == "" else say("is closed.")
    return [place, nodes.Text(" " + words)]
