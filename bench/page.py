"""A command until the page has changed, beside a plain ``sphinx-build`` of the same pages in a new process.

Ours is measured from handing ``#TRACK now …`` to the inbox until the release is switched, and until a reader with the
open page was told by the built-in web server and has fetched it again with the new words: decision, fsync, slices,
builder process, release, events. Beside it stands ``sphinx-build`` with kept doctrees, as a hook would run it
after each change. Both spend their time in Sphinx, so that their ratio shows what the resident builder
saves, on any machine; beside a bare fsync and a read, the figure would be the speed of Sphinx alone.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
from attrs import define, field

from bench.figures import Figure, alternate, timed
from bench.gatherings import bot, line, this_week
from bench.programs import finish
from ptgbot.config import SiteConfig
from ptgbot.gathering.document import dump
from ptgbot.publish import BuildResult
from ptgbot.service import Service

PATIENCE = 60.0
QUIET = 0.6
"""Seconds after which the export is written and a build would be begun at once."""
BARE = "sphinx-build, doctrees kept"


async def run(folder: Path, short: bool) -> Sequence[Figure]:
    """Measure single commands on a bot that is otherwise idle."""
    rounds = 1 if short else 15
    bare = folder / "bare"
    bare.mkdir()
    async with _running(folder) as watched:
        switched: list[float] = []
        plain = _Plain(bare)
        await plain.build()

        async def command() -> float:
            await asyncio.sleep(QUIET)
            release, fetched = await watched.change()
            switched.append(release)
            return fetched

        fetched, beside = await alternate(rounds, command, timed(plain.build), budget=60.0)
    return [
        Figure("a command until the release is switched", switched, BARE, beside),
        Figure("a command until a reader has the new page", fetched, BARE, beside),
    ]


@define(eq=False)
class _Watched:
    """A running bot, and a reader who has its page open."""

    service: Service
    reader: aiohttp.ClientSession
    events: aiohttp.StreamReader
    switched: float = 0.0
    """When the link was switched last."""
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    async def change(self) -> tuple[float, float]:
        """Type a command. Return the seconds until the switch, and until the reader has the new page."""
        words = f"Topic {next(self._numbers)} of the benchmark"
        began = time.perf_counter()
        assert self.service.inbox.put(line(f"#storage now {words}"))
        async with asyncio.timeout(PATIENCE):
            while words not in await self._renewed():
                pass
        return self.switched - began, time.perf_counter() - began

    async def _renewed(self) -> str:
        """Wait for an event, and fetch the page again, as the script of the page does."""
        while not (await self.events.readline()).startswith(b"data:"):
            pass
        async with self.reader.get("/") as response:
            return await response.text()


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[_Watched]:
    """Run a bot with its site and open its page, while the context lasts."""
    service = await bot(folder, this_week(), SiteConfig(folder / "html", "127.0.0.1:0"))
    running = asyncio.create_task(service.run())
    try:
        await service.started.wait()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{service.port}") as reader, reader.get("/events") as events:
            watched = _Watched(service, reader, events.content)
            _note_switches(service, watched)
            # Folded into the first build, or built behind it with everything cold.
            await watched.change()
            yield watched
    finally:
        service.stop()
        await running


def _note_switches(service: Service, watched: _Watched) -> None:
    assert service.site.publisher
    tell = service.site.publisher.on_switch

    def switched(result: BuildResult) -> None:
        watched.switched = time.perf_counter()
        tell(result)

    service.site.publisher.on_switch = switched


@define(eq=False)
class _Plain:
    """The same pages, built by hand from a file."""

    folder: Path
    _document: dict[str, Any] = field(factory=this_week)
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    async def build(self) -> None:
        """Change a topic and build the changed pages."""
        self._document["now"]["storage"] = f"Topic {next(self._numbers)} of the benchmark"
        state = self.folder / "ptg.json"
        state.write_bytes(dump(self._document))
        await finish([sys.executable, "-P", "-m", "sphinx", "-q", *self._options(state)])

    def _options(self, state: Path) -> list[str]:
        spec = find_spec("ptgbot_site")
        assert spec
        assert spec.origin
        source = self.folder / "src"
        shutil.copytree(Path(spec.origin).parent / "project", source, dirs_exist_ok=True)
        return ["-b", "html", "-D", f"ptg_state={state}", str(source), str(self.folder / "html")]
