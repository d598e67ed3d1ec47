"""Many open pages on the built-in server, through a burst of changes: publisher, releases, server, readers."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ptgbot.demo import sample
from ptgbot.gathering import shape
from ptgbot.gathering.document import from_document
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.slices import slices
from ptgbot.publish import BuildResult, Publisher
from ptgbot.store.edits import Json
from ptgbot.web import WebServer

NOW = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)
READERS = Path(__file__).with_name("open_pages.py")


@pytest.mark.parametrize(
    ("people", "changes"), [(100, 20), pytest.param(1000, 100, marks=pytest.mark.long)], ids=["short", "long"]
)
async def test_every_open_page_shows_every_change_of_a_burst_and_none_is_lost(
    tmp_path: Path, people: int, changes: int
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    shown: dict[str, Any] = dict(slices(from_document(shape.decode(sample())), NOW, GatheringSettings()))
    now = shown["now"]
    server = WebServer("127.0.0.1", 0, tmp_path / "html", lambda: (True, {}))
    built = asyncio.Event()

    def switched(result: BuildResult) -> None:
        built.set()
        server.announce(result)

    publisher = Publisher(tmp_path / "html", on_switch=switched)
    running = asyncio.create_task(publisher.run())
    publisher.update(shown, {}, NOW)
    async with asyncio.timeout(60):
        await built.wait()
    port = await server.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    command = [sys.executable, str(READERS), str(port), str(people), str(changes - 1)]
    readers = await asyncio.create_subprocess_exec(*command, stdout=PIPE, limit=2**26)
    assert readers.stdout
    sent: dict[int, float] = {}
    try:
        async with asyncio.timeout(120):
            assert await readers.stdout.readline() == b"ready\n"
            for number in range(changes):
                topic: Json = {"text": f"number {number}", "since": None, "location": None}
                sent[number] = time.time()
                publisher.update({**shown, "now": {**now, "storage": topic}}, {}, NOW)
                await asyncio.sleep(0.05)
            said = json.loads(await readers.stdout.readline())
        assert server.listeners == people
    finally:
        if readers.returncode is None:
            readers.kill()
        await readers.wait()
        await server.stop()
        publisher.stop()
        await running
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # A change that was folded into a later one is there when that one is.
    late = sorted(
        min(at for later, at in seen.items() if int(later) >= number) - start
        for seen in said["seen"]
        for number, start in sent.items()
    )
    median, last = late[len(late) // 2], late[len(late) * 99 // 100]
    print(f"{people} pages, {changes} changes, {said['loads']} loads: median {median * 1000:.0f} ms, ", end="")  # noqa: T201
    print(f"99th percentile {last * 1000:.0f} ms, at most {late[-1] * 1000:.0f} ms, {grown / 1024:.0f} MB more")  # noqa: T201
    assert said["lost"] == 0
    assert all(str(changes - 1) in seen for seen in said["seen"])
