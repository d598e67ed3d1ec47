"""Many open pages on the built-in server, through a burst of changes: publisher, releases, server, readers."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import define, field

from ptgbot.demo import sample
from ptgbot.publish import BuildResult, Publisher
from ptgbot.web.server import WebServer
from tests.projected import EXTENSIONS, short, showing, slices_of
from tests.web.serving import serve, well

NOW = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)
READERS = Path(__file__).with_name("open_pages.py")


@define(eq=False)
class Site:
    """The sample, published and served."""

    folder: Path
    shown: dict[str, Any]
    server: WebServer
    publisher: Publisher
    builds: int = 0
    port: int = 0
    switched: asyncio.Event = field(factory=asyncio.Event)

    def change(self, number: int) -> None:
        """Set a topic with this number."""
        topic = {"text": f"number {number}", "since": None, "location": None}
        self.shown |= {
            "now": {**self.shown["now"], "storage": topic},
            "track:storage": {**self.shown["track:storage"], "now": topic},
        }
        self.publisher.update(showing(self.shown, {}, NOW))

    def paint(self, number: int) -> None:
        """Set a topic and give its track a colour, both with this number."""
        tracks = self.shown["tracks"]
        painted = {**tracks["storage"], "color": f"#{number:06x}", "ink": "#ffffff"}
        self.shown |= {"tracks": {**tracks, "storage": painted}}
        self.change(number)

    def note(self, result: BuildResult) -> None:
        """Count a build and tell readers of it."""
        self.builds += 1
        self.switched.set()
        self.server.announce(result.about)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site whose first build has been made."""
    shown = short(slices_of(sample(), NOW))
    server = WebServer(tmp_path / "html", well)
    publisher = Publisher(tmp_path / "html", extensions=EXTENSIONS)
    made = Site(tmp_path / "html", shown, server, publisher)
    publisher.on_switch = made.note
    running = asyncio.create_task(publisher.run())
    made.paint(0)
    async with asyncio.timeout(60):
        await made.switched.wait()
    made.port = await serve(server)
    yield made
    await server.stop()
    publisher.stop()
    await running


@pytest.mark.parametrize(
    ("people", "changes"), [(100, 20), pytest.param(1000, 100, marks=pytest.mark.long)], ids=["short", "long"]
)
async def test_open_pages_show_every_change_of_burst(site: Site, people: int, changes: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    command = [sys.executable, str(READERS), str(site.port), str(people), str(changes - 1)]
    readers = await asyncio.create_subprocess_exec(*command, stdout=PIPE, limit=2**26)
    assert readers.stdout
    sent: dict[int, float] = {}
    try:
        async with asyncio.timeout(120):
            assert await readers.stdout.readline() == b"ready\n"
            assert site.server.listeners == people
            for number in range(changes):
                sent[number] = time.time()
                site.change(number)
                await asyncio.sleep(0.05)
            said = json.loads(await readers.stdout.readline())
    finally:
        if readers.returncode is None:
            readers.kill()
        await readers.wait()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # A change that was folded into a later one is there when that one is.
    late = sorted(
        min(at for later, at in seen.items() if int(later) >= number) - start
        for seen in said["seen"]
        for number, start in sent.items()
    )
    median, last = late[len(late) // 2], late[len(late) * 99 // 100]
    print(f"{people} pages, {changes} changes, {said['loads']} loads: median {median * 1000:.0f} ms, ", end="")
    print(f"99th percentile {last * 1000:.0f} ms, at most {late[-1] * 1000:.0f} ms, {grown / 1024:.0f} MB more")
    assert said["lost"] == 0
    assert all(str(changes - 1) in seen for seen in said["seen"])


@pytest.mark.parametrize("builds", [8, pytest.param(200, marks=pytest.mark.long)])
async def test_looping_readers_get_whole_pages_and_files(site: Site, builds: int) -> None:
    site.publisher.debounce = 0
    seen: set[str] = set()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{site.port}") as session:

        async def load(path: str) -> str:
            async with session.get(f"/{path}") as answer:
                assert answer.status == 200, path
                return await answer.text()

        async def read(path: str) -> None:
            while site.builds < builds:
                page = await load(path)
                assert page.rstrip().endswith("</html>")
                [number] = set(re.findall(r"number (\d+)", page))
                seen.add(number)
                files = {
                    name: await load(name) for name in re.findall(r'(?:href|src)="(?:\.\./)*(_static/[^"]+)"', page)
                }
                assert any(f"background:#{int(number):06x}" in content for content in files.values()), number

        async def change() -> None:
            while site.builds < builds:
                site.switched.clear()
                site.paint(site.builds)
                await site.switched.wait()

        await asyncio.gather(change(), *(read(path) for path in ("", "tracks/storage.html", "index.html")))
    # Only builds that nobody looked at in their tenth of a second were missed.
    assert len(seen) > builds / 2
