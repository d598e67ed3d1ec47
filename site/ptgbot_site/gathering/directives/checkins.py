"""``ptg:checkins``: the people who are checked in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, items, line, note
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import clock
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.look import place
from ptgbot_site.gathering.names import PEOPLE, ROOMS, TRACKS


class CheckIns(StateDirective):
    """Shows the people who are checked in, where, and since when."""

    kind = "checkins"
    needs = (PEOPLE,)
    also = (TRACKS, ROOMS)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of people."""
        rows = [_person(view, row) for row in view.state.rows(PEOPLE)]
        return [items(rows, "ptg-people")] if rows else [note(say("Nobody has checked in yet."))]


def _person(view: View, row: Mapping[str, Any]) -> nodes.Node:
    parts: list[nodes.Node] = [plain(text_of(row, "nick"), "ptg-nick"), place(view, text_of(row, "location"))]
    since = view.moment(row.get("since"))
    if since:
        parts.append(nodes.inline("", say("since") + " ", clock(since), classes=["ptg-since"]))
    return line(*parts)
