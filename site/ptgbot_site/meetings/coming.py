"""``ptg:coming-meetings``: the next regular meetings, from the calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes

from ptgbot_site.build import api
from ptgbot_site.build.nodes import ptg_time
from ptgbot_site.build.state import text_of
from ptgbot_site.build.typed import plain
from ptgbot_site.build.words import say

NEXT = "meetings.next"
"""The slice of the next meetings."""


class Coming(api.StateDirective):
    """Shows when the next meetings begin, and in which rooms; nothing without a calendar."""

    kind = "coming-meetings"
    needs = (NEXT,)
    vanishes = True

    @staticmethod
    def render(view: api.View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the list, with the agenda of each meeting."""
        rows = view.state.rows(NEXT)
        if not rows:
            return []
        return [api.title(say("Next meetings"), 2), api.items([_meeting(row) for row in rows], "ptg-held")]


def _meeting(row: Mapping[str, Any]) -> nodes.paragraph:
    start = text_of(row, "start")
    at = ptg_time("", f"{start[:10]} {start[11:16]} UTC", datetime=start, classes=["ptg-local"])
    agenda = row.get("agenda")
    points = "; ".join(str(point) for point in agenda) if isinstance(agenda, list) else ""
    told = [nodes.Text(" – "), plain(points)] if points else []
    room = text_of(row, "room").rpartition("/")[2]
    words = [at, nodes.Text(" "), plain(text_of(row, "name")), nodes.Text(" "), plain(room), *told]
    return nodes.paragraph("", "", *words)
