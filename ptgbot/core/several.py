"""Several commands in one message: each is decided on its own, and one message answers them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from ptgbot.chat.commands import Decision, say
from ptgbot.chat.inbox import Verdict
from ptgbot.chat.message import Answer, Done, Message, Reply, listed
from ptgbot.chat.text import short
from ptgbot.router import Router

MOST_COMMANDS: Final = 50
"""Commands that one message may have."""


def each_command(router: Router, message: Message) -> list[Message]:
    """Return a message for each command in a message; the message itself if it has one or none.

    A line that begins with a command begins a new one, every other line belongs to the command before it. Lines
    before the first command are conversation.
    """
    named = message.said is not None
    lines = (message.text if message.said is None else message.said).split("\n")
    if len(lines) == 1:
        return [message]
    begins = [
        number
        for number, line in enumerate(lines)
        if (named and not number) or router.begins_command(line, message)
    ]
    if not begins or begins == [0]:
        return [message]
    ends = [*begins[1:], len(lines)]
    texts = ["\n".join(lines[begin:end]) for begin, end in zip(begins, ends, strict=True)]
    return [attrs.evolve(message, text=text, said=text if named else None) for text in texts]


def lines_before(message: Message, commands: Sequence[Message]) -> str:
    """Return the lines of a message before its first command, which are conversation; empty if there are none.

    Args:
        message: the message.
        commands: what :func:`each_command` made of it.
    """
    lines = (message.text if message.said is None else message.said).split("\n")
    rest = sum(command.text.count("\n") + 1 for command in commands)
    return "\n".join(lines[: len(lines) - rest])


def too_many(message: Message, number: int) -> Verdict:
    """Return the answer to a message with too many commands, none of which counts."""
    said = say(f"One message may have {MOST_COMMANDS} commands; yours has {number}. Nothing was changed.")
    return Verdict(message, "", said)


def fit_for_company(line: str, decision: Decision) -> Decision:
    """Return the decision on one of several commands, or a refusal of a command that must stand alone.

    A message counts as handled with the first batch that has one of its decisions. So no command in it may wait for
    a request, or end a batch.
    """
    secret = any(isinstance(answer, Reply) and answer.instead for answer in decision.answers)
    if decision.ask is None and not decision.forget and not secret:
        return decision
    return say(f"Please type “{short(line, 40)}” in a message of its own.")


def in_one_answer(verdicts: Sequence[Verdict], message: Message, *, several: bool) -> list[Verdict]:
    """Return the verdicts on a message with all their answers at the first of them that has any.

    The number of an answer in its message is part of its transaction id, so they must leave together.

    Args:
        verdicts: the verdicts, in order.
        message: the message as it came.
        several: whether it had several commands, whose replies become one.
    """
    ours = [verdict for verdict in verdicts if verdict.message.id == message.id and verdict.decision.answers]
    if not message.id or len(ours) < 2 or any(verdict.decision.ask for verdict in ours):
        return [*verdicts]
    answers = [answer for verdict in ours for answer in verdict.decision.answers]
    together = _joined(answers) if several else answers
    said: dict[int, Sequence[Answer]] = {id(verdict): () for verdict in ours} | {id(ours[0]): together}
    return [_saying(verdict, said.get(id(verdict))) for verdict in verdicts]


def _saying(verdict: Verdict, answers: Sequence[Answer] | None) -> Verdict:
    """Return a verdict with other answers, unless they are None."""
    if answers is None:
        return verdict
    return attrs.evolve(verdict, decision=attrs.evolve(verdict.decision, answers=answers))


def _joined(answers: Sequence[Answer]) -> list[Answer]:
    """Return answers with all replies as one list, and one sign of success instead of several."""
    replies = [answer for answer in answers if isinstance(answer, Reply)]
    done = [answer for answer in answers if isinstance(answer, Done)][:1]
    others = [answer for answer in answers if not isinstance(answer, Reply | Done)]
    if len(replies) > 1:
        people = dict.fromkeys(key for reply in replies for key in reply.people)
        texts = dict.fromkeys(reply.text for reply in replies)
        replies = [listed([*texts], people=[*people])]
    return [*replies, *done, *others]
