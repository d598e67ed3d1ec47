"""Finds a feature's command by the form in which it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import attrs

from ptgbot.chat.commands import Call, Command, Context, Decision, Form, find_command, parse, say, suggestion
from ptgbot.chat.message import Message, Role
from ptgbot.chat.text import clean, fold, short
from ptgbot.store.edits import Tree

S = TypeVar("S")

OF_SUBJECTS = ("undo", "log")
"""Words of track commands that belong to the core."""
IN_PUBLIC = "Type it in a channel or room of the gathering; here, in private, only + commands work."


class Commanded(Protocol[S]):
    """The part of a feature that is needed to find its commands."""

    @property
    def commands(self) -> Sequence[Command[S]]:
        """The commands of the feature."""

    def subject(self, tree: Tree, word: str) -> str | None:
        """Return the subject that ``#word`` names, None if there is none."""

    def refusal(self, tree: Tree, command: Command[S], call: Call[S]) -> str | None:
        """Return a sentence that says why the sender may not use a command, None if they may."""


def dispatch(feature: Commanded[S], tree: Tree, message: Message, context: Context[S]) -> Decision | None:
    """Decide on a message by the command that it names; return None if it names no command of the feature."""
    form, call = read_call(feature, tree, message, context)
    if form is Form.TRACK and message.private:
        return say(f"{f'#{call.subject} {short(call.word, 30)}'.strip()} is a track command. {IN_PUBLIC}")
    command = find_command(feature.commands, form, call.word) if form else None
    if command is None:
        return unknown_of_subject(feature.commands, call) if form is Form.TRACK else None
    refused = feature.refusal(tree, command, call)
    decision = say(refused) if refused else command.decide(tree, call)
    return attrs.evolve(decision, subject=call.subject) if form is Form.TRACK and not refused else decision


def read_call(
    feature: Commanded[S], tree: Tree, message: Message, context: Context[S]
) -> tuple[Form | None, Call[S]]:
    """Return the form and the call of a line, whether or not the command exists.

    The form is None for conversation. In a message for the bot the sign ``+`` may be omitted.
    """
    typed = parse(message.text)
    word, rest = (typed.word, typed.rest) if typed else message.text.partition(" ")[::2]
    call = Call(
        message,
        fold(word),
        clean(rest),
        context.settings,
        context.history,
        words=context.words,
        fetched=context.fetched,
        site=context.site,
        groups=context.groups,
    )
    if typed is None:
        return (Form.USER if message.direct else None), call
    if typed.prefix != "#":
        return (Form.USER if typed.prefix == "+" else Form.ADMIN), call
    subject = feature.subject(tree, call.word)
    if subject is None:
        return Form.FIXED, call
    first, _, argument = call.argument.partition(" ")
    return Form.TRACK, attrs.evolve(call, subject=subject, word=fold(first), argument=argument)


def unknown_of_subject(commands: Sequence[Command[S]], call: Call[S]) -> Decision:
    """Answer an unknown word after ``#TRACK`` with the commands that may be meant. Often it is no command at all."""
    of_tracks = [command for command in commands if command.form is Form.TRACK]
    hint = suggestion(call.word, of_tracks, f"#{call.subject} ", OF_SUBJECTS)
    return say(f"“{short(call.word, 30)}” is no command of #{call.subject}.{hint} +help lists them all.")


def refusal_by_role(command: Command[S], call: Call[S]) -> str | None:
    """Return a sentence that says why the sender's role in the room does not suffice, None if it does."""
    message = call.message
    if message.private and command.form is Form.ADMIN:
        return f"~{call.word} is for operators. {IN_PUBLIC}"
    if message.role >= command.role:
        return None
    if command.role is Role.ADMIN:
        return f"{_sign(command)}{call.word} is for the operators of {message.room.name}; ask one of them."
    return f"{_sign(command)}{call.word} needs +v or moderator rights in {message.room.name} now."


def _sign(command: Command[S]) -> str:
    return "#" if command.form in (Form.TRACK, Form.FIXED) else command.form.value
