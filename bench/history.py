"""The cost of a long history: fifty thousand commands with the site switched on, beside the first two thousand.

A bot in memory runs as a whole (inbox, journal, exports, builder). People of many names set topics, announce, check
in, ask questions and undo. Printed are the rate late beside early, undo and log late beside early, and, as ratios
of bytes, the resident memory of bot and builder and the largest page.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import attrs

from bench.figures import Figure, Line, size
from bench.gatherings import CHANNEL, bot, line, this_week
from ptgbot.chat.message import Message, Role
from ptgbot.config import SiteConfig
from ptgbot.gathering.model import Gathering
from ptgbot.service import Service
from ptgbot.store.edits import Tree

SEED = 9
EARLY, MIDDLE, LATE = 2_000, 10_000, 50_000
BURST = 20
"""Commands that arrive at once."""
LARGEST_PAGE = 200_000
"""Bytes that no page should exceed because of history."""


async def run(folder: Path, short: bool) -> Sequence[Line]:
    """Type all commands and measure on the way."""
    early, middle, late = (100, 200, 400) if short else (EARLY, MIDDLE, LATE)
    service = await bot(folder, this_week(), SiteConfig(output=folder / "html"))
    running = asyncio.create_task(service.run())
    await service.started.wait()
    try:
        await _built(folder)
        first_sizes = _sizes(folder)
        typed = _typed(random.Random(SEED), service)
        await _type(service, typed, 100)
        looked_early = [await _asked(service, text) for text in _questions(20)]
        first = await _type(service, typed, early)
        await _type(service, typed, middle - early)
        await _settled(service)
        memory_early = _memory(service)
        await _type(service, typed, late - middle - early)
        last = await _type(service, typed, early)
        looked_late = [await _asked(service, text) for text in _questions(20)]
        await _settled(service)
        memory_late = _memory(service)
        largest = max(size for name, size in _sizes(folder).items() if size > first_sizes.get(name, 0) * 1.1)
    finally:
        service.stop()
        await running
    return [
        Figure(f"a command, the last {early} of {late}", [last / early], f"the first {early}", [first / early]),
        Figure(f"~undo and ~log after {late}", looked_late, "after 100", looked_early),
        *(
            Figure(f"memory of the {what}, after {late}", [now], f"after {middle}", [was], size)
            for what, was, now in zip(("bot", "builder"), memory_early, memory_late, strict=True)
        ),
        Figure("largest page that grew", [float(largest)], "the most it should be", [float(LARGEST_PAGE)], size),
    ]


def _typed(chance: random.Random, service: Service) -> Iterator[Message]:
    tracks = Gathering(cast("Tree", service.core.state.committed["gathering"])).tracks
    for number in itertools.count():
        track, who = chance.choice(tracks), f"person{chance.randrange(400)}"
        text = chance.choices(
            [
                f"#{track} now topic {number} with #{chance.choice(tracks)}",
                f"#{track} next later {number}",
                f"#{track} clean",
                f"+in #{track}",
                "+out",
                f"+seen person{chance.randrange(400)}",
                f"+now {track}",
                f"#{track} undo",
                f"#{track} color #{chance.randrange(0x1000000):06x}",
            ],
            [30, 15, 5, 15, 5, 10, 10, 5, 5],
        )[0]
        yield attrs.evolve(line(text, who), role=Role.ADMIN)


async def _type(service: Service, typed: Iterator[Message], number: int) -> float:
    """Type a number of commands in bursts. Return the seconds until all were answered."""
    began = time.perf_counter()
    for burst in _bursts(typed, number):
        for message in burst:
            service.hub.receive(message)
        await service.inbox.idle()
    return time.perf_counter() - began


def _questions(number: int) -> list[str]:
    return ["~log", "~log Aspen 3", "~undo"] * number


async def _asked(service: Service, text: str) -> float:
    """Return the processor time of one decision, which is reverted afterwards."""
    message = Message(line("").at, CHANNEL, line("").person, Role.ADMIN, text)
    began = time.process_time()
    service.core.decide(message)
    taken = time.process_time() - began
    service.core.discard()
    return taken


async def _built(folder: Path) -> None:
    """Wait for the first pages."""
    async with asyncio.timeout(60):
        while not (folder / "html").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _settled(service: Service) -> None:
    """Wait until the site shows everything that was typed."""
    await asyncio.sleep(3)
    await service.inbox.idle()


def _sizes(folder: Path) -> dict[str, int]:
    """Return the sizes of all pages in bytes, by their names."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in (folder / "html").rglob("*.html")}


def _memory(service: Service) -> tuple[float, float]:
    """Return the resident memory of the bot and of its builder, in bytes."""
    builder = service.site.publisher.builder_pid if service.site.publisher else None
    assert builder
    return _resident(os.getpid()), _resident(builder)


def _resident(process: int) -> float:
    pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    return float(int(pages) * os.sysconf("SC_PAGE_SIZE"))


def _bursts(typed: Iterator[Message], number: int) -> Iterator[list[Message]]:
    while number > 0:
        yield list(itertools.islice(typed, min(BURST, number)))
        number -= BURST
