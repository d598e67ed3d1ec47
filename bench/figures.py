"""Measurements in turn, so that a disturbance affects both sides of a ratio."""

from __future__ import annotations

import inspect
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import field, frozen

Side = Callable[[], Awaitable[float]]
"""Does once what is measured and returns the seconds that took."""


@frozen
class Figure:
    """The measured seconds of two sides, a pair for each round."""

    what: str
    ours: Sequence[float]
    against: str
    beside: Sequence[float]
    show: Callable[[float], str] = field(default=lambda value: seconds(value))
    """Returns a value as people read it."""

    @property
    def ratio(self) -> float:
        """Median of our times divided by the median of the other side's."""
        return statistics.median(self.ours) / statistics.median(self.beside)

    @property
    def spread(self) -> tuple[float, float]:
        """The middle half of the ratios of single rounds, which shows how reliable :attr:`ratio` is."""
        ratios = [one / other for one, other in zip(self.ours, self.beside, strict=True)]
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
        return low, high


@frozen
class LeftOut:
    """A benchmark that was not run, and the reason."""

    what: str
    why: str


Line = Figure | LeftOut
"""A line of the table."""


async def alternate(rounds: int, *sides: Side, budget: float = 20.0) -> list[list[float]]:
    """Run all sides in each round, beginning each round with another side. Return the seconds of each side.

    No round but the first begins after ``budget`` seconds.
    """
    taken: list[list[float]] = [[] for _ in sides]
    began = time.monotonic()
    for number in range(rounds):
        if number and time.monotonic() - began > budget:
            break
        for turn in range(len(sides)):
            index = (number + turn) % len(sides)
            taken[index].append(await sides[index]())
    return taken


def timed(call: Callable[[], Any], times: int = 1) -> Side:
    """Return a side that times a call, repeated if one call is too short for the clock. Coroutines are awaited."""

    async def once() -> float:
        began = time.perf_counter()
        for _ in range(times):
            result = call()
            if inspect.isawaitable(result):
                await result
        return (time.perf_counter() - began) / times

    return once


def seconds(value: float) -> str:
    """Return a time for people, with its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def size(value: float) -> str:
    """Return a number of bytes for people, with its unit."""
    return f"{value / 1e6:.3g} MB"


def times(ratio: float) -> str:
    """Return a ratio with a suitable number of digits."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def head() -> str:
    """Return the headings of the table's columns."""
    return f"{'':8}{'what':44}{'ptgbot':>8}  {'beside it':>8}{'':30}{'ratio':>6}  middle half"


def row(name: str, line: Line) -> str:
    """Return a row of the table: medians, their ratio, and the middle half of the ratios of all rounds."""
    start = f"{name:8}{line.what:44}"
    if isinstance(line, LeftOut):
        return f"{start}left out: {line.why}"
    ours, beside = (line.show(statistics.median(side)) for side in (line.ours, line.beside))
    low, high = map(times, line.spread)
    return f"{start}{ours:>8}  {beside:>8}  {line.against:29}{times(line.ratio):>6}  {low} to {high}"
