"""A thousand open pages on the built-in server, through a burst of a hundred changes."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import define, field, frozen

from ptgbot.web import WebServer

PAGES, CHANGES = 1000, 100


@frozen
class Build:
    build: int
    pages: tuple[str, ...] = ("index.html",)


@define
class Reader:
    """One open page, by a bare connection: a thousand clients of a library would be most of what is measured."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[tuple[int, float]] = field(factory=list)

    async def listen(self) -> None:
        while line := await self.reader.readline():
            if line.startswith(b"data: "):
                self.heard.append((json.loads(line[6:])["build"], time.monotonic()))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[WebServer]:
    running = WebServer("127.0.0.1", 0, tmp_path / "html", lambda: (True, {}))
    yield running
    await running.stop()


@pytest.mark.long
async def test_a_thousand_open_pages_hear_of_a_burst_and_none_is_lost(server: WebServer) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    port = await server.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readers, tasks = [], []
    for _ in range(PAGES):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        readers.append(Reader(reader, writer))
        tasks.append(asyncio.create_task(readers[-1].listen()))
    async with asyncio.timeout(60):
        while server.listeners < PAGES:
            await asyncio.sleep(0.01)
    told: dict[int, float] = {}
    for number in range(1, CHANGES + 1):
        told[number] = time.monotonic()
        server.announce(Build(number))
        # Builds are never closer than the publisher lets them be.
        await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        while any(not one.heard or one.heard[-1][0] < CHANGES for one in readers):
            await asyncio.sleep(0.01)
    late = sorted(at - told[number] for one in readers for number, at in one.heard)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert server.listeners == PAGES
    print(f"{PAGES} pages, {CHANGES} changes: median {late[len(late) // 2] * 1000:.0f} ms, ", end="")  # noqa: T201
    print(f"99th percentile {late[len(late) * 99 // 100] * 1000:.0f} ms, {grown / 1024:.0f} MB more with both ends")  # noqa: T201
    assert late[len(late) // 2] < 1.0
    assert late[len(late) * 99 // 100] < 2.0
    for one in readers:
        one.writer.close()
    await asyncio.gather(*tasks)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
