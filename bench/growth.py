"""What a larger gathering costs: each step with 10 and 100 times the tracks, rooms and people, beside the sample.

A step that looks only at what it needs stays at 1; one that looks at everything once grows as the gathering does, to 10
and 100; more than that is growth that somebody will feel. The sample is as large as a real gathering: ×10 is larger
than any, ×100 shows the trend. A step marked with * is made in the event loop: while it lasts, nobody is answered.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from bench.building import Site, publishing
from bench.figures import Figure, Side, alternate, timed
from bench.gatherings import MORNING, bot, line, scaled
from ptgbot.chat.inbox import Verdict
from ptgbot.gathering.slices import slices
from ptgbot.service import Service

SIZES = (1, 10, 100)
LARGEST_SITE = 10
"""Size up to which pages are built; above, the first build alone takes minutes."""


async def run(folder: Path, short: bool) -> Sequence[Figure]:
    """Measure each step in all sizes in turn."""
    sizes = (1, 2) if short else SIZES
    rounds, budget = (1, 1.0) if short else (30, 6.0)
    found: list[Figure] = []
    async with AsyncExitStack() as stack:
        grown = [await stack.enter_async_context(_running(folder / f"{size}", size)) for size in sizes]
        for what, step in _STEPS.items():
            sides = await alternate(rounds, *(step(one) for one in grown), budget=budget)
            found += _figures(what, sizes, sides)
    return [*found, *await _pages(folder, [size for size in sizes if size <= LARGEST_SITE], rounds)]


def _figures(what: str, sizes: Sequence[int], sides: Sequence[Sequence[float]]) -> Iterator[Figure]:
    for size, side in list(zip(sizes, sides, strict=True))[1:]:
        yield Figure(f"{what}, ×{size}", side, "the same, ×1", sides[0])


@define(eq=False)
class _Grown:
    """A bot with a gathering of some size."""

    service: Service
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    def change(self) -> Verdict:
        """Decide on a command that changes something."""
        words = f"#storage now Topic {next(self._numbers)} of the benchmark"
        verdict = self.service.core.decide(line(words, at=MORNING))
        assert verdict
        assert verdict.decision.edits
        return verdict

    def question(self) -> None:
        """Decide on a command that changes nothing."""
        self.service.core.decide(line("+now storage", at=MORNING))

    async def commit(self, *verdicts: Verdict) -> None:
        """Make a change durable."""
        await self.service.core.commit(verdicts, {}, ())

    async def export(self) -> None:
        """Write ``ptg.json``."""
        await self.service.core.keeper.export(MORNING)

    def slices(self) -> dict[str, Any]:
        """Return what pages show."""
        return slices(self.service.gathering, MORNING, self.service.settings)

    def public_json(self) -> None:
        """Make the document for readers."""
        self.service.public_json(MORNING)


@asynccontextmanager
async def _running(folder: Path, size: int) -> AsyncIterator[_Grown]:
    service = bot(folder, scaled(size))
    try:
        yield _Grown(service)
    finally:
        await service.core.keeper.close()


def _deciding(grown: _Grown) -> Side:
    async def once() -> float:
        began = time.perf_counter()
        grown.change()
        taken = time.perf_counter() - began
        grown.service.core.discard()
        return taken

    return once


def _committing(grown: _Grown) -> Side:
    async def once() -> float:
        verdict = grown.change()
        return await _taken(lambda: grown.commit(verdict))

    return once


def _exporting(grown: _Grown) -> Side:
    async def once() -> float:
        await grown.commit(grown.change())
        return await _taken(grown.export)

    return once


async def _taken(call: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


_STEPS: Mapping[str, Callable[[_Grown], Side]] = {
    "decide on +now TRACK *": lambda grown: timed(grown.question, 5),
    "decide on #TRACK now TEXT *": _deciding,
    "commit": _committing,
    "export ptg.json": _exporting,
    "slices for the pages *": lambda grown: timed(grown.slices),
    "ptg.json for readers *": lambda grown: timed(grown.public_json),
}


async def _pages(folder: Path, sizes: Sequence[int], rounds: int) -> Sequence[Figure]:
    async with AsyncExitStack() as stack:
        sites: list[Site] = []
        for size in sizes:
            site = await stack.enter_async_context(publishing(folder / f"html{size}", scaled(size)))
            sites.append(site)
        sides = await alternate(rounds, *(site.change for site in sites))
    return list(_figures("build and switch a changed topic", sizes, sides))
