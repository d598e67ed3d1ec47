"""The time of a build after one change, in gatherings of several sizes, from its start to the switch.

Each step is shown beside the same step of the sample (×1), and the sample's step beside a plain ``sphinx-build`` in the
benchmark ``page``. A topic and a booking are built from whole states, with feeds. "Nothing but a file" is a release
alone; "nothing on any page" is Sphinx's walk over unchanged pages, and a release.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
from attrs import define, field

from bench.figures import Figure, Line, Side, alternate
from bench.gatherings import MORNING, scaled
from ptgbot.feature import load_features
from ptgbot.gathering.document import from_document
from ptgbot.projection import Projection
from ptgbot.publish import BuildResult, Publisher
from ptgbot.site_facts import site_extensions
from ptgbot.store.edits import Tree

PATIENCE = 900.0
SIZES = (1, 10)
LARGE = (1, 10, 100)


async def run(folder: Path, short: bool, large: bool = False) -> Sequence[Line]:
    """Measure each kind of change in all sizes in turn."""
    sizes: Sequence[int] = (1, 2) if short else LARGE if large else SIZES
    async with AsyncExitStack() as stack:
        sites = [await stack.enter_async_context(_publishing(folder / f"html{size}", size)) for size in sizes]
        lines = [
            Figure(f"the first build, ×{site.size}", [site.first], "the same, ×1", [sites[0].first]) for site in sites
        ]
        for what, step in _STEPS.items():
            taken = await alternate(1 if short else 30, *(step(site) for site in sites), budget=15.0)
            lines += [
                Figure(f"{what}, ×{size}", ours, "the same, ×1", taken[0])
                for size, ours in zip(sizes, taken, strict=True)
            ]
    return lines


@define(eq=False)
class _Site:
    """A publisher, and the slices that it shows."""

    publisher: Publisher
    size: int
    document: dict[str, Any]
    built: asyncio.Queue[BuildResult]
    projection: Projection = field(factory=lambda: Projection(load_features(), {}))
    first: float = 0.0
    """Seconds of the first build."""
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    async def topic(self) -> float:
        """Change a topic. Return the seconds from the start of the build to the switch."""
        self.document["now"]["storage"] = f"Topic {next(self._numbers)} of the benchmark"
        return await self.build()

    async def booking(self) -> float:
        """Book a slot or free it again. Return the seconds from the start of the build to the switch."""
        room, slot = "Quay", "TueP1"
        cells = self.document["schedule"][room]
        cells[slot] = "" if cells[slot] else "storage"
        return await self.build()

    async def nothing(self) -> float:
        """Change something that no page shows. Return the seconds that took."""
        return await self.build({"benchmark": next(self._numbers)})

    async def file(self) -> float:
        """Change a file beside the pages. Return the seconds that took."""
        return await self.build({"benchmark": 0})

    async def build(self, more: dict[str, Any] | None = None) -> float:
        """Build what is to be shown. Return the seconds that took."""
        state: Tree = {feature.name: feature.empty() for feature in load_features()}
        state["gathering"] = from_document(self.document).tree
        shown = self.projection.update(copy.deepcopy(state), {}, MORNING)
        files = {"benchmark.txt": str(time.monotonic_ns()).encode()}
        slices = {**shown.slices, "benchmark": 0, **(more or {})}
        self.publisher.update(attrs.evolve(shown, slices=slices, files=files))
        async with asyncio.timeout(PATIENCE):
            return (await self.built.get()).seconds


_STEPS: dict[str, Callable[[_Site], Side]] = {
    "a changed topic": lambda site: site.topic,
    "a slot that is booked": lambda site: site.booking,
    "nothing on any page": lambda site: site.nothing,
    "nothing but a file": lambda site: site.file,
}


@asynccontextmanager
async def _publishing(output: Path, size: int) -> AsyncIterator[_Site]:
    """Publish a gathering while the context lasts, after a first build and a warm-up build of each kind."""
    built = asyncio.Queue[BuildResult]()
    extensions = site_extensions(load_features())
    publisher = Publisher(output, build_timeout=PATIENCE, on_switch=built.put_nowait, extensions=extensions)
    site = _Site(publisher, size, scaled(size), built)
    running = asyncio.create_task(publisher.run())
    try:
        site.first = await site.build()
        for step in _STEPS.values():
            await step(site)()
        yield site
    finally:
        publisher.stop()
        await running
