"""``ptg:next``: what comes up in every track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.nodes import ptg_item
from ptgbot_site.state import text_of
from ptgbot_site.typed import clean
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Next(StateDirective):
    """Shows the topics that each track has announced, in order."""

    kind = "next"
    needs = ("next",)
    also = ("tracks", "rooms")

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of tracks, each with the list of its topics."""
        shown = []
        for name, row in view.state.table("next").items():
            texts = row.get("texts") if isinstance(row, dict) else None
            if isinstance(row, dict) and isinstance(texts, list) and texts:
                told = (name, text_of(row, "location"), [str(text) for text in texts])
                shown.append(view.piece(partial(_track, view, *told), "next", *told))
        return [items(shown, "ptg-cards")] if shown else [note(say("Nothing has been announced yet."))]


def _track(view: View, track: str, location: str, texts: Sequence[str]) -> nodes.list_item:
    head: list[nodes.Node] = [view.badge(track, location)]
    if location:
        head.append(view.place(location))
    topics = items([line(view.typed(text, "ptg-topic")) for text in texts], "ptg-topics")
    return ptg_item("", line(*head), topics, **{"data-track": clean(track)})


def setup_next(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "next", Next)
