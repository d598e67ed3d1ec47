"""Lines that features want are pinned in rooms, beside those of people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from attrs import define, field

from ptgbot.chat.adapter import Colour, Health, Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot.feature import Pin
from ptgbot.parts.pins import PAUSE, Pins
from ptgbot.store.edits import Edit, Tree, applied
from tests.parts.network import Rooms

HALL = Pin("mx", "!hall", "rooms:1")


def tree(known: str = "said", room: str = "!hall", network: str = "mx") -> Tree:
    """Return a state with one line."""
    return {"pins": {network: {room: {"sign:rooms:1": {"id": "$us", "is": known}}}}}


@define(eq=False)
class Bench:
    """Pins at work on a state of their own."""

    tree: Tree = field(factory=tree)
    network: Rooms = field(factory=lambda: Rooms({"!hall": ""}, name="mx", pins={"!hall": ["$people"]}))
    wanted: list[Pin] = field(factory=lambda: [HALL])
    told: list[str] = field(factory=list)
    now: float = 0.0
    leads: bool = True
    pins: Pins = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Put the parts together."""
        self.pins = Pins(
            {"mx": self.network},
            lambda: [("sign", pin) for pin in self.wanted],
            lambda: self.tree,
            self.write,
            lambda _, text: self.told.append(text),
            lambda: self.leads,
            lambda: self.now,
        )

    async def write(self, edits: Sequence[Edit]) -> None:
        """Commit edits."""
        self.tree = applied(self.tree, edits)

    async def look(self) -> list[str]:
        """Look once, and return what is pinned in the hall."""
        await self.pins.put_right("mx")
        assert self.network.pins is not None
        return self.network.pins["!hall"]


async def test_wanted_line_is_pinned_and_unpinned() -> None:
    bench = Bench()
    assert await bench.look() == ["$people", "$us"]
    assert bench.tree == tree("pinned")
    assert bench.pins.health() == Health(Colour.GREEN, "1 pinned")
    bench.wanted.clear()
    assert await bench.look() == ["$people"]
    assert bench.tree == tree("said")


async def test_only_lines_that_were_said_are_pinned() -> None:
    bench = Bench({}, wanted=[HALL, Pin("other", "!hall", "rooms:1")])
    assert await bench.look() == ["$people"]
    assert bench.tree == {}


async def test_line_unpinned_by_hand_stays_so() -> None:
    bench = Bench()
    await bench.look()
    bench.network.pins = {"!hall": []}
    assert await bench.look() == []
    assert bench.tree == tree("left")


async def test_late_news_of_the_room_change_nothing() -> None:
    """The adapter hears of a former change of people after the change of the bot."""
    bench = Bench()
    await bench.look()
    bench.network.told["!hall"] = ["$people"]
    assert await bench.look() == ["$people", "$us"]
    assert bench.tree == tree("pinned")


async def test_pin_of_people_that_was_not_told_stays() -> None:
    bench = Bench()
    bench.network.told["!hall"] = []
    assert await bench.look() == ["$people", "$us"]


async def test_network_without_pins_is_left_alone() -> None:
    bench = Bench(network=Rooms({"!hall": ""}, name="mx"))
    await bench.pins.put_right("mx")
    assert bench.tree == tree("said")


async def test_refusal_is_told_once_and_tried_later() -> None:
    bench = Bench()
    bench.network.refusal = Undeliverable("our power level is 0, 50 is needed")
    for _ in range(2):
        assert await bench.look() == ["$people"]
        bench.now += PAUSE
    assert bench.told == ["lines can't be pinned in !hall: our power level is 0, 50 is needed"]
    assert bench.pins.health() == Health(Colour.YELLOW, bench.told[0])
    bench.network.refusal = None
    bench.now -= 1.0
    assert await bench.look() == ["$people"]
    bench.now += 1.0
    assert await bench.look() == ["$people", "$us"]
    assert bench.pins.health().colour is Colour.GREEN


async def test_problem_ends_with_the_line() -> None:
    bench = Bench()
    bench.network.refusal = Undeliverable("not allowed")
    await bench.look()
    bench.wanted.clear()
    bench.now += PAUSE
    await bench.look()
    assert bench.pins.health().colour is Colour.GREEN


@pytest.mark.parametrize("refusal", [TryLater(5.0), OSError("away")])
async def test_pause_is_kept_and_not_told(refusal: Exception) -> None:
    bench = Bench()
    bench.network.refusal = refusal
    assert await bench.look() == ["$people"]
    bench.network.refusal = None
    assert await bench.look() == ["$people"]
    bench.now += PAUSE
    assert await bench.look() == ["$people", "$us"]
    assert bench.told == []


async def test_process_that_does_not_lead_pins_nothing() -> None:
    bench = Bench(leads=False)
    assert await bench.look() == ["$people"]


async def test_wake_pins_at_once() -> None:
    bench = Bench({})
    running = asyncio.create_task(bench.pins.run())
    await asyncio.sleep(0)
    bench.tree = tree()
    bench.pins.wake()
    async with asyncio.timeout(10):
        while bench.network.pins != {"!hall": ["$people", "$us"]}:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
