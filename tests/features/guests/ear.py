"""A guest that hears: it keeps every line of the rooms where it listens, numbered, and counts people."""

from __future__ import annotations

from typing import Any, cast

from attrs import frozen

from ptgbot.chat.commands import ROLES, Call, Command, Context, Decision, Form, say
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Room
from ptgbot.feature import Feature
from ptgbot.store.edits import ABSENT, Edit, Tree


@frozen
class EarSettings:
    """Where it listens."""

    rooms: tuple[str, ...] = ("#gathering",)


def _ear(tree: Tree, call: Call[EarSettings]) -> Decision:
    return say(f"{len(cast('dict[str, Any]', tree['lines']))} lines")


class Ear(Feature[EarSettings]):
    """Keeps what it hears."""

    name = "ear"
    settings = EarSettings
    rank = 300
    commands = (Command("ear", Form.USER, ROLES[Form.USER], "+ear", "How many lines were heard.", "+ear", _ear),)

    def empty(self) -> Tree:
        return {"lines": {}, "events": {}}

    def listens(self, room: Room, settings: EarSettings) -> bool:
        return room.name in settings.rooms

    def hear(self, tree: Tree, heard: Heard, context: Context[EarSettings]) -> Decision | None:
        if heard.kind is HeardKind.LINE:
            lines = cast("dict[str, Any]", tree["lines"])
            who = heard.person.nick if heard.person else ""
            row: Any = [who, heard.text, heard.taken, heard.own]
            return Decision([Edit(("lines", str(len(lines) + 1)), ABSENT, row)])
        events = cast("dict[str, Any]", tree["events"])
        seen: Any = [heard.kind.value, heard.person.nick if heard.person else "", heard.text]
        return Decision([Edit(("events", str(len(events) + 1)), ABSENT, seen)])


FEATURE = Ear()
