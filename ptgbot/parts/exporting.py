"""Keeps the exported files up to date, and the journal short."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import structlog
from attrs import define, field

from ptgbot.exports import Exported
from ptgbot.parts.supervision import RETRY
from ptgbot.store.edits import Tree
from ptgbot.store.keeper import Keeper
from ptgbot.store.store import NotWritten

log = structlog.get_logger()

DELAY = 0.5
"""Seconds in which commits are collected for one export."""


@define(eq=False)
class Exporting:
    """Exports after commits. A file that could not be written is tried again."""

    keeper: Keeper
    others: Sequence[Exported]
    """Files besides the keeper's own, which are written only."""
    name: str
    """Name of the exported file, for people."""
    tell: Callable[[str], object]
    """Tells the operators one sentence."""
    clock: Callable[[], datetime]
    problem: str = field(default="", init=False)
    """The sentence that says why the last export failed; empty if it worked."""
    _due: asyncio.Event = field(factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Note that the files may be out of date."""
        self._due.set()

    async def run(self) -> None:
        """Export after commits, without end."""
        while True:
            await self._due.wait()
            self._due.clear()
            await asyncio.sleep(DELAY)
            if not self.keeper.leads():
                continue
            try:
                aside = await self.keeper.export(self.clock())
                await self._write_others()
                await self.keeper.rotate()
            except (NotWritten, OSError) as error:
                before, self.problem = self.problem, f"{self.name} could not be written: {error}"
                if self.problem != before:
                    log.error(self.problem)
                self._due.set()
                await asyncio.sleep(RETRY)
            else:
                self.problem = ""
                if aside:
                    text = f"{self.name} was edited while the bot runs; the edit is kept as {aside}."
                    log.warning(text)
                    self.tell(text)

    async def _write_others(self) -> None:
        """Write every file except the main one whose contents have changed.

        Raises:
            OSError: a file cannot be written.
        """
        state = self.keeper.state
        for one in self.others:
            tree = cast("Tree", state.committed[one.feature.name])
            at = self.clock()
            await asyncio.to_thread(_write, one, tree, at, state.changed or at)

    async def finish(self) -> None:
        """Export a last time at the end. If that fails, the next start exports."""
        with contextlib.suppress(NotWritten, OSError):
            await self.keeper.export(self.clock())
            await self._write_others()


def _write(one: Exported, tree: Tree, at: datetime, changed: datetime) -> None:
    file, raw = one.for_store, one.format.render(tree, at, changed)
    if file.read() != raw:
        file.write(raw)
