"""The newest meetings of a track, on the track's page: those that have the name of the track."""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes

from ptgbot_site.build import api
from ptgbot_site.build.nodes import ptg_link
from ptgbot_site.build.state import text_of
from ptgbot_site.build.typed import plain
from ptgbot_site.build.words import say

RECENT = "meetings.recent"
"""The slice of the newest meetings that may be listed."""
MOST = 10


def _meetings(view: api.View, track: str) -> Sequence[nodes.Node]:
    """Return the list, nothing without a meeting of this name."""
    rows = [row for row in view.state.rows(RECENT) if text_of(row, "name").casefold() == track.casefold()]
    if not rows or view.file("") is None:
        return []
    shown = [nodes.paragraph("", "", _link(view, text_of(row, "slug"), text_of(row, "title"))) for row in rows[:MOST]]
    return [api.title(say("Meetings"), 2), api.items(shown, "ptg-held")]


def _link(view: api.View, slug: str, title: str) -> nodes.reference:
    date = slug.rpartition(".")[0][-13:-3] if "." in slug else ""
    label = [nodes.Text(f"{date} "), plain(title)]
    return ptg_link("", "", *label, refuri=view.file(f"meetings/{slug}.html") or "", internal=True)


MEETINGS = api.Part(_meetings, lambda _track: (RECENT,), 300)
