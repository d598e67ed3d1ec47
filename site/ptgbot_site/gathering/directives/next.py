"""``ptg:next``: the next topics of every track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, heading, items, line, note
from ptgbot_site.build.nodes import ptg_item
from ptgbot_site.build.state import text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.look import badge, place
from ptgbot_site.gathering.names import NEXT, ROOMS, TRACKS


class Next(StateDirective):
    """Shows the next topics of each track, in order."""

    kind = "next"
    shared = (TRACKS, ROOMS)
    needs = (NEXT,)
    also = (TRACKS, ROOMS)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of tracks, each with the list of its topics."""
        shown = []
        for name, row in view.state.table(NEXT).items():
            texts = row.get("texts") if isinstance(row, dict) else None
            if isinstance(row, dict) and isinstance(texts, list) and texts:
                told = (name, text_of(row, "location"), [str(text) for text in texts])
                shown.append(view.piece(partial(_track, view, *told), "next", *told))
        return [items(shown, "ptg-cards")] if shown else [note(say("Nothing has been announced yet."))]


def _track(view: View, track: str, location: str, texts: Sequence[str]) -> nodes.list_item:
    head: list[nodes.Node] = [heading(3, badge(view, track, location))]
    if location:
        head.append(place(view, location))
    topics = items([line(view.typed(text, "ptg-topic")) for text in texts], "ptg-topics")
    return ptg_item("", line(*head), topics, **{"data-track": clean(track)})
