"""The clock of the bot: moments at which features decide, and moments at which pages change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from attrs import define, field

from ptgbot.chat.inbox import Item, Tick
from ptgbot.parts.supervision import RETRY
from ptgbot.waiting import within

MINUTE = 60.0
"""Seconds after which the clock is looked at in any case: machines sleep, and clocks are set."""
PAUSE = 0.5
"""Seconds in which commits are collected before the next moment is looked up again."""


@define(eq=False)
class _Alarm:
    """Wakes up at moments, after commits, and at least once a minute."""

    clock: Callable[[], datetime]
    _changed: asyncio.Event = field(factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Note that the next moment may have changed."""
        self._changed.set()

    async def _sleep(self, seconds: float) -> None:
        self._changed.clear()
        ends = time.monotonic() + seconds
        if await within(self._changed, seconds):
            await asyncio.sleep(max(0.0, min(PAUSE, ends - time.monotonic())))

    def _until(self, moment: datetime | None, now: datetime) -> float:
        return MINUTE if moment is None else min(MINUTE, max(0.0, (moment - now).total_seconds()))


@define(eq=False)
class Ticking(_Alarm):
    """Puts a tick into the inbox at each moment at which a feature wants to decide."""

    due: Callable[[], datetime | None]
    """Returns the next moment; it stays in the past until the state says that the work was done."""
    put: Callable[[Item], bool]
    retry: float = RETRY
    """Seconds after which a tick that did not get its work done is repeated."""
    _asked: tuple[datetime, float] | None = field(default=None, init=False)
    """The moment for which a tick was put in last, and when that was on the monotonic clock (seconds)."""

    async def run(self) -> None:
        """Watch the clock, without end."""
        while True:
            await self._sleep(self.look())

    def look(self) -> float:
        """Put a tick into the inbox if it is time. Return the seconds until the next look."""
        moment, now = self.due(), self.clock()
        if moment is None or moment > now:
            return self._until(moment, now)
        asked, at = self._asked or (None, 0.0)
        waited = time.monotonic() - at
        if asked == moment and waited < self.retry:
            return self.retry - waited
        self._asked = (moment, time.monotonic())
        self.put(Tick(now))
        return self.retry


@define(eq=False)
class Turning(_Alarm):
    """Reports when time alone changes a page. No moment between two looks is missed."""

    next_change: Callable[[datetime], datetime | None]
    """Returns the first moment after another one from which a page looks different."""
    turned: Callable[[], None]

    async def run(self) -> None:
        """Watch the clock, without end."""
        looked = self.clock()
        while True:
            moment, now = self.next_change(looked), self.clock()
            looked = now
            if moment and moment <= now:
                self.turned()
                moment = self.next_change(now)
            await self._sleep(self._until(moment, now))
