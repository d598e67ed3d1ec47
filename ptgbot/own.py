"""The core's own commands, which work on every feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ptgbot.chat.commands import ROLES, Call, Command, Decision, Form, say
from ptgbot.chat.message import Reply
from ptgbot.chat.text import fold, short
from ptgbot.history import Past, how_many
from ptgbot.store.edits import Tree

OwnDecide = Callable[[Past, Call[None]], tuple[str, Decision]]
"""Returns the name of the feature whose state changes, empty for none, and the decision."""


def _not_here(_tree: Tree, _call: Call[Any]) -> Decision:
    raise TypeError("a command of the core is decided over all features")


def _undo(past: Past, call: Call[None]) -> tuple[str, Decision]:
    if call.argument:
        return "", say("~undo takes nothing behind it; it takes back the last change made through this channel.")
    room = call.message.room
    return past.take_back(past.history.in_room(room.network, room.id), f"in {room.name}")


def _undo_of_subject(past: Past, call: Call[None]) -> tuple[str, Decision]:
    track = call.subject
    if call.argument:
        return "", say(f"#{track} undo takes nothing behind it; it takes back the last change of the track.")
    return past.take_back(past.history.of_subject(track), f"for #{track}")


def _log(past: Past, call: Call[None]) -> tuple[str, Decision]:
    words, number = how_many(call.arguments)
    term = " ".join(words)
    if not term:
        return "", past.listed(past.history.everything(), "at all", number)
    return "", past.listed(past.history.naming(fold(term.removeprefix("#"))), f"of {short(term)}", number)


def _log_of_subject(past: Past, call: Call[None]) -> tuple[str, Decision]:
    track = call.subject
    words, number = how_many(call.arguments)
    if words:
        return "", say(f"How many changes? Type #{track} log and a number, such as #{track} log 3.")
    return "", past.listed(past.history.of_subject(track), f"of #{track}", number)


def _forget(past: Past, call: Call[None]) -> tuple[str, Decision]:
    if fold(call.argument) != "me":
        return "", say("Type +forget me to have everything about you removed. Nobody can ask that for somebody else.")
    return "", Decision(answers=[Reply("Everything about you is removed.")], forget=True)


def _command(name: str, form: Form, usage: str, meaning: str, example: str) -> Command[None]:
    return Command(name, form, ROLES[form], usage, meaning, example, _not_here)


OWN: Sequence[tuple[Command[None], OwnDecide]] = (
    (
        _command(
            "forget",
            Form.USER,
            "+forget me",
            "Remove everything about you: check-in, subscription, your name in the log. It can't be undone.",
            "+forget me",
        ),
        _forget,
    ),
    (_command("undo", Form.TRACK, "#TRACK undo", "Take back the last change of this track.", "#nova undo"),
     _undo_of_subject),
    (
        _command(
            "log", Form.TRACK, "#TRACK log [N]", "The last changes of this track: who, when and where.", "#nova log 3"
        ),
        _log_of_subject,
    ),
    (
        _command(
            "undo",
            Form.ADMIN,
            "~undo",
            "Take back the last change made through this channel, whoever made it.",
            "~undo",
        ),
        _undo,
    ),
    (
        _command(
            "log",
            Form.ADMIN,
            "~log [#TRACK|ROOM|NAME|SLOT] [N]",
            "The last changes, or those that touch a track, room, person or slot: who, when and where.",
            "~log Aspen 3",
        ),
        _log,
    ),
)
"""Every command of the core except help, with the function that decides on it."""

COMMANDS: Sequence[Command[None]] = tuple(command for command, _ in OWN)
"""The commands of the core, for help and the command page."""
