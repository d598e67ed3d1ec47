"""``ptg:motd``: the messages of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective
from ptgbot_site.build.state import text_of
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import MOTD, TRACKS


class Motd(StateDirective):
    """Shows every message in the style of its level; nothing if there is none."""

    kind = "motd"
    needs = (MOTD,)
    also = (TRACKS,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a paragraph for each message."""
        return [_message(view, text_of(row, "level"), text_of(row, "message")) for row in view.state.rows(MOTD)]


def _message(view: View, level: str, text: str) -> nodes.paragraph:
    words = {"success": say("Good news:"), "warning": say("Warning:"), "danger": say("Danger:")}
    known = level if level in words else "info"
    shown = nodes.paragraph("", "", classes=["ptg-message", f"ptg-{known}"])
    if known in words:
        shown += [nodes.inline("", words[known], classes=["ptg-level"]), nodes.Text(" ")]
    shown += view.typed(text)
    return shown
