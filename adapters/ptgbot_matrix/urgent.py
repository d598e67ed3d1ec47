"""Answers to people come first: announcements, topics and pins wait while an answer is on its way.

Each room has a queue of its own, but the homeserver counts all requests of an account together when it asks for a
pause. Without this, an answer would compete with a broadcast for the next free moment, and might lose again and again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from attrs import define, field

from ptgbot.chat.message import Kind, Outgoing

LONGEST: Final = 5.0
"""Seconds after which an answer that has not left delays others no more: its room may not take it for long."""
URGENT: Final = (Kind.REPLY, Kind.DONE, Kind.REACH)


@define(eq=False)
class AnswersFirst:
    """Knows the answers to people that are on their way."""

    clock: Callable[[], float] = time.monotonic
    _begun: dict[int, float] = field(factory=dict, init=False)
    """When each answer was queued (monotonic seconds), by a number."""
    _left: asyncio.Event = field(factory=asyncio.Event, init=False)
    _last: int = field(default=0, init=False)

    def follow(self, outgoing: Outgoing, left: Callable[[], None]) -> Callable[[], None]:
        """Note an answer that is queued. Return the function to call when it has left instead of ``left``."""
        if outgoing.kind not in URGENT:
            return left
        self._last += 1
        number = self._last
        self._begun[number] = self.clock()

        def gone() -> None:
            del self._begun[number]
            self._left.set()
            left()

        return gone

    async def wait(self) -> None:
        """Wait until the answers that are on their way now have left, but for none longer than :data:`LONGEST`.

        Later ones are not waited for, so that somebody who floods the bot with commands cannot stop a broadcast.
        """
        waited_for = {*self._begun}
        while now := [self._begun[number] for number in waited_for if number in self._begun]:
            rest = max(now) + LONGEST - self.clock()
            if rest <= 0:
                return
            self._left.clear()
            try:
                async with asyncio.timeout(rest):
                    await self._left.wait()
            except TimeoutError:
                continue
