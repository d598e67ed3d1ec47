"""Commands of twenty people while thousands of pages are open, beside the same commands without readers.

Half of the pages listen for builds, the others poll, as the script of the page does. All load the page again when it
has changed. They run in a process that the system serves last (SCHED_IDLE), because readers have machines of their own.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from bench.figures import Figure
from bench.gatherings import bot, line, this_week
from ptgbot.config import SiteConfig
from ptgbot.publish import BuildResult, Publisher
from ptgbot.service import Service

READERS = Path(__file__).parents[1] / "tests" / "web" / "open_pages.py"
PEOPLE = 20
PATIENCE = 300.0
BETWEEN = 0.2
"""Seconds between two commands."""


async def run(folder: Path, short: bool) -> Sequence[Figure]:
    """Measure commands without readers, with them, and again without."""
    each, commands = (50, 20) if short else (2500, 100)
    async with _running(folder) as service:
        typing = _Typing(service)
        await typing.type(commands, "Topic")
        before = await typing.type(commands, "Topic")
        assert service.port
        async with _readers(service.port, each, commands - 1) as readers:
            during = await typing.type(commands, "number")
            assert readers.stdout
            seen = json.loads(await asyncio.wait_for(readers.stdout.readline(), PATIENCE))
        late = _delays(typing.sent, seen["seen"])
        after = await typing.type(commands, "Topic")
    without = [statistics.mean(pair) for pair in zip(before, after, strict=True)]
    pages = f"{2 * each:,} pages"
    print(f"crowd: {seen['loads']:,} loads, {seen['lost']} lost connections")
    return [
        Figure(f"a command, {pages} open", during, "without pages", without),
        Figure(f"slowest twentieth, {pages} open", _slowest(during), "without pages", _slowest(without)),
        Figure("a change until a listening page shows it", late[:each], "until a polling one does", late[each:]),
    ]


@define
class _Typing:
    """Twenty people who type."""

    service: Service
    sent: dict[int, float] = field(factory=dict)
    """When each command was typed last, by its number."""

    async def type(self, commands: int, word: str) -> list[float]:
        """Type commands. Return the seconds until each was answered, in order of their length."""
        typing = []
        for number in range(commands):
            typing.append(asyncio.create_task(self._once(number, word)))
            await asyncio.sleep(BETWEEN)
        return sorted(await asyncio.gather(*typing))

    async def _once(self, number: int, word: str) -> float:
        self.sent[number] = time.time()
        began = time.perf_counter()
        assert self.service.hub.receive(line(f"#storage now {word} {number}", f"person{number % PEOPLE}"))
        await self.service.inbox.idle()
        return time.perf_counter() - began


def _slowest(seconds: Sequence[float]) -> Sequence[float]:
    return sorted(seconds)[-max(1, len(seconds) // 20) :]


def _delays(sent: Mapping[int, float], everybody: Sequence[Mapping[str, float]]) -> list[float]:
    """Return for each page the median of the seconds until it showed a command, or a later one."""
    found = []
    for seen in everybody:
        shown = {int(number): at for number, at in seen.items()}
        first = (min(at for n, at in shown.items() if n >= number) - began for number, began in sent.items())
        found.append(statistics.median(first))
    return found


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Service]:
    """Run a bot with its site until it has been built."""
    service = await bot(folder, this_week(), SiteConfig(folder / "html", "127.0.0.1:0"))
    running = asyncio.create_task(service.run())
    try:
        await service.started.wait()
        assert service.site.publisher
        await _built(service.site.publisher)
        yield service
    finally:
        service.stop()
        await running


async def _built(publisher: Publisher) -> None:
    built, tell = asyncio.Event(), publisher.on_switch

    def switched(result: BuildResult) -> None:
        tell(result)
        built.set()

    publisher.on_switch = switched
    await built.wait()


@asynccontextmanager
async def _readers(port: int, each: int, last: int) -> AsyncIterator[Process]:
    """Open pages, and wait until all are open."""
    command: list[Any] = ["chrt", "--idle", "0", sys.executable, READERS, port, each, last, each]
    readers = await asyncio.create_subprocess_exec(*map(str, command), stdout=PIPE, limit=2**28)
    try:
        assert readers.stdout
        await asyncio.wait_for(readers.stdout.readline(), PATIENCE)
        yield readers
    finally:
        if readers.returncode is None:
            readers.kill()
        await readers.wait()
