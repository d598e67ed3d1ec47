"""A guest that delivers: a command says a line in its rooms, or in a group of rooms, and the outcome is counted."""

from __future__ import annotations

from typing import Any, cast

from attrs import frozen

from ptgbot.chat.commands import ROLES, Call, Command, Context, Decision, Deliver, Form, say
from ptgbot.chat.message import Done, Target
from ptgbot.chat.text import short
from ptgbot.feature import Feature, Outcome, Pin, Topic
from ptgbot.store.edits import ABSENT, Edit, Tree, get


@frozen
class CrierSettings:
    """Where it cries: rooms as ``NETWORK ROOM``."""

    rooms: tuple[str, ...] = ()
    within: float = 3600.0
    pinned: bool = False


def _cry(tree: Tree, call: Call[CrierSettings]) -> Decision:
    cries = cast("dict[str, Any]", tree["cries"])
    number = str(len(cries) + 1)
    rooms, text = tuple(Target(*where.split(" ", 1)) for where in call.settings.rooms), call.argument
    if text.startswith("@"):
        name, _, text = text.partition(" ")
        group = call.groups.find(name)
        if group is None:
            near = call.groups.near(name)
            return say(f"There is no group {short(name, 30)}.{f' Did you mean @{near}?' if near else ''}")
        rooms = group.rooms
    return Decision(
        [Edit(("cries", number), ABSENT, call.argument)],
        [Done()],
        deliver=(Deliver("say", rooms, f"{text} ({number})", number, call.settings.within),),
        final="a cry that was heard can't be taken back.",
    )


def _cries(tree: Tree, call: Call[CrierSettings]) -> Decision:
    return say(f"{len(cast('dict[str, Any]', tree['cries']))} cries, {tree['outcomes']}")


def _sign(tree: Tree, call: Call[CrierSettings]) -> Decision:
    return Decision([Edit(("topic",), get(tree, ("topic",)), call.argument)], [Done()])


class Crier(Feature[CrierSettings]):
    """Cries in many rooms."""

    name = "crier"
    settings = CrierSettings
    rank = 310
    commands = (
        Command("cry", Form.FIXED, ROLES[Form.FIXED], "#cry [@GROUP] TEXT", "Say it everywhere.", "#cry fire", _cry),
        Command("cries", Form.USER, ROLES[Form.USER], "+cries", "What was cried.", "+cries", _cries),
        Command("sign", Form.ADMIN, ROLES[Form.ADMIN], "~sign TEXT", "Put it before topics.", "~sign fire", _sign),
    )

    def empty(self) -> Tree:
        return {"cries": {}, "outcomes": {}, "topic": ""}

    def outcome(self, tree: Tree, outcome: Outcome, context: Context[CrierSettings]) -> Decision | None:
        result: Any = [outcome.reached, dict(outcome.failed)]
        return Decision([Edit(("outcomes", outcome.about), get(tree, ("outcomes", outcome.about)), result)])

    def pins(self, tree: Tree, settings: CrierSettings) -> list[Pin]:
        last = str(len(cast("dict[str, Any]", tree["cries"])))
        rooms = [where.split(" ", 1) for where in settings.rooms] if settings.pinned else []
        return [Pin(network, room, last) for network, room in rooms]

    def topics(self, tree: Tree, settings: CrierSettings) -> list[Topic]:
        sign = str(tree["topic"])
        rooms = [where.split(" ", 1) for where in settings.rooms] if sign else []
        return [Topic(network, room, 10, lambda beneath: f"{sign} | {beneath}") for network, room in rooms]


FEATURE = Crier()
