"""``ptg:etherpads``: where every track takes its notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.typed import link, plain
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Etherpads(StateDirective):
    """Shows each track with the address of its notes."""

    kind = "etherpads"
    needs = ("tracks",)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of tracks."""
        rows = [
            line(view.badge(name), link(url, plain(url.partition("//")[2] or url), classes=("ptg-url",)))
            for name in view.state.table("tracks")
            if (url := view.etherpad(name))
        ]
        return [items(rows, "ptg-pads")] if rows else [note(say("No track takes notes yet."))]


def setup_etherpads(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "etherpads", Etherpads)
