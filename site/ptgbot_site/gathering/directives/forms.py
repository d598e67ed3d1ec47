"""``ptg:forms``: links that choose the form of the schedule below them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, items
from ptgbot_site.build.nodes import ptg_item, ptg_link
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import DAYS


class Forms(StateDirective):
    """Shows links that choose between table, list, grid and compact form; nothing in other themes than ours."""

    kind = "forms"
    needs = (DAYS,)
    vanishes = True

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of links. Each leads to itself, and the style sheet shows the form of the chosen link."""
        if not view.rich:
            return []
        forms = {"table": say("Table"), "list": say("List"), "grid": say("Grid"), "compact": say("Compact")}
        rows = [_form(name, words) for name, words in forms.items()]
        return [items(rows, "ptg-forms-list")]


def _form(name: str, words: str) -> nodes.list_item:
    target = f"as-{name}"
    way = ptg_link("", words, refid=target, internal=True)
    return ptg_item("", nodes.paragraph("", "", way), ids=[target], **{"data-form": name})
