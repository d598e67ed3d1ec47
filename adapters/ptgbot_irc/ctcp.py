"""Answers to the CTCP requests of people's clients: VERSION and PING, a few a minute.

Source: https://modern.ircdocs.horse/ctcp.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Final

from attrs import define, field

from ptgbot.chat.outbox import Pace
from ptgbot_irc.line import Line
from ptgbot_irc.text import CTCP, clean

MOST: Final = 3
"""Requests that are answered at once; afterwards one each ``1 / RATE`` seconds."""
RATE: Final = 0.1
LONGEST: Final = 64
"""Characters of a PING that are sent back."""


@define(eq=False)
class Requests:
    """The CTCP requests to us on one connection. Those that come too often get no answer."""

    introduction: Callable[[], str]
    """Returns a sentence about this bot."""
    send: Callable[..., Awaitable[None]]
    _pace: Pace = field(factory=lambda: Pace(RATE, MOST), init=False)
    _answers: deque[tuple[str, str]] = field(factory=deque, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    def take(self, line: Line) -> None:
        """Note a PRIVMSG of a person to us if it is a request that is answered."""
        word, _, argument = line.param(1).strip(CTCP).partition(" ")
        answers: dict[str, Callable[[], str]] = {"VERSION": self._version, "PING": lambda: clean(argument)[:LONGEST]}
        answer = answers.get(word.upper())
        if not line.param(1).startswith(CTCP) or answer is None or self._pace.delay():
            return
        self._pace.take()
        self._answers.append((line.nick, f"{CTCP}{word.upper()} {answer()}{CTCP}"))
        self._wake.set()

    def _version(self) -> str:
        about = self.introduction()
        return f"ptgbot {version('ptgbot')}{f', {about}' if about else ''}"

    async def run(self) -> None:
        """Send the answers, without end.

        Raises:
            OSError: the connection was lost.
        """
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._answers:
                # A notice, which no client answers (RFC 1459 section 4.4.2).
                await self.send("NOTICE", *self._answers.popleft())
