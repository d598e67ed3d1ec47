"""``ptg:links``: the links of the gathering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot.chat.urls import safe_url
from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.typed import link, plain
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Links(StateDirective):
    """Shows each link by its title, in the order of the file."""

    kind = "links"
    needs = ("links",)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of links."""
        rows = [
            line(link(url, plain(title)))
            for title, address in view.state.table("links").items()
            if (url := safe_url(address))
        ]
        return [items(rows, "ptg-titles")] if rows else [note(say("There are no links yet."))]


def setup_links(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "links", Links)
