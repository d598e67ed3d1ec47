"""Topics of rooms are put right: layers of features above what people set."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from attrs import define, field

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot.feature import Topic
from ptgbot.parts.topics import Topics
from ptgbot.store.edits import Edit, Tree, applied
from tests.parts.network import Rooms


@define(eq=False)
class Bench:
    """Topics at work on a state of their own."""

    network: Rooms = field(factory=Rooms)
    layers: list[Topic] = field(factory=list)
    tree: Tree = field(factory=dict)
    told: list[str] = field(factory=list)
    topics: Topics = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Put the parts together."""
        self.topics = Topics(
            {"irc": self.network},
            lambda: self.layers,
            lambda: self.tree,
            self.write,
            lambda _, text: self.told.append(text),
        )

    async def write(self, edits: Sequence[Edit]) -> None:
        """Commit edits."""
        self.tree = applied(self.tree, edits)


def layer(text: str, rank: int = 1, room: str = "#hall") -> Topic:
    return Topic("irc", room, rank, lambda beneath: f"{text} | {beneath}")


async def test_the_highest_layer_stands_above_the_topic() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("high", 2), layer("low", 1)])
    assert not await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "high | Welcome"}
    assert bench.tree == {"topics": {"irc": {"#hall": {"beneath": "Welcome", "shown": "high | Welcome"}}}}


async def test_a_second_room_keeps_what_is_known() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.network.topics["#door"] = "Come in"
    bench.layers.append(layer("b", room="#door"))
    assert not await bench.topics.put_right()
    assert bench.tree["topics"] == {
        "irc": {
            "#hall": {"beneath": "Welcome", "shown": "a | Welcome"},
            "#door": {"beneath": "Come in", "shown": "b | Come in"},
        }
    }


@pytest.mark.parametrize("topics", [{}, {"#hall": None}])
async def test_an_unknown_topic_is_left_alone_for_now(topics: dict[str, str | None]) -> None:
    bench = Bench(Rooms(dict(topics)), [layer("a")])
    assert not await bench.topics.put_right()
    assert bench.network.topics == topics
    assert bench.tree == {}


async def test_a_topic_that_people_set_is_beneath() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.network.topics["#hall"] = "Lunch"
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "a | Lunch"}


async def test_the_topic_beneath_comes_back_without_layers() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.layers.clear()
    assert not await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "Welcome"}
    assert bench.tree == {"topics": {"irc": {}}}


async def test_a_topic_of_people_stays_without_layers() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.network.topics["#hall"] = "Lunch"
    bench.layers.clear()
    assert not await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "Lunch"}
    assert bench.tree == {"topics": {"irc": {}}}


async def test_refused_topic_is_retried_and_reported_once() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}, Undeliverable("not an operator")), [layer("a")])
    assert await bench.topics.put_right()
    assert await bench.topics.put_right()
    assert bench.told == ["the topic of #hall can't be set: not an operator"]
    bench.network.refusal = None
    assert not await bench.topics.put_right()
    bench.network.refusal = OSError("away")
    bench.network.topics["#hall"] = "Lunch"
    assert await bench.topics.put_right()
    assert bench.told[1:] == ["the topic of #hall can't be set: away"]


async def test_what_stands_beneath_is_kept_while_refused() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.layers.clear()
    bench.network.refusal = OSError("away")
    assert await bench.topics.put_right()
    assert bench.tree["topics"] == {"irc": {"#hall": {"beneath": "Welcome", "shown": "a | Welcome"}}}


async def test_a_wake_puts_topics_right_at_once() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}))
    running = asyncio.create_task(bench.topics.run())
    await asyncio.sleep(0)
    bench.layers.append(layer("a"))
    bench.topics.wake()
    async with asyncio.timeout(10):
        while bench.network.topics != {"#hall": "a | Welcome"}:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_topic_of_ours_is_not_taken_for_peoples() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.layers[:] = [layer("b")]
    bench.network.refusal = OSError("away")
    assert await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "a | Welcome"}
    bench.network.refusal = None
    assert not await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "b | Welcome"}
    bench.layers.clear()
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "Welcome"}


async def test_former_topics_are_forgotten_when_confirmed() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.layers[:] = [layer("b")]
    await bench.topics.put_right()
    await bench.topics.put_right()
    assert bench.tree["topics"] == {"irc": {"#hall": {"beneath": "Welcome", "shown": "b | Welcome"}}}
    bench.network.topics["#hall"] = "a | Welcome"  # now somebody says just that
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "b | a | Welcome"}


@pytest.mark.parametrize("over", [True, False])
async def test_a_topic_that_the_server_lost_comes_back(over: bool) -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a")])
    await bench.topics.put_right()
    bench.network.topics["#hall"] = ""
    if not over:
        await bench.topics.put_right()
        assert bench.network.topics == {"#hall": "a | Welcome"}
    bench.layers.clear()
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "Welcome"}


async def test_a_lower_layer_changes_nothing_beneath() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("alert", 50)])
    await bench.topics.put_right()
    bench.layers.append(layer("meeting", 20))
    await bench.topics.put_right()
    bench.layers[1] = layer("meeting: next point", 20)
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "alert | Welcome"}
    del bench.layers[0]
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "meeting: next point | Welcome"}
    bench.layers.clear()
    await bench.topics.put_right()
    assert bench.network.topics == {"#hall": "Welcome"}


async def test_a_slow_network_does_not_delay_others() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}), [layer("a"), Topic("slow", "#hall", 1, lambda _: "a")])
    slow, hurry = Rooms({"#hall": "Welcome"}), asyncio.Event()

    async def set_late(target: str, text: str) -> None:
        await hurry.wait()

    slow.set_topic = set_late  # type: ignore[method-assign]
    bench.topics.adapters = {"irc": bench.network, "slow": slow}
    working = asyncio.create_task(bench.topics.put_right())
    async with asyncio.timeout(10):
        while bench.network.topics != {"#hall": "a | Welcome"}:
            await asyncio.sleep(0.01)
    assert not working.done()
    hurry.set()
    await working


async def test_topic_put_off_is_not_reported() -> None:
    bench = Bench(Rooms({"#hall": "Welcome"}, TryLater(1.5)), [layer("a")])
    assert await bench.topics.put_right()
    assert bench.told == []
    running = asyncio.create_task(bench.topics.run())
    await asyncio.sleep(0)
    bench.network.refusal = None
    async with asyncio.timeout(10):  # less than the pause after a refusal
        while bench.network.topics != {"#hall": "a | Welcome"}:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
