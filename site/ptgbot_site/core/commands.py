"""``ptg:commands``: all commands of the bot, from its registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot.chat.commands import Form
from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, note
from ptgbot_site.build.state import text_of
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say

COMMANDS = "core.commands"
"""The slice of all commands."""


class Commands(StateDirective):
    """Shows the commands by the role that they need, each with usage, help and an example."""

    kind = "commands"
    needs = (COMMANDS,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a part for each form of command."""
        titles = {
            Form.USER: (say("For everybody"), say("In the channel or in a private message to the bot.")),
            Form.FIXED: (say("With a fixed word"), say("In the channel or in a private message to the bot.")),
            Form.TRACK: (say("For tracks"), say("In the channel; #TRACK stands for a track's name.")),
            Form.FIXED: (say("With a fixed word"), say("In the channel or in a private message to the bot.")),
            Form.ADMIN: (say("For admins"), say("In the channel, by its operators.")),
        }
        shown: list[nodes.Node] = []
        for form, (title, where) in titles.items():
            rows = [_command(row) for row in view.state.rows(COMMANDS) if row.get("form") == form.name]
            if rows:
                head = nodes.rubric("", title, ids=[f"commands-{form.name.lower()}"])
                head["heading-level"] = 2
                shown += [head, nodes.paragraph("", where)]
                shown.append(nodes.definition_list("", *rows, classes=["ptg-help"]))
        return shown or [note(say("The bot has no commands."))]


def _command(row: Mapping[str, Json]) -> nodes.definition_list_item:
    parts: list[nodes.Node] = [nodes.paragraph("", text_of(row, "help"))]
    for title, text in ((say("Example:"), text_of(row, "example")), (say("Also:"), text_of(row, "aliases"))):
        if text:
            parts.append(nodes.paragraph("", title + " ", _code(text), classes=["ptg-example"]))
    ids = [nodes.make_id(f"command-{text_of(row, 'form')}-{text_of(row, 'name')}")]
    return nodes.definition_list_item(
        "", nodes.term("", "", _code(text_of(row, "usage")), ids=ids), nodes.definition("", *parts)
    )


def _code(text: str) -> nodes.literal:
    return nodes.literal("", text, classes=["ptg-code"])
