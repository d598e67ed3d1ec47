"""The clock: ticks for features, and turns of the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from attrs import define, field

from ptgbot.chat.inbox import Item, Tick
from ptgbot.parts.ticking import MINUTE, Ticking, Turning
from ptgbot.testing import START
from tests.parts.birds import until, working


@define
class Clock:
    """A clock that a test sets."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@define
class Works:
    """Moments at which a feature wants to work, and the ticks that were put in."""

    clock: Clock = field(factory=Clock)
    moments: list[datetime] = field(factory=list)
    ticks: list[Item] = field(factory=list)
    ticking: Ticking = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ticking = Ticking(self.clock, lambda: min(self.moments, default=None), self.put)

    def put(self, item: Item) -> bool:
        self.ticks.append(item)
        return True


@pytest.fixture
def works() -> Works:
    return Works()


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("moments", "seconds"), [([], MINUTE), ([after(0.5)], 0.5), ([after(7), after(2)], 2.0), ([after(3600)], MINUTE)]
)
def test_tick_is_not_early(works: Works, moments: Sequence[datetime], seconds: float) -> None:
    works.moments = [*moments]
    assert works.ticking.look() == seconds
    assert works.ticks == []


def test_a_moment_that_came_makes_a_tick(works: Works) -> None:
    works.moments = [START]
    works.ticking.look()
    assert works.ticks == [Tick(START)]


def test_a_moment_in_the_past_still_counts(works: Works) -> None:
    works.moments = [after(-86400)]
    works.ticking.look()
    assert works.ticks == [Tick(START)]


def test_unfinished_work_gets_another_tick(works: Works) -> None:
    works.moments = [START]
    works.ticking.look()
    assert 0 < works.ticking.look() <= works.ticking.retry
    assert len(works.ticks) == 1
    works.ticking.retry = 0.0
    works.ticking.look()
    assert len(works.ticks) == 2


def test_another_moment_that_came_does_not_wait(works: Works) -> None:
    works.moments = [START, after(1)]
    works.ticking.look()
    works.clock.now = after(1)
    works.moments.remove(START)
    works.ticking.look()
    assert works.ticks == [Tick(START), Tick(after(1))]


async def test_a_commit_brings_the_next_moment_near(works: Works) -> None:
    async with working(works.ticking.run):
        works.moments.append(START)
        works.ticking.wake()
        await until(lambda: works.ticks == [Tick(START)])


async def test_many_commits_at_once_are_one_look(works: Works) -> None:
    looks = 0

    def due() -> None:
        nonlocal looks
        looks += 1

    ticking = Ticking(works.clock, due, works.put)
    async with working(ticking.run):
        await until(lambda: looks == 1)
        for _ in range(50):
            ticking.wake()
            await asyncio.sleep(0)
        assert looks < 5
        await until(lambda: looks > 1)


async def test_no_moment_is_missed_between_two_looks() -> None:
    clock = Clock()
    turns: list[datetime] = []
    looks: list[datetime] = []
    edges = [after(1), after(2), after(3)]

    def next_change(looked: datetime) -> datetime | None:
        looks.append(looked)
        return next((edge for edge in edges if edge > looked), None)

    turning = Turning(clock, next_change, lambda: turns.append(clock.now))
    async with working(turning.run):
        await until(lambda: looks == [START])
        assert turns == []
        clock.now = after(2.5)
        turning.wake()
        await until(lambda: turns == [after(2.5)])
        clock.now = after(86400)
        turning.wake()
        await until(lambda: turns == [after(2.5), after(86400)])
        seen = len(looks)
        turning.wake()
        await until(lambda: len(looks) > seen)
    assert len(turns) == 2


async def test_a_page_turns_by_itself() -> None:
    edge = datetime.now(START.tzinfo) + timedelta(seconds=0.2)
    turns: list[int] = []

    def next_change(looked: datetime) -> datetime | None:
        return edge if edge > looked else None

    turning = Turning(lambda: datetime.now(START.tzinfo), next_change, lambda: turns.append(1))
    async with working(turning.run):
        await until(lambda: turns)
    assert turns == [1]
