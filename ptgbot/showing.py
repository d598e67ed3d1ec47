"""Tells the publisher what the site shall show: after commits, and when time alone changes a page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import define, field

from ptgbot.core import Core
from ptgbot.projection import Projection, Shown
from ptgbot.publish import Projects, Publisher
from ptgbot.store.edits import Json
from ptgbot.waiting import to_its_end

PAUSE = 0.05
"""Seconds, at least, between two looks at the state."""
PATIENCE = 1.0
"""Seconds for which slices wait for a running build. Routes answer from slices, also while a build hangs."""


def _nothing() -> None:
    return None


@define(eq=False)
class Showing:
    """Keeps the publisher informed about slices and files."""

    core: Core
    projection: Projection
    clock: Callable[[], datetime]
    publisher: Publisher | None = None
    projects: Projects = field(factory=lambda: Projects({}))
    on_shown: Callable[[], None] = _nothing
    """Called when the next moment from which the site looks different may be another one."""
    on_look: Callable[[datetime], None] = lambda _at: None
    """Called with the moment of slices before they are computed: they have every change so far."""
    shown: Shown | None = field(default=None, init=False)
    """What the publisher was told last."""
    _due: asyncio.Event = field(factory=asyncio.Event, init=False)

    @property
    def slices(self) -> Mapping[str, Json]:
        """The slices that were last given to the publisher."""
        return self.shown.slices if self.shown else {}

    def wake(self) -> None:
        """Note that the site may be out of date."""
        self._due.set()

    async def run(self) -> None:
        """Keep the publisher informed, without end."""
        while True:
            await self._due.wait()
            if self.publisher:
                await self._until_at_rest(self.publisher)
            self._due.clear()
            await self.show()
            await asyncio.sleep(PAUSE)

    async def _until_at_rest(self, publisher: Publisher) -> None:
        """Wait until the next build can begin, at most :data:`PATIENCE`."""
        try:
            async with asyncio.timeout(PATIENCE):
                await publisher.at_rest()
        except TimeoutError:
            return

    async def show(self) -> None:
        """Give the publisher the present slices and files."""
        state, at = self.core.state, self.clock()
        # Both roots are snapshots: commands go on while the slices are computed.
        committed, derived = state.committed, state.derived
        self.on_look(at)
        self.shown = shown = await to_its_end(lambda: self.projection.update(committed, derived, at))
        if self.publisher:
            self.publisher.update(shown)
            self.projects.update(shown)
        self.on_shown()

    def forget(self) -> None:
        """Make everything anew that may name a forgotten person."""
        if self.publisher:
            self.publisher.forget_former()
            self.projects.forget_former()

    def next_change(self, looked: datetime) -> datetime | None:
        """Return the first moment after ``at`` at which time alone changes the site, None if it is unknown."""
        until = self.shown.until if self.shown else None
        return until if until and until > looked else None
