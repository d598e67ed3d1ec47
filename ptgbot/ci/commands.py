"""``+ci``: how a project or a CI is doing."""

from __future__ import annotations

from typing import Final

from ptgbot.chat.commands import Call, Command, Decision, Form, Query, say
from ptgbot.chat.message import Role
from ptgbot.ci.answers import answer
from ptgbot.ci.following import NAME
from ptgbot.ci.settings import CiSettings
from ptgbot.store.edits import Tree


def _ci(_tree: Tree, call: Call[CiSettings]) -> Decision:
    words = call.argument.strip()
    if not words:
        return say(
            "Say which: +ci PROJECT, +ci NAME of a CI, +ci missing, +ci periodic, or +ci why NUMBER of a change."
        )
    if call.fetched is None:
        at, settings = call.at, call.settings
        return Decision(ask=Query(lambda folder: answer(folder / NAME, words, at, settings)))
    if call.fetched.error:
        return say(f"The board cannot be read: {call.fetched.error}")
    return say(str(call.fetched.value))


CI: Final = Command[CiSettings](
    "ci",
    Form.USER,
    Role.ATTENDEE,
    "+ci PROJECT|NAME|missing|periodic|why NUMBER",
    "Tells how a project or a CI did in the last day, which CIs are silent, which periodic jobs or changes failed.",
    "+ci openstack/nova",
    _ci,
)
COMMANDS: Final = (CI,)
