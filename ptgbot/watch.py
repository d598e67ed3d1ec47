"""Tells the operators in their own room when a part needs somebody, and when it works again."""

from __future__ import annotations

import asyncio
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
    """Looks at the health of all parts. What could not be said, because no room was reachable, is said later."""

    parts: Callable[[], Mapping[str, Health]]
    say: Callable[[str], bool]
    """Says a sentence to the operators; False where nobody can hear it now."""
    interval: float = INTERVAL
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    _red: dict[str, float] = field(factory=dict, init=False)
    """Parts that the operators know to be red, and when each was last spoken of."""
    _well: dict[str, float] = field(factory=dict, init=False)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self.interval)
            self.look()

    def look(self) -> None:
        """Say what changed since it was last spoken of."""
        for name, health in self.parts().items():
            if health.colour is Colour.RED and name not in self._red:
                self._turn(name, f"{name} needs somebody: {health.text}", self._well, self._red)
            elif health.colour is Colour.GREEN and name in self._red:
                self._turn(name, f"{name} works again.", self._red, self._well)

    def _turn(self, name: str, text: str, former: dict[str, float], present: dict[str, float]) -> None:
        now = self.clock()
        if now - former.get(name, now - self.patience) >= self.patience and self.say(text):
            former.pop(name, None)
            present[name] = now
