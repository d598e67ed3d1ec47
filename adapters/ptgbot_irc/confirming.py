"""Confirmation that the server has carried out a command: it answers a PING sent behind it, and refuses nothing before.

A server handles the commands of a connection in order (RFC 1459 section 8.2), so its PONG says that it is done with
everything before the PING. A refusal arrives before the PONG, as a numeric that names the target.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from attrs import define, field

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot_irc.line import Line, compose
from ptgbot_irc.session import Session

SPEAKING: Final = {
    "401": "{} is not there",
    "403": "there is no channel {}",
    "404": "{} takes no lines from us",
    "408": "{} takes no colours",
    "415": "{} takes no lines of this kind",
    "442": "not in {}",
    "477": "{} wants a services account",
    "482": "not an operator in {}",
}
"""Numerics that refuse a PRIVMSG (https://modern.ircdocs.horse/#numerics), in words."""
RETITLING: Final = {
    "403": "there is no channel {}",
    "442": "not in {}",
    "477": "{} has no topics",
    "482": "not an operator in {} (+t)",
}
"""Numerics that refuse a TOPIC, in words."""
BY_OTHERS: Final[Mapping[str, str]] = {}
"""Marks the question whether somebody else, such as services, has set a topic for us."""
AGAIN: Final = 1.5
"""Seconds after which a topic may be set that came within the same second as another one (InspIRCd, 437)."""


@define(eq=False)
class Question:
    """One command that the server has not confirmed yet."""

    token: str
    target: str
    refusals: Mapping[str, str]
    check: Callable[[], None]
    """Called when the server is done with the command. Raises Undeliverable where it had no effect."""
    asked: bool = field(default=False, init=False)
    """Whether its turn to be sent has come: refusals before that belong to other lines."""
    _answer: asyncio.Future[None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._answer = asyncio.get_running_loop().create_future()

    def ask(self) -> Sequence[bytes]:
        """Return the PING line to send behind the command."""
        self.asked = True
        return [compose("PING", self.token)]

    async def answer(self) -> None:
        """Wait for the server's confirmation.

        Raises:
            Undeliverable: the server refused the command, or it had no effect.
            ConnectionError: the connection was lost, or we were removed from the channel.
        """
        await self._answer

    def done(self) -> None:
        """Settle the question after the PONG: run ``check`` and confirm, or fail with the error that it raises."""
        try:
            self.check()
        except Undeliverable as refusal:
            self.fail(refusal)
        else:
            self.confirm()

    def confirm(self) -> None:
        """Settle the question: the command had its effect."""
        if not self._answer.done():
            self._answer.set_result(None)

    def fail(self, error: Exception) -> None:
        """Settle the question with an error, which :meth:`answer` raises."""
        if not self._answer.done():
            self._answer.set_exception(error)


@define(eq=False)
class Confirmations:
    """The unconfirmed commands of one connection."""

    session: Session
    _open: list[Question] = field(factory=list, init=False)
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    @contextmanager
    def question(
        self, target: str, refusals: Mapping[str, str], check: Callable[[], None] = lambda: None
    ) -> Iterator[Question]:
        """Watch for the confirmation of one command while the context lasts.

        Args:
            target: the channel or nick that the command is sent to.
            refusals: numerics that refuse the command, with a sentence each; ``{}`` stands for the target.
            check: called after the PONG; raises Undeliverable if the command had no effect.
        """
        question = Question(f"ptgbot-{next(self._numbers)}", target, refusals, check)
        self._open.append(question)
        try:
            yield question
        finally:
            self._open.remove(question)

    def take(self, line: Line) -> None:
        """Settle the questions that one line of the server answers."""
        own = self.session.is_own
        match line.command, line.params:
            case "PONG", (*_, token):
                for question in self._open:
                    if question.token == token:
                        question.done()
            case "TOPIC", (channel, *_) if own(line.nick):
                for question in self._about(channel):
                    if question.asked and question.refusals is RETITLING:
                        question.confirm()
            case "TOPIC", (channel, *_):
                for question in self._about(channel):
                    if question.refusals is BY_OTHERS:
                        question.confirm()
            case "PART", (channel, *_) if own(line.nick):
                self._put_out(channel)
            case "KICK", (channel, nick, *_) if own(nick):
                self._put_out(channel)
            case "417", _:
                self._refuse_length()
            case numeric, (_, target, *_):
                self._refuse(numeric, target)

    def lost(self, reason: str) -> None:
        """Fail all open questions with a ConnectionError, because the connection is lost."""
        for question in self._open:
            question.fail(ConnectionError(reason))

    def _about(self, target: str) -> Sequence[Question]:
        return [one for one in self._open if self.session.features.same(one.target, target)]

    def _put_out(self, channel: str) -> None:
        for question in self._about(channel):
            question.fail(ConnectionError(f"not in {channel} any more"))

    def _refuse_length(self) -> None:
        """Fail all sent lines, because the server has dropped one: ERR_INPUTTOOLONG (417) names no target."""
        for question in [one for one in self._open if one.asked]:
            question.fail(Undeliverable(f"the server takes no line of this length for {question.target}"))

    def _refuse(self, numeric: str, target: str) -> None:
        if numeric == "437":
            self._put_off(target)
        refused = [one for one in self._about(target) if one.asked and numeric in one.refusals]
        # While a topic is set as well, "not an operator" is about the topic.
        for question in [one for one in refused if one.refusals is RETITLING] or refused:
            question.fail(Undeliverable(question.refusals[numeric].format(question.target)))

    def _put_off(self, channel: str) -> None:
        """Fail the topics of a channel that the server wants to be set later."""
        for question in [one for one in self._about(channel) if one.asked and one.refusals is RETITLING]:
            question.fail(TryLater(AGAIN))
