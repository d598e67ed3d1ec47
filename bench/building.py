"""A site of some gathering that is published, without a bot."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from bench.gatherings import MORNING
from ptgbot.gathering.document import from_document
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.slices import slices
from ptgbot.publish import BuildResult, Publisher
from ptgbot.store.edits import Json

PATIENCE = 300.0


@define(eq=False)
class Site:
    """A publisher, and what it shows."""

    publisher: Publisher
    shown: dict[str, Json]
    built: asyncio.Queue[BuildResult]
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    async def change(self) -> float:
        """Change a topic; return the seconds from the start of the build to the switch."""
        now = self.shown["now"]
        assert isinstance(now, dict)
        topic = now["storage"]
        assert isinstance(topic, dict)
        topic = {**topic, "text": f"Topic {next(self._numbers)} of the benchmark"}
        self.shown = {**self.shown, "now": {**now, "storage": topic}}
        return await self.build()

    async def build(self) -> float:
        """Build what is to be shown; return the seconds that took."""
        self.publisher.update(self.shown, {}, MORNING)
        async with asyncio.timeout(PATIENCE):
            return (await self.built.get()).seconds


@asynccontextmanager
async def publishing(output: Path, document: Mapping[str, Any]) -> AsyncIterator[Site]:
    """Publish a gathering; the first build, and one with everything warm, have been made."""
    built = asyncio.Queue[BuildResult]()
    publisher = Publisher(output, build_timeout=PATIENCE, on_switch=built.put_nowait)
    site = Site(publisher, slices(from_document(document), MORNING, GatheringSettings()), built)
    running = asyncio.create_task(publisher.run())
    try:
        await site.build()
        await site.change()
        yield site
    finally:
        publisher.stop()
        await running
