"""``ptg:etherpads``: the notes of every track."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, items, line, note
from ptgbot_site.build.typed import link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.look import badge, etherpad
from ptgbot_site.gathering.names import TRACKS


class Etherpads(StateDirective):
    """Shows each track with the address of its notes."""

    kind = "etherpads"
    needs = (TRACKS,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of tracks."""
        rows = [
            line(badge(view, name), link(url, plain(url.partition("//")[2] or url), classes=("ptg-url",)))
            for name in view.state.table(TRACKS)
            if (url := etherpad(view, name))
        ]
        return [items(rows, "ptg-pads")] if rows else [note(say("No track takes notes yet."))]
