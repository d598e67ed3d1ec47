"""The core's own commands, which work on every feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from ptgbot.chat.commands import ROLES, Call, Command, Decision, Form, say
from ptgbot.chat.message import Reply
from ptgbot.chat.text import fold, short
from ptgbot.history import Past, how_many
from ptgbot.linking import Identity, identity_of, link_of, linked, unlinked
from ptgbot.progress import CORE
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
    linked = f", with the link to {call.message.person.linked}" if call.message.person.linked else ""
    said = " ".join([f"Everything about you is removed{linked}.", *past.unforgotten])
    return "", Decision(answers=[Reply(said)], forget=True)


def _link(past: Past, call: Call[None]) -> tuple[str, Decision]:
    mine, at = identity_of(call.message), call.at
    if not call.message.private:
        if call.argument and past.codes.end(call.argument, at):
            return "", say("Others have read that code, so it has ended. Type +link in a private chat with me.")
        return "", say("I tell codes in a private chat only, so that nobody else reads them: type +link to me there.")
    if mine is None:
        return "", say("The server tells me no account of yours. Log in, for example with NickServ, and type it again.")
    own = cast("Tree", past.state.get(CORE) or {})
    if other := link_of(own, mine):
        return "", say(f"You are linked with {other} already. +unlink ends that.")
    if not call.argument:
        return "", _code(past, mine, at)
    found = past.codes.redeem(call.argument, mine, at)
    if isinstance(found, str):
        return "", say(found)
    if other := link_of(own, found):
        return "", say(f"{found.shown} is linked with {other} already. +unlink there ends that.")
    edits, key = linked(found, mine)
    moves = tuple((one.key, key) for one in (found, mine) if one.key != key)
    text = f"You are now one person: {found.shown} and {mine.shown}. If that is not you, type +unlink."
    return CORE, Decision(edits, [Reply(text)], moves=moves, final="a link ends with +unlink.")


def _code(past: Past, mine: Identity, at: datetime) -> Decision:
    code = past.codes.issue(mine, at)
    if code is None:
        return say("You have asked for many codes. Please wait ten minutes.")
    text = (
        f"Your code is {code}. Within ten minutes, type +link {code} in a private chat with me on the other network. "
        "Give it to nobody: whoever types it becomes one person with you."
    )
    return Decision(answers=[Reply(text, instead="That code was told once. Type +link to get another one.")])


def _unlink(past: Past, call: Call[None]) -> tuple[str, Decision]:
    mine = identity_of(call.message)
    own = cast("Tree", past.state.get(CORE) or {})
    other = link_of(own, mine) if mine else None
    if mine is None or other is None:
        return "", say("You have linked no account here. +link in a private chat with me does that.")
    text = f"You are not linked with {other} any more. What you left stays with {call.message.person.key}."
    return CORE, Decision(unlinked(own, mine), [Reply(text)], final="type +link to link accounts again.")


def _command(name: str, form: Form, usage: str, meaning: str, example: str) -> Command[None]:
    return Command(name, form, ROLES[form], usage, meaning, example, _not_here)


OWN: Sequence[tuple[Command[None], OwnDecide]] = (
    (
        _command(
            "forget",
            Form.USER,
            "+forget me",
            "Remove everything about you: check-in, subscription, the link of your accounts, your name in the log. "
            "It can't be undone.",
            "+forget me",
        ),
        _forget,
    ),
    (
        _command(
            "link",
            Form.USER,
            "+link [CODE]",
            "Become one person on two networks, such as IRC and Matrix: +link gives you a code in a private chat, and "
            "+link CODE in a private chat on the other network joins your accounts.",
            "+link",
        ),
        _link,
    ),
    (
        _command("unlink", Form.USER, "+unlink", "End the link of your accounts on two networks.", "+unlink"),
        _unlink,
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
