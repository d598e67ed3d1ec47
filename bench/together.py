"""The gain from one fsync for all commands that are typed at the same time.

Twenty people set a topic: all at once, and each after the answer to the one before. The bot runs as a whole, without a
site, and its journal is on a real disk.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from bench.figures import Figure, Side, alternate
from bench.gatherings import bot, line, this_week
from ptgbot.chat.message import Message
from ptgbot.service import Service
from ptgbot.store.edits import Tree

PEOPLE = 20


async def run(folder: Path, short: bool) -> Sequence[Figure]:
    """Measure rounds of twenty topics."""
    service = await bot(folder, this_week())
    running = asyncio.create_task(service.run())
    await service.started.wait()
    try:
        typed = _topics(service)
        alone, together = _side(service, typed, 1), _side(service, typed, PEOPLE)
        each, all_at_once = await alternate(5 if short else 200, alone, together)
    finally:
        service.stop()
        await running
    return [Figure(f"{PEOPLE} topics, each synced alone", each, "all at once", all_at_once)]


def _topics(service: Service) -> Iterator[Message]:
    tracks = [*cast("Tree", cast("Tree", service.core.state.committed["gathering"])["tracks"])]
    for number in itertools.count():
        yield line(f"#{tracks[number % len(tracks)]} now topic number {number}", f"person{number % PEOPLE}")


def _side(service: Service, typed: Iterator[Message], at_once: int) -> Side:
    async def once() -> float:
        messages = list(itertools.islice(typed, PEOPLE))
        began = time.perf_counter()
        for number in range(0, PEOPLE, at_once):
            for message in messages[number : number + at_once]:
                service.hub.receive(message)
            await service.inbox.idle()
        return time.perf_counter() - began

    return once
