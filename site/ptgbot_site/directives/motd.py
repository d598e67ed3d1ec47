"""``ptg:motd``: the messages of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective
from ptgbot_site.state import text_of
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Motd(StateDirective):
    """Shows every message in the look of its level; nothing where there is none."""

    kind = "motd"
    needs = ("motd",)
    also = ("tracks",)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return one paragraph a message."""
        return [_message(view, text_of(row, "level"), text_of(row, "message")) for row in view.state.rows("motd")]


def _message(view: View, level: str, text: str) -> nodes.paragraph:
    words = {"success": say("Good news:"), "warning": say("Warning:"), "danger": say("Danger:")}
    known = level if level in words else "info"
    shown = nodes.paragraph("", "", classes=["ptg-message", f"ptg-{known}"])
    if known in words:
        shown += [nodes.inline("", words[known], classes=["ptg-level"]), nodes.Text(" ")]
    shown += view.typed(text)
    return shown


def setup_motd(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "motd", Motd)
