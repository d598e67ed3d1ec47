from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from attrs import define, evolve, field

from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot.chat.outbox import ANSWERS, Bounds, Outbox, Pace, TryLater


@define
class FakeTime:
    now: float = 1000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@define(eq=False)
class FakeCourier:
    time: FakeTime
    closed: set[str] = field(factory=set)
    sent: list[tuple[float, str, str]] = field(factory=list)
    failures: list[Exception] = field(factory=list)
    width: int = 100
    first: asyncio.Event = field(factory=asyncio.Event)

    def ready(self, target: str) -> bool:
        return target not in self.closed

    def pieces(self, outgoing: Outgoing) -> list[tuple[str, str]]:
        text = outgoing.text
        return [(outgoing.target, text[at : at + self.width]) for at in range(0, len(text), self.width)]

    async def write(self, piece: tuple[str, str]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.first.set()
        self.sent.append((self.time.now - 1000.0, *piece))

    @property
    def texts(self) -> list[str]:
        return [text for _at, _target, text in self.sent]


@define(eq=False)
class Bench:
    time: FakeTime
    courier: FakeCourier
    box: Outbox[tuple[str, str]]

    async def flush(self) -> None:
        async with asyncio.timeout(10):
            await self.box.drain()


def make(rate: float = 0, burst: int = 1, bounds: Bounds | None = None) -> Bench:
    time = FakeTime()
    courier = FakeCourier(time)
    pace = Pace(rate, burst, time.clock)
    return Bench(time, courier, Outbox(courier, pace, bounds or Bounds(), time.clock, time.sleep))


@pytest.fixture
async def running() -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks: list[asyncio.Task[None]] = []
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def reply(text: str, target: str = "#ptg", by: str = "ada") -> Outgoing:
    room = Room("net", target, target)
    message = Message(datetime(2026, 11, 21, tzinfo=UTC), room, Person(by, by), Role.ATTENDEE, "x")
    return Outgoing(Kind.REPLY, target, text, message)


def announce(text: str, target: str = "#ptg") -> Outgoing:
    return Outgoing(Kind.ANNOUNCE, target, text)


async def start(bench: Bench, running: list[asyncio.Task[None]]) -> None:
    running.append(asyncio.create_task(bench.box.run()))


@pytest.mark.parametrize(("burst", "at_once"), [(0, 1), (1, 1), (3, 3)])
def test_a_burst_is_one_at_least(burst: int, at_once: int) -> None:
    time = FakeTime()
    pace = Pace(2.0, burst, time.clock)
    for _ in range(at_once):
        assert pace.delay() == 0
        pace.take()
    assert pace.delay() == 0.5


async def test_burst_leaves_at_once_then_pace_holds(running: list[asyncio.Task[None]]) -> None:
    bench = make(rate=2, burst=3)
    for number in range(6):
        bench.box.put(reply(str(number)))
    await start(bench, running)
    await bench.flush()
    assert [at for at, _target, _text in bench.courier.sent] == [0, 0, 0, 0.5, 1.0, 1.5]


async def test_no_pace_sends_everything_at_once(running: list[asyncio.Task[None]]) -> None:
    bench = make(rate=0)
    for number in range(200):
        bench.box.put(reply(str(number)))
    await start(bench, running)
    await bench.flush()
    assert bench.time.now == 1000.0
    assert bench.courier.texts == [str(number) for number in range(200)]


async def test_replies_leave_before_tells_before_announcements(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.box.put(announce("announce"))
    bench.box.put(Outgoing(Kind.TELL, "ada", "tell"))
    bench.box.put(reply("reply"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["reply", "tell", "announce"]


async def test_targets_take_turns(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    for target in ("#a", "#b"):
        for number in range(3):
            bench.box.put(announce(f"{target}{number}", target))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["#a0", "#b0", "#a1", "#b1", "#a2", "#b2"]


async def test_flooder_does_not_delay_neighbour_in_room(
    running: list[asyncio.Task[None]],
) -> None:
    bench = make(rate=1, burst=1)
    for number in range(50):
        bench.box.put(reply(str(number), by="flooder"))
    bench.box.put(reply("for ada", by="ada"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts.index("for ada") == 1


async def test_answers_of_all_kinds_keep_askers_order(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    answers = [evolve(reply(f"{kind.value} {n}"), kind=kind) for n in range(3) for kind in sorted(ANSWERS, key=str)]
    for answer in answers:
        bench.box.put(answer)
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == [answer.text for answer in answers]


async def test_the_pieces_of_an_answer_stay_together(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.width = 2
    bench.box.put(reply("aabbcc", "#a"))
    bench.box.put(reply("dd", "#b"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["aa", "bb", "cc", "dd"]


async def test_blocked_answer_is_kept_until_woken(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.closed = {"#a"}
    bench.box.put(reply("held", "#a"))
    bench.box.put(reply("free", "#b"))
    await start(bench, running)
    await bench.courier.first.wait()
    bench.courier.closed.clear()
    bench.box.wake()
    await bench.flush()
    assert bench.courier.texts == ["free", "held"]


async def test_piece_on_closed_connection_is_sent_again(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.width = 2
    bench.courier.failures = [ConnectionError("gone")]
    bench.box.put(reply("aabb"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["aa", "bb"]
    assert bench.box.sent == 2


async def test_server_asking_for_a_pause_gets_it(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.failures = [TryLater(7)]
    bench.box.put(reply("a"))
    bench.box.put(reply("b"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.sent == [(7, "#ptg", "a"), (7, "#ptg", "b")]


async def test_bug_in_one_answer_stops_no_other(
    running: list[asyncio.Task[None]], caplog: pytest.LogCaptureFixture
) -> None:
    bench = make()
    bench.courier.failures = [ValueError("bug")]
    bench.box.put(reply("a"))
    bench.box.put(reply("b"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["b"]
    assert bench.box.dropped == {"failed": 1}
    assert "could not be sent" in caplog.text


async def test_an_answer_without_pieces_sends_nothing(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.box.put(reply(""))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.sent == []


async def test_excess_of_one_turn_is_dropped_and_counted() -> None:
    bench = make(bounds=Bounds(per_turn=2))
    assert [bench.box.put(reply("x")) for _ in range(3)] == [True, True, False]
    assert bench.box.put(reply("x", by="grace"))
    assert bench.box.dropped == {"turn full": 1}


async def test_a_reply_pushes_out_an_announcement_when_full(running: list[asyncio.Task[None]]) -> None:
    bench = make(bounds=Bounds(total=2))
    assert bench.box.put(announce("old"))
    assert bench.box.put(announce("new"))
    assert bench.box.put(reply("urgent"))
    assert not bench.box.put(announce("late"))
    assert bench.box.dropped == {"full": 2}
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["urgent", "old"]


@pytest.mark.parametrize(("replies", "left"), [(1, ["r0", "to one"]), (2, ["r0", "r1"])])
async def test_the_least_urgent_makes_room_first(
    running: list[asyncio.Task[None]], replies: int, left: list[str]
) -> None:
    bench = make(bounds=Bounds(total=2))
    assert bench.box.put(Outgoing(Kind.TELL, "olga", "to one"))
    assert bench.box.put(announce("to all"))
    for number in range(replies):
        assert bench.box.put(reply(f"r{number}"))
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == left


@pytest.mark.parametrize(("kind", "taken"), [(Kind.REPLY, True), (Kind.DONE, True), (Kind.ANNOUNCE, False)])
async def test_only_answers_wait_by_who_asked(kind: Kind, taken: bool) -> None:
    bench = make(bounds=Bounds(per_turn=1))
    assert bench.box.put(evolve(reply("to ada", by="ada"), kind=kind))
    assert not bench.box.put(evolve(reply("to ada", by="ada"), kind=kind))
    assert bench.box.put(evolve(reply("to bob", by="bob"), kind=kind)) is taken
    assert bench.box.put(Outgoing(kind, "#other", "to nobody"))


async def test_expired_answer_is_dropped_and_counted(running: list[asyncio.Task[None]]) -> None:
    bench = make(bounds=Bounds(keep=60))
    bench.courier.closed = {"#ptg"}
    bench.box.put(reply("old"))
    bench.time.now += 61
    bench.box.put(reply("new"))
    assert len(bench.box) == 1
    bench.courier.closed.clear()
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["new"]
    assert bench.box.dropped == {"expired": 1}


async def test_cancelling_keeps_the_queue(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.closed = {"#ptg"}
    bench.box.put(reply("kept"))
    await start(bench, running)
    await asyncio.sleep(0)
    running[0].cancel()
    await asyncio.gather(running[0], return_exceptions=True)
    assert len(bench.box) == 1
    bench.courier.closed.clear()
    await start(bench, running)
    await bench.flush()
    assert bench.courier.texts == ["kept"]


async def test_waiter_hears_of_each_sent_or_dropped(running: list[asyncio.Task[None]]) -> None:
    """Each answer that left or was dropped is reported to whoever waits for it."""
    bench = make(bounds=Bounds(per_turn=2, total=3))
    left: list[str] = []
    bench.box.left = lambda outgoing: left.append(outgoing.text)
    assert [bench.box.put(announce(text)) for text in ("a", "b", "full")] == [True, True, False]
    bench.box.put(announce("c", "#other"))
    bench.box.put(reply("more urgent"))
    assert left == ["b"]
    await start(bench, running)
    await bench.flush()
    assert left == ["b", "more urgent", "a", "c"]


async def test_delivery_returns_after_its_last_piece_left(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.width = 2
    await start(bench, running)
    await bench.box.deliver(announce("abcd"), lambda: [("#ptg", "behind")])
    assert bench.courier.texts == ["ab", "cd", "behind"]
    assert len(bench.box) == 0


async def test_replies_leave_before_a_delivery(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    delivery = asyncio.create_task(bench.box.deliver(announce("news")))
    await asyncio.sleep(0)
    bench.box.put(reply("answer"))
    await start(bench, running)
    await delivery
    assert bench.courier.texts == ["answer", "news"]


@pytest.mark.parametrize("error", [ConnectionError("gone"), ValueError("no such room")])
async def test_a_delivery_that_fails_raises_and_stops(error: Exception, running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.width = 2
    bench.courier.failures.append(error)
    await start(bench, running)
    with pytest.raises(type(error)) as raised:
        await bench.box.deliver(announce("abcd"))
    assert raised.value is error
    bench.box.put(announce("ef"))
    await bench.flush()
    assert bench.courier.texts == ["ef"]
    assert not bench.box.dropped


async def test_a_delivery_that_can_not_be_cut_raises(
    running: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make()

    def broken(_courier: FakeCourier, _outgoing: Outgoing) -> list[tuple[str, str]]:
        raise ValueError("no target")

    monkeypatch.setattr(FakeCourier, "pieces", broken)
    await start(bench, running)
    with pytest.raises(ValueError, match="no target"):
        await bench.box.deliver(announce("a"))


async def test_delivery_waits_during_a_requested_pause(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.failures.append(TryLater(7))
    await start(bench, running)
    await bench.box.deliver(announce("news"))
    assert bench.courier.sent == [(7.0, "#ptg", "news")]


async def test_a_cancelled_delivery_is_taken_back(running: list[asyncio.Task[None]]) -> None:
    bench = make()
    bench.courier.closed.add("#ptg")
    await start(bench, running)
    delivery = asyncio.create_task(bench.box.deliver(announce("too late")))
    await asyncio.sleep(0)
    assert len(bench.box) == 1
    delivery.cancel()
    await asyncio.gather(delivery, return_exceptions=True)
    bench.courier.closed.clear()
    bench.box.put(announce("next"))
    await bench.flush()
    assert bench.courier.texts == ["next"]


async def test_a_delivery_neither_expires_nor_makes_room(running: list[asyncio.Task[None]]) -> None:
    bench = make(bounds=Bounds(total=1, keep=10))
    bench.courier.closed.add("#ptg")
    delivery = asyncio.create_task(bench.box.deliver(announce("news")))
    await asyncio.sleep(0)
    bench.time.now += 1000
    assert not bench.box.put(reply("answer"))
    bench.courier.closed.clear()
    await start(bench, running)
    await delivery
    assert bench.courier.texts == ["news"]


async def test_a_delivery_into_a_full_outbox_must_wait() -> None:
    bench = make(bounds=Bounds(total=1, retry=3))
    bench.box.put(announce("first"))
    with pytest.raises(TryLater) as raised:
        await bench.box.deliver(announce("second"))
    assert raised.value.seconds == 3
    assert not bench.box.dropped
