"""``ptg:checkins``: who said where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.state import text_of
from ptgbot_site.times import clock
from ptgbot_site.typed import plain
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class CheckIns(StateDirective):
    """Shows the people who are checked in, where, and since when."""

    kind = "checkins"
    needs = ("check_ins",)
    also = ("tracks", "rooms")

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of people."""
        rows = [_person(view, row) for row in view.state.rows("check_ins")]
        return [items(rows, "ptg-people")] if rows else [note(say("Nobody has checked in yet."))]


def _person(view: View, row: Mapping[str, Any]) -> nodes.Node:
    parts: list[nodes.Node] = [plain(text_of(row, "nick"), "ptg-nick"), view.place(text_of(row, "location"))]
    since = view.moment(row.get("since"))
    if since:
        parts.append(nodes.inline("", say("since") + " ", clock(since), classes=["ptg-since"]))
    return line(*parts)


def setup_checkins(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "checkins", CheckIns)
