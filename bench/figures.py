"""Times taken in turn, so that what disturbs one side of a ratio disturbs the other as well."""

from __future__ import annotations

import inspect
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import frozen

Side = Callable[[], Awaitable[float]]
"""Does once what is measured and returns the seconds that took."""


@frozen
class Figure:
    """What was measured beside what: seconds, one pair a round."""

    what: str
    ours: Sequence[float]
    against: str
    beside: Sequence[float]
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times as long ours takes, by the medians."""
        return statistics.median(self.ours) / statistics.median(self.beside)

    @property
    def spread(self) -> tuple[float, float]:
        """The middle half of the ratios of single rounds: how far to trust :attr:`ratio`."""
        ratios = [one / other for one, other in zip(self.ours, self.beside, strict=True)]
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
        return low, high


async def alternate(rounds: int, *sides: Side, budget: float = 20.0) -> list[list[float]]:
    """Do all sides in each round, each round beginning with another one. Returns the seconds of each side.

    No round is begun after ``budget`` seconds, once there are three.
    """
    taken: list[list[float]] = [[] for _ in sides]
    began = time.monotonic()
    for number in range(rounds):
        if number >= 3 and time.monotonic() - began > budget:
            break
        for turn in range(len(sides)):
            index = (number + turn) % len(sides)
            taken[index].append(await sides[index]())
    return taken


def timed(call: Callable[[], Any], times: int = 1) -> Side:
    """Return a side that makes a call, several times where one is too short for the clock; coroutines are awaited."""

    async def once() -> float:
        began = time.perf_counter()
        for _ in range(times):
            result = call()
            if inspect.isawaitable(result):
                await result
        return (time.perf_counter() - began) / times

    return once


def seconds(value: float) -> str:
    """Return a time as people read it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def head() -> str:
    """Return the heads of the table's columns."""
    return f"{'':8}{'what':46}{'ptgbot':>9}  {'beside it':36}{'ratio':>7}  middle half"


def row(name: str, figure: Figure) -> str:
    """Return one line of the table: medians, their ratio, and the middle half of the ratios of all rounds."""
    ours, beside = (seconds(statistics.median(side)) for side in (figure.ours, figure.beside))
    low, high = figure.spread
    against = f"{beside:>8}  {figure.against}"
    line = f"{name:8}{figure.what:46}{ours:>9}  {against:36}{figure.ratio:7.3g}  {low:.3g} to {high:.3g}"
    return f"{line}  {figure.note}".rstrip()
