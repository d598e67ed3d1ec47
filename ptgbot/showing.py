"""What the site shows of the committed state: slices and files for the publisher, and when time changes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import define, field

from ptgbot.core import Core
from ptgbot.projection import Projection, Shown
from ptgbot.publish import Publisher
from ptgbot.store.edits import Json
from ptgbot.waiting import to_its_end

PAUSE = 0.05
"""Seconds, at least, between two looks at the state."""


def _nothing() -> None:
    return None


@define(eq=False)
class Showing:
    """Tells the publisher what the site shall show, after commits and when time alone changed it."""

    core: Core
    projection: Projection
    clock: Callable[[], datetime]
    publisher: Publisher | None = None
    on_shown: Callable[[], None] = _nothing
    """Called when the next moment from which the site looks different may be another one."""
    shown: Shown | None = field(default=None, init=False)
    """What the publisher was told last."""
    _due: asyncio.Event = field(factory=asyncio.Event, init=False)

    @property
    def slices(self) -> Mapping[str, Json]:
        """The slices that the publisher was told last."""
        return self.shown.slices if self.shown else {}

    def wake(self) -> None:
        """Note that the site may no longer be up to date."""
        self._due.set()

    async def run(self) -> None:
        """Keep the publisher informed for ever."""
        while True:
            await self._due.wait()
            if self.publisher:
                await self.publisher.at_rest()
            self._due.clear()
            await self.show()
            await asyncio.sleep(PAUSE)

    async def show(self) -> None:
        """Tell the publisher what the site shall show now."""
        state, at = self.core.state, self.clock()
        # Both roots are snapshots: commands go on while the slices are computed.
        committed, derived = state.committed, state.derived
        self.shown = shown = await to_its_end(lambda: self.projection.update(committed, derived, at))
        if self.publisher:
            self.publisher.update(shown)
        self.on_shown()

    def forget(self) -> None:
        """Make everything anew that may hold somebody who was forgotten."""
        if self.publisher:
            self.publisher.forget_former()

    def next_change(self, looked: datetime) -> datetime | None:
        """Return the first moment after another one from which the site looks different, as far as it is known."""
        until = self.shown.until if self.shown else None
        return until if until and until > looked else None
