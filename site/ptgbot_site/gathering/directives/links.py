"""``ptg:links``: the links of the gathering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot.chat.urls import safe_url
from ptgbot_site.build.directive import StateDirective, items, line, note
from ptgbot_site.build.typed import link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import LINKS


class Links(StateDirective):
    """Shows each link by its title, in the order of the file."""

    kind = "links"
    needs = (LINKS,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of links."""
        rows = [
            line(link(url, plain(title)))
            for title, address in view.state.table(LINKS).items()
            if (url := safe_url(address))
        ]
        return [items(rows, "ptg-titles")] if rows else [note(say("There are no links yet."))]
