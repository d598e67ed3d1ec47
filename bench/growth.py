"""The cost of a larger gathering: each step with 10 and 100 times the tracks, rooms and people, beside the sample.

A step that looks only at what it needs stays at 1. One that looks at everything once grows with the gathering, to 10
and 100. More than that is a problem. The sample has the size of a real gathering: ×10 is larger than any, and ×100,
which is left out if ×10 takes too long, shows the trend. A step marked with * runs in the event loop: while it lasts,
nobody is answered.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import define, field

from bench.figures import Figure, LeftOut, Line, Side, alternate, seconds, timed
from bench.gatherings import MORNING, bot, line, scaled
from ptgbot.chat.inbox import Verdict
from ptgbot.service import Service
from ptgbot.site_facts import projection_of

SIZES = (1, 10, 100)
TOO_LONG = 0.1
"""Seconds of a step after which the next size is left out: ten times as many squared is ten seconds."""


async def run(folder: Path, short: bool) -> Sequence[Line]:
    """Measure each step in all sizes in turn."""
    sizes: Sequence[int] = (1, 2) if short else SIZES
    rounds = 1 if short else 30
    lines: list[Line] = []
    async with AsyncExitStack() as stack:
        grown = [await stack.enter_async_context(_running(folder / f"{size}", size)) for size in sizes]
        for what, step in _STEPS.items():
            lines += await _growth(what, sizes, [step(one) for one in grown], rounds)
    return lines


async def _growth(what: str, sizes: Sequence[int], sides: Sequence[Side], rounds: int) -> Sequence[Line]:
    """Measure one step in the sizes that do not take too long."""
    bearable = 1
    while bearable < len(sides) and await sides[bearable - 1]() < TOO_LONG:
        bearable += 1
    taken = await alternate(rounds, *sides[:bearable], budget=6.0)
    lines: list[Line] = []
    for size, ours in zip(sizes[1:bearable], taken[1:], strict=True):
        lines.append(Figure(f"{what}, ×{size}", ours, "the same, ×1", taken[0]))
    for size in sizes[bearable:]:
        longest = seconds(statistics.median(taken[-1]))
        lines.append(LeftOut(f"{what}, ×{size}", f"×{sizes[bearable - 1]} takes {longest} already"))
    return lines


@define(eq=False)
class _Grown:
    """A bot with a gathering of some size."""

    service: Service
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)

    def change(self) -> Verdict:
        """Decide on a command that changes the state."""
        words = f"#storage now Topic {next(self._numbers)} of the benchmark"
        (verdict,) = self.service.core.decide(line(words, at=MORNING))
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

    def slices(self) -> None:
        """Compute the slices for pages, and the public document."""
        projection = projection_of(self.service.config, self.service.features)
        projection.update(self.service.core.state.committed, {}, MORNING)


@asynccontextmanager
async def _running(folder: Path, size: int) -> AsyncIterator[_Grown]:
    service = await bot(folder, scaled(size))
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
}
