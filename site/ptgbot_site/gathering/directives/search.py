"""``ptg:search``: the place of the search, and the pages in which people may look instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, items, jump
from ptgbot_site.build.nodes import ptg_part
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say


class Search(StateDirective):
    """Shows links to the pages that list everything; on the bot's own pages a script puts its search above them."""

    kind = "search"
    needs = ()
    vanishes = True

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return the place of the search, and a list of links."""
        if not view.rich:
            return []
        pages = {
            "tracks": say("Tracks"),
            "rooms": say("Rooms"),
            "schedule": say("Schedule"),
            "recap": say("What was discussed"),
            "people": say("People"),
            "etherpads": say("Notes"),
        }
        links = [jump(page, [nodes.Text(words)]) for name, words in pages.items() if (page := view.page(name))]
        rows = [nodes.paragraph("", "", way) for way in links]
        place = ptg_part("", classes=["ptg-search-box"], **{"data-keep": ""})
        return [place, nodes.paragraph("", say("Everything is on these pages:")), items(rows, "ptg-search-pages")]
