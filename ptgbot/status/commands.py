"""The commands of the status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ptgbot.chat.commands import ROLES, Command, Decision, Form, say
from ptgbot.chat.spelling import misspelt
from ptgbot.chat.text import clean, fold, short
from ptgbot.status import alerts, back, listing, plans, small
from ptgbot.status.finding import Called
from ptgbot.status.settings import StatusSettings
from ptgbot.status.typed import Unclear
from ptgbot.store.edits import Tree

Sub = Callable[[Tree, Called, str], Decision]
"""Decides on the text behind the word of a sub-command. Raises Unclear."""


def _list(tree: Tree, call: Called, text: str) -> Decision:
    return listing.open_ones(tree, call)


SUBS: Final[Mapping[str, Sub]] = {
    "alert": alerts.alert,
    "notice": alerts.notice,
    "log": alerts.log,
    "update": alerts.update,
    "ok": alerts.ok,
    "after": alerts.after,
    "plan": plans.plan,
    "list": _list,
    "undo": back.undo,
    "hide": back.hide,
    "show": back.show,
}
"""What may stand behind ``#status``."""

USAGE: Final = "#status " + "|".join(SUBS) + " [@GROUP] TEXT"


def _status(tree: Tree, call: Called) -> Decision:
    word, _, text = call.argument.partition(" ")
    name = fold(word.rstrip(":,"))
    sub = SUBS.get(name)
    if sub is None:
        near = misspelt(name, SUBS) if word else []
        hint = f" Did you mean #status {near[0]}?" if near else f" Type {USAGE}."
        return say(f"{f'#status {short(word, 30)} is no command.' if word else 'What about the status?'}{hint}")
    try:
        return sub(tree, call, clean(text))
    except Unclear as unclear:
        return say(str(unclear))


COMMANDS: Final[tuple[Command[StatusSettings], ...]] = (
    Command(
        "status",
        Form.FIXED,
        ROLES[Form.FIXED],
        USAGE,
        "Tell every room of trouble and its end, and keep a record; for trusted people. #status list is for everybody.",
        "#status alert gerrit: Gerrit is down, we look into it",
        _status,
    ),
    Command(
        "success",
        Form.FIXED,
        ROLES[Form.FIXED],
        "#success TEXT",
        "Put a small victory on the page of successes.",
        "#success the new release is out",
        small.success,
    ),
    Command(
        "thanks",
        Form.FIXED,
        ROLES[Form.FIXED],
        small.THANKS,
        "Thank people on the page of thanks.",
        "#thanks ada, mira for the help with the gate",
        small.thanks,
    ),
)
