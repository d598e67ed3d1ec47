"""Tells the operators in their rooms when a part turns red, and when it works again."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping

from attrs import define, field

from ptgbot.chat.adapter import Colour, Health

INTERVAL = 5.0
"""Seconds between two looks."""
PATIENCE = 60.0
"""Seconds between two sentences about one part: one that comes and goes must not fill the room."""


@define(eq=False)
class Watch:
    """Watches the health of all parts. A sentence that could be said in no room is said later."""

    parts: Callable[[], Mapping[str, Health]]
    say: Callable[[str], bool]
    """Says a sentence to the operators; returns False if no room of theirs can be reached now."""
    interval: float = INTERVAL
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    _told: dict[str, tuple[bool, float]] = field(factory=dict, init=False)
    """For each part, whether the operators were told that it is red, and when (monotonic seconds)."""

    async def run(self) -> None:
        """Watch, without end."""
        while True:
            await asyncio.sleep(self.interval)
            self.look()

    def look(self) -> None:
        """Say which parts have turned red or green since the last report about them."""
        now = self.clock()
        for name, health in self.parts().items():
            red = health.colour is Colour.RED
            was, at = self._told.get(name, (False, -math.inf))
            if health.colour is Colour.YELLOW or red == was or now - at < self.patience:
                continue
            if self.say(f"{name} needs somebody: {health.text}" if red else f"{name} works again."):
                self._told[name] = red, now
