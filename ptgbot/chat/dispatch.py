"""How a feature's commands are looked up, by the form in which they are typed."""

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
    """What is needed of a feature to look its commands up."""

    @property
    def commands(self) -> Sequence[Command[S]]:
        """Its commands."""

    def subject(self, tree: Tree, word: str) -> str | None:
        """Return the subject that ``#word`` names."""

    def refusal(self, tree: Tree, command: Command[S], call: Call[S]) -> str | None:
        """Return why somebody may not use a command."""


def dispatch(feature: Commanded[S], tree: Tree, message: Message, context: Context[S]) -> Decision | None:
    """Decide on a message by the command that it names; None where it names none of the feature's."""
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
    """Return the form and the call that a line would be, whether or not there is such a command.

    The form is None for conversation. In private the sign ``+`` may be left out.
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
        return (Form.USER if message.private else None), call
    if typed.prefix != "#":
        return (Form.USER if typed.prefix == "+" else Form.ADMIN), call
    subject = feature.subject(tree, call.word)
    if subject is None:
        return Form.FIXED, call
    first, _, argument = call.argument.partition(" ")
    return Form.TRACK, attrs.evolve(call, subject=subject, word=fold(first), argument=argument)


def unknown_of_subject(commands: Sequence[Command[S]], call: Call[S]) -> Decision:
    """Answer a word that is no command of a track, with the nearest ones and all of them."""
    words = [name for command in commands if command.form is Form.TRACK for name in command.words if name]
    words += OF_SUBJECTS
    hint = suggestion(call.word, words, f"#{call.subject} ")
    return say(f"#{call.subject} {short(call.word, 30)} is no command.{hint} There are {', '.join(words)}.")


def refusal_by_role(command: Command[S], call: Call[S]) -> str | None:
    """Return why somebody may not use a command, by their role in the room; None where they may."""
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


