from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import define, field

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix import MatrixConfig
from ptgbot_matrix.answer_event import AnswerEvent, event_for
from ptgbot_matrix.queues import AnswerQueues


@define
class Way:
    """Queues that lead to a list, while it is open."""

    open: bool = False
    written: list[str] = field(factory=list)
    left: list[str] = field(factory=list)

    def queues(self, **settings: int) -> AnswerQueues:
        config = MatrixConfig(homeserver="https://x", user="@ptgbot:x", **settings)  # type: ignore[arg-type]
        return AnswerQueues(config, lambda _target: self.open, self.events, self.write)

    def put(self, queues: AnswerQueues, outgoing: Outgoing, name: str) -> None:
        queues.put(outgoing, lambda: self.left.append(name))

    def events(self, outgoing: Outgoing) -> Sequence[AnswerEvent]:
        return (event_for(outgoing, "", 100),)

    async def write(self, event: AnswerEvent) -> None:
        self.written.append(event.content["body"])


async def test_equal_answers_leave_one_by_one() -> None:
    """Each has its own callback, even if it is the same object put in twice."""
    way = Way()
    queues = way.queues()
    answer = Outgoing(Kind.ANNOUNCE, "!r", "hello", None, "t")
    for name in ("first", "second"):
        way.put(queues, answer, name)
    way.put(queues, Outgoing(Kind.ANNOUNCE, "!s", "other"), "third")
    assert way.left == []
    way.open = True
    task = asyncio.create_task(queues.run())
    await queues.drain()
    task.cancel()
    assert sorted(way.written) == ["hello", "hello", "other"]
    assert sorted(way.left) == ["first", "second", "third"]
    assert way.left.index("first") < way.left.index("second")


def test_answer_without_room_is_dropped_at_once() -> None:
    way = Way()
    queues = way.queues(queue_total=2, queue_per_person=1)
    for name in ("kept", "turn full"):
        way.put(queues, Outgoing(Kind.ANNOUNCE, "!r", name), name)
    way.put(queues, Outgoing(Kind.ANNOUNCE, "!s", "kept too"), "kept too")
    way.put(queues, Outgoing(Kind.ANNOUNCE, "!t", "full"), "full")
    assert way.left == ["turn full", "full"]
    assert queues.dropped == {"turn full": 1, "full": 1}
