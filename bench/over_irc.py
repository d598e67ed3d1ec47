"""A command on a real ngircd until its answer, beside a bare pydle bot that echoes, on the same server.

Both bots are separate processes and send about the same number of bytes; typists are in one channel with each.
Round trip: one line, one answer. Throughput: several typists at once, until every line is answered. A question writes
nothing; a change is on the disk before its answer leaves. The bot's pace is switched off; on a real network it takes
most of the time.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench.figures import Figure, Side, alternate
from bench.gatherings import this_week
from bench.programs import need, running
from bench.typist import Typist
from ptgbot.gathering.document import dump
from tests.servers.irc_servers import prepared_ngircd
from tests.servers.programs import free_port

ECHO = Path(__file__).with_name("irc_echo.py")
CONFIG = """\
[state]
path = "ptg.json"
[[irc]]
name = "bench"
server = "127.0.0.1"
port = {port}
tls = false
nick = "ptgbot"
channels = ["#harbour"]
messages_per_second = 0
"""
OURS, BESIDE = "#harbour", "#echo"
TYPISTS = 8
EACH = 50
"""Lines of one typist at once. The bot keeps 200 unread lines of a person."""
Lines = Callable[[int], list[str]]


async def run(folder: Path, short: bool) -> Sequence[Figure]:
    """Measure round trip and throughput, of questions and of changes."""
    async with _network(folder) as typists:
        first, rounds = typists[:1], 5 if short else 300
        question, change, echo = await alternate(rounds, *(_side(first, *kind, 1) for kind in _kinds()))
        found = [
            Figure("a question until its answer", question, "bare pydle echo", echo),
            Figure("a change until its answer, on the disk", change, "bare pydle echo", echo),
        ]
        each = 5 if short else EACH
        rounds = 2 if short else 15
        question, change, echo = await alternate(rounds, *(_side(typists, *kind, each) for kind in _kinds()))
        many = f"of {TYPISTS} people, all answered"
        return [
            *found,
            Figure(f"{TYPISTS * each} questions {many}", question, "bare pydle echo", echo),
            Figure(f"{TYPISTS * each} changes {many}", change, "bare pydle echo", echo),
        ]


def _kinds() -> Iterator[tuple[str, Lines]]:
    counter = itertools.count()
    # Much the same length on the wire.
    yield OURS, lambda size: ["+now dns"] * size
    yield OURS, lambda size: [f"+in corner {next(counter):06}" for _ in range(size)]
    yield BESIDE, lambda size: ["echo You are checked in at corner 000000. +out ends it."] * size


def _side(typists: Sequence[Typist], channel: str, lines: Lines, size: int) -> Side:
    async def once() -> float:
        typed = [lines(size) for _ in typists]
        began = time.perf_counter()
        await asyncio.gather(*(typist.ask(channel, mine) for typist, mine in zip(typists, typed, strict=True)))
        return time.perf_counter() - began

    return once


@asynccontextmanager
async def _network(folder: Path) -> AsyncIterator[Sequence[Typist]]:
    """Run a server, both bots, and people in a channel with each, while the context lasts."""
    path, port = need("ngircd", "apt-get install --no-install-recommends ngircd"), free_port()
    async with AsyncExitStack() as stack:
        server = prepared_ngircd(path, folder, port)
        stack.callback(server.kill)
        await asyncio.to_thread(server.start)
        typists = [Typist(f"guest{number}") for number in range(TYPISTS)]
        for typist in typists:
            stack.callback(typist.quit)
            await typist.connect(port, [OURS, BESIDE])
        for nick, command in _bots(folder, port).items():
            await stack.enter_async_context(running([sys.executable, "-P", *command], folder / f"{nick}.log"))
            await typists[0].sees(nick)
        yield typists


def _bots(folder: Path, port: int) -> dict[str, list[str]]:
    """Return the commands that start both bots, by their nicks."""
    (folder / "ptg.json").write_bytes(dump(this_week()))
    config = folder / "ptgbot.toml"
    config.write_text(CONFIG.format(port=port))
    return {
        "ptgbot": ["-m", "ptgbot", "run", str(config)],
        "echobot": [str(ECHO), "127.0.0.1", str(port), BESIDE],
    }
