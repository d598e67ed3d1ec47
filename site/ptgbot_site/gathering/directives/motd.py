"""``ptg:motd``: the messages of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective
from ptgbot_site.build.registry import Part
from ptgbot_site.build.state import text_of
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import MOTD, TRACKS

DANGER = "danger"
"""The level of messages that every page shows."""


class Motd(StateDirective):
    """Shows every message in the style of its level; nothing if there is none.

    Pages with our theme have danger messages in their banner, so they are not repeated here.
    """

    kind = "motd"
    needs = (MOTD,)
    also = (TRACKS,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a paragraph for each message."""
        rows = view.state.rows(MOTD)
        shown = [row for row in rows if text_of(row, "level") != DANGER] if view.rich else rows
        return [message(view, text_of(row, "level"), text_of(row, "message")) for row in shown]


def _alarms(view: View, _given: str) -> list[nodes.Node]:
    found = [row for row in view.state.rows(MOTD) if text_of(row, "level") == DANGER]
    return [message(view, DANGER, text_of(row, "message"), "ptg-alarm-line") for row in found]


ALARMS = Part(_alarms, lambda _given: [MOTD], order=0)
"""The danger messages, for the banner of every page."""


def message(view: View, level: str, text: str, *classes: str) -> nodes.paragraph:
    """Return a message with the word of its level before it."""
    words = {"success": say("Good news:"), "warning": say("Warning:"), "danger": say("Danger:")}
    known = level if level in words else "info"
    shown = nodes.paragraph("", "", classes=["ptg-message", f"ptg-{known}", *classes])
    if known in words:
        shown += [nodes.inline("", words[known], classes=["ptg-level"]), nodes.Text(" ")]
    shown += view.typed(text)
    return shown
