"""``ptg:now``: what every track talks about at the moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.state import text_of
from ptgbot_site.times import clock
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Now(StateDirective):
    """Shows the topic of each track that has one, where, and since when."""

    kind = "now"
    needs = ("now",)
    also = ("tracks", "rooms")

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of topics."""
        rows = [_topic(view, name, row) for name, row in view.state.table("now").items() if isinstance(row, dict)]
        return [items(rows, "ptg-cards")] if rows else [note(say("No track has set a topic yet."))]


def _topic(view: View, track: str, row: dict[str, Any]) -> nodes.Node:
    location = text_of(row, "location")
    parts: list[nodes.Node] = [view.badge(track, location)]
    if location:
        parts.append(view.place(location))
    since = view.moment(row.get("since"))
    if since:
        parts.append(nodes.inline("", say("since") + " ", clock(since), classes=["ptg-since"]))
    if not view.rich:
        parts.append(nodes.Text("–"))
    return line(*parts, view.typed(text_of(row, "text"), "ptg-topic"))


def setup_now(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "now", Now)
