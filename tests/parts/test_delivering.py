"""Rows of delivered effects on their way: tried again later and later, whatever else is committed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
import pytest

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.inbox import Settled
from ptgbot.chat.message import Kind, Outgoing
from ptgbot.chat.outbox import TryLater
from ptgbot.parts.delivering import Dispatcher, say_through
from ptgbot.store.delivery import Delivery
from tests.parts.network import Rooms

ROW = Delivery(1, "crier", "say", "irc", "#hall", "lunch")


async def test_commits_do_not_hurry_a_row_that_waits() -> None:
    tries: list[str] = []
    settled: list[Settled] = []

    async def perform(row: Delivery, transaction: str) -> None:
        tries.append(transaction)
        raise ConnectionError("the network is away")

    def settle(item: Settled) -> bool:
        settled.append(item)
        return True

    dispatcher = Dispatcher(
        lambda: {1: ROW}, settle, {"say": perform}, lambda: datetime.now(UTC), lambda: "life", monotonic=lambda: now[0]
    )
    now = [0.0]
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(10):
        while not tries:
            await asyncio.sleep(0.01)
    for _ in range(20):
        dispatcher.wake()
        await asyncio.sleep(0.01)
    assert tries == ["ptg-life-1"]
    now[0] = 60.0
    async with asyncio.timeout(10):
        while len(tries) < 2:
            await asyncio.sleep(0.01)
    assert tries == ["ptg-life-1"] * 2
    assert settled == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_row_never_waits_longer_than_thirty_seconds() -> None:
    now, looked, tries = 0.0, 0, 0

    def rows() -> dict[int, Delivery]:
        """Return the row half a minute later each time."""
        nonlocal now, looked
        now += 30.0
        looked += 1
        return {1: ROW} if tries < 300 else {}

    async def perform(row: Delivery, transaction: str) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionError("the network is away")

    dispatcher = Dispatcher(
        rows, lambda _: True, {"say": perform}, lambda: datetime.now(UTC), lambda: "life", monotonic=lambda: now
    )
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(60):
        while tries < 300:
            await asyncio.sleep(0.01)
    # Whoever runs it looks once to begin, and the row's own task once for each try and once at the end.
    assert looked == 300 + 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_deposed_process_leaves_its_rows_alone() -> None:
    rows = {number: attrs.evolve(ROW, number=number) for number in (1, 2, 3)}
    leads, tried, settled = [True], list[int](), list[Settled]()

    async def perform(row: Delivery, transaction: str) -> None:
        tried.append(row.number)
        leads[0] = False

    def settle(item: Settled) -> bool:
        settled.append(item)
        return True

    dispatcher = Dispatcher(
        lambda: rows, settle, {"say": perform}, lambda: datetime.now(UTC), lambda: "life", lambda: leads[0]
    )
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(10):
        while not settled or any(task.get_name() == "deliver to irc" for task in asyncio.all_tasks()):
            await asyncio.sleep(0.01)
    assert tried == [1]
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_pause_of_the_server_is_kept() -> None:
    now, tries, settled = [0.0], list[int](), list[Settled]()
    rows = {number: attrs.evolve(ROW, number=number, target=f"#hall{number}") for number in (1, 2)}

    async def perform(row: Delivery, transaction: str) -> None:
        tries.append(row.number)
        if len(tries) == 1:
            raise TryLater(20.0)

    def settle(item: Settled) -> bool:
        settled.append(item)
        return True

    dispatcher = Dispatcher(
        lambda: rows, settle, {"say": perform}, lambda: datetime.now(UTC), lambda: "life", monotonic=lambda: now[0]
    )
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(10):
        while not tries:
            await asyncio.sleep(0.01)
    for _ in range(20):
        dispatcher.wake()
        await asyncio.sleep(0.01)
    assert (tries, settled) == ([1], [])
    now[0] = 21.0
    async with asyncio.timeout(10):
        while len(settled) < 2:
            await asyncio.sleep(0.01)
    assert (tries, [one.why for one in settled]) == ([1, 1, 2], ["", ""])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Hall(Rooms):
    """A network that knows a room by another name, and keeps what is delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.delivered: list[Outgoing] = []

    def room(self, name: str) -> str | None:
        return "!hall:example.org" if name == "#hall" else None

    async def deliver(self, outgoing: Outgoing) -> None:
        self.delivered.append(outgoing)


@pytest.mark.parametrize(("room", "target"), [("#hall", "!hall:example.org"), ("!door:b.c", "!door:b.c")])
async def test_line_goes_to_the_room_of_the_adapter(room: str, target: str) -> None:
    network = Hall()
    say = say_through({"irc": network})
    await say(attrs.evolve(ROW, target=room), "ptg-life-1")
    assert network.delivered == [Outgoing(Kind.ANNOUNCE, target, "lunch", transaction="ptg-life-1")]
    with pytest.raises(Undeliverable, match="there is no network matrix"):
        await say(attrs.evolve(ROW, network="matrix"), "ptg-life-1")


def plate(number: int, target: str = "#hall") -> Delivery:
    return Delivery(number, "meetings", "plate", "irc", target, f"line {number}")


@pytest.mark.parametrize("failing", [OSError("the disk is full"), ValueError("line 2 is odd")])
async def test_rows_for_bulk_storage_are_written_together(failing: Exception) -> None:
    rows, wrote, now = {number: plate(number) for number in (1, 2, 3)}, list[list[int]](), [0.0]

    async def write(given: Sequence[tuple[Delivery, str]]) -> None:
        numbers = [row.number for row, _ in given]
        wrote.append(numbers)
        if 2 in numbers and (isinstance(failing, ValueError) or len(wrote) == 1):
            raise failing

    def settle(item: Settled) -> bool:
        ended[item.row] = item.why
        del rows[item.row]
        return True

    ended: dict[int, str] = {}
    dispatcher = Dispatcher(
        lambda: {**rows}, settle, {}, lambda: datetime.now(UTC), lambda: "life",
        monotonic=lambda: now[0], writers={"plate": write},
    )
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(30):
        while rows:
            now[0] += 60.0
            dispatcher.wake()
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    alone = isinstance(failing, ValueError)
    assert wrote == ([[1, 2, 3], [1], [2], [3]] if alone else [[1, 2, 3], [1, 2, 3]])
    assert [number for number, why in ended.items() if why] == ([2] if alone else [])


async def test_late_row_is_told_once_and_tried_further() -> None:
    """A row behind it waits, so that the target gets them in order."""
    at = datetime(2026, 11, 16, tzinfo=UTC)
    late = attrs.evolve(ROW, late=at)
    rows = {1: late, 2: attrs.evolve(ROW, number=2)}
    now, told, done, well = [0.0], list[Settled](), list[int](), asyncio.Event()

    async def perform(row: Delivery, transaction: str) -> None:
        if not well.is_set():
            raise ConnectionError("it answered 500.")
        done.append(row.number)

    def settle(item: Settled) -> bool:
        told.append(attrs.evolve(item, at=at))
        if not item.is_late:
            del rows[item.row]
        return True

    performers = {"say": perform}
    dispatcher = Dispatcher(
        lambda: dict(rows), settle, performers, lambda: datetime.now(UTC), lambda: "life", monotonic=lambda: now[0]
    )
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(30):
        while rows:
            if len(told) == 1 and now[0] > 200:
                well.set()
            now[0] += 10.0
            await asyncio.sleep(0.01)
    assert done == [1, 2]
    first, *others = told
    assert (first.row, first.is_late) == (1, True)
    assert others == [Settled(1, at), Settled(2, at)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
