"""When slices are worked out: when a build can begin, and soon in any case."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import define

from ptgbot.feature import load_features
from ptgbot.projection import Projection
from ptgbot.publish import Publisher
from ptgbot.service import Service, clock
from ptgbot.showing import Showing
from tests.plain_bot import close, feed, message, service
from tests.plain_gathering import Line

HANGS = (sys.executable, "-c", "import time; time.sleep(600)")


@define
class Hanging:
    """A bot whose first build never ends."""

    bot: Service
    showing: Showing

    async def type(self, text: str) -> None:
        """Commit a line of an operator."""
        await feed(self.bot, [message(Line(text, "olga", "#one"), clock())], lambda *_: None)
        self.showing.wake()


@pytest.fixture
async def hanging(tmp_path: Path) -> AsyncIterator[Hanging]:
    bot = service(tmp_path)
    publisher = Publisher(tmp_path / "html", command=HANGS, debounce=0)
    showing = Showing(bot.core, Projection(load_features(), {}), clock, publisher)
    tasks = [asyncio.create_task(publisher.run()), asyncio.create_task(showing.run())]
    showing.wake()
    while publisher.builder_pid is None:
        await asyncio.sleep(0.01)
    yield Hanging(bot, showing)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    close(bot)


async def test_slices_follow_although_a_build_hangs(hanging: Hanging) -> None:
    await hanging.type("~add nova")
    async with asyncio.timeout(20):
        while "gathering.track:nova" not in hanging.showing.slices:
            await asyncio.sleep(0.01)


async def test_slices_wait_for_the_build_that_runs(hanging: Hanging) -> None:
    before, began = hanging.showing.shown, time.monotonic()
    await hanging.type("~add nova")
    await asyncio.sleep(0.2)
    # On a machine that stood still meanwhile nothing is known.
    assert hanging.showing.shown is before or time.monotonic() - began >= 1
