"""Queues of answers, one for each room, so that a pause that the server asks for delays only that room."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import attrs
from attrs import define, field, frozen

from ptgbot.chat.backoff import Backoff
from ptgbot.chat.message import Outgoing
from ptgbot.chat.outbox import Bounds, Outbox, Pace, TryLater
from ptgbot_matrix.answer_event import AnswerEvent
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.urgent import AnswersFirst

log = logging.getLogger(__name__)

MANY: Final = 200
"""Queues from which on empty ones are thrown away."""


def _nothing() -> None:
    """Do nothing."""


@frozen(eq=False)
class QueuedAnswer(Outgoing):
    """An answer in a queue, with a function to call when it has left the queue."""

    left: Callable[[], None] = attrs.field(default=_nothing, kw_only=True)
    """Called once: the answer was sent whole, or dropped."""

    @classmethod
    def of(cls, outgoing: Outgoing, left: Callable[[], None]) -> QueuedAnswer:
        """Return a copy of an answer with the function to call."""
        return cls(**{each.name: getattr(outgoing, each.name) for each in attrs.fields(Outgoing)}, left=left)


@frozen(eq=False)
class AwaitedAnnouncement(Outgoing):
    """An announcement in a queue that a caller waits for."""

    @classmethod
    def of(cls, outgoing: Outgoing) -> AwaitedAnnouncement:
        """Return a copy of an announcement that is marked as awaited."""
        return cls(**{each.name: getattr(outgoing, each.name) for each in attrs.fields(Outgoing)})


class _Postponed(Exception):
    """The homeserver asks for a pause: the caller of the announcement tries again, and the queue continues."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the homeserver asks for a pause of {seconds:g} s")
        self.seconds = seconds


@define(eq=False)
class _RoomCourier:
    """The courier of one target. After errors only this target waits, longer and longer."""

    queues: AnswerQueues
    backoff: Backoff

    def ready(self, target: str) -> bool:
        return self.queues.ready(target)

    def pieces(self, outgoing: Outgoing) -> Sequence[AnswerEvent]:
        events = self.queues.events(outgoing)
        if not isinstance(outgoing, AwaitedAnnouncement):
            return events
        if not events:
            raise ConnectionError("not in the room any more")
        return [attrs.evolve(event, awaited=True) for event in events]

    async def write(self, piece: AnswerEvent) -> None:
        try:
            await self.queues.write(piece)
        except TryLater as later:
            if piece.awaited:
                raise _Postponed(later.seconds) from later
            raise
        except OSError as error:
            if piece.awaited:
                raise
            log.info("kept until the homeserver takes it: %s", error)
            raise TryLater(self.backoff.next()) from error
        self.backoff.reset()


@define(eq=False)
class AnswerQueues:
    """The queues by target. They outlast a connection."""

    config: MatrixConfig
    ready: Callable[[str], bool]
    """Says whether an answer to a target can leave now."""
    events: Callable[[Outgoing], Sequence[AnswerEvent]]
    """Turns an answer into events."""
    write: Callable[[AnswerEvent], Awaitable[None]]
    """Sends an event. Raises OSError, TryLater."""
    dropped: Counter[str] = field(factory=Counter, init=False)
    """Number of answers that never left, by reason."""
    urgent: AnswersFirst = field(factory=AnswersFirst, init=False)
    """The answers to people among them."""
    _boxes: dict[str, Outbox[AnswerEvent]] = field(factory=dict, init=False)
    _tasks: dict[str, asyncio.Task[None]] = field(factory=dict, init=False)
    _changed: asyncio.Event = field(factory=asyncio.Event, init=False)

    def put(self, outgoing: Outgoing, left: Callable[[], None] = _nothing) -> None:
        """Queue an answer.

        ``left`` is called once, when the answer has been sent or dropped; at once if there is no room for it.
        """
        gone = self.urgent.follow(outgoing, left)
        if not self._put(QueuedAnswer.of(outgoing, gone)):
            gone()

    async def deliver(self, outgoing: Outgoing) -> None:
        """Send an announcement after the answers to the same room, and return when it has been sent.

        Raises:
            OSError: the homeserver could not be reached, or we are no longer in the room.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused it.
        """
        try:
            await self._box(outgoing.target).deliver(AwaitedAnnouncement.of(outgoing))
        except _Postponed as postponed:
            raise TryLater(postponed.seconds) from postponed

    def wake(self) -> None:
        """Look for targets that have become ready."""
        for box in self._boxes.values():
            box.wake()

    def waiting(self) -> int:
        """Return the number of answers that wait to be sent."""
        return sum(map(len, self._boxes.values()))

    async def run(self) -> None:
        """Send what is queued, without end. Cancelling it keeps the queues as they are."""
        try:
            while True:
                self._changed.clear()
                for target, box in self._boxes.items():
                    if target not in self._tasks:
                        self._tasks[target] = asyncio.create_task(box.run(), name=f"{self.config.name}: to {target}")
                await self._changed.wait()
        finally:
            tasks, self._tasks = [*self._tasks.values()], {}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Wait until all queued answers have left."""
        await asyncio.gather(*(box.drain() for box in self._boxes.values()))

    def _put(self, answer: QueuedAnswer) -> bool:
        if self.waiting() >= self.config.queue_total:
            self.dropped["full"] += 1
            return False
        return self._box(answer.target).put(answer)

    def _box(self, target: str) -> Outbox[AnswerEvent]:
        if target not in self._boxes:
            self._open(target)
        return self._boxes[target]

    def _open(self, target: str) -> None:
        if len(self._boxes) >= MANY:
            self._close_empty()
        config = self.config
        courier = _RoomCourier(self, Backoff(config.retry_first, config.retry_limit_later))
        courier.backoff.next()
        bounds = Bounds(config.queue_per_person, config.queue_total, config.keep)
        self._boxes[target] = Outbox(courier, Pace(0, 1), bounds, left=_left, dropped=self.dropped)
        self._changed.set()

    def _close_empty(self) -> None:
        for target in [target for target, box in self._boxes.items() if not len(box)]:
            del self._boxes[target]
            if task := self._tasks.pop(target, None):
                task.cancel()


def _left(outgoing: Outgoing) -> None:
    if isinstance(outgoing, QueuedAnswer):
        outgoing.left()
