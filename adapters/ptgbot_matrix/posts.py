"""What leaves: one serial queue a room, so that a pause that the server asks for holds up that room only."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from attrs import define, field

from ptgbot.chat.backoff import Backoff
from ptgbot.chat.message import Outgoing
from ptgbot.chat.outbox import Bounds, Outbox, Pace, TryLater
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.speaking import Piece

log = logging.getLogger(__name__)

MANY = 200
"""Queues from which on empty ones are thrown away."""


@define(eq=False)
class _Courier:
    """Sends for one target; its errors make it wait, longer and longer."""

    posts: Posts
    backoff: Backoff

    def ready(self, target: str) -> bool:
        return self.posts.ready(target)

    def pieces(self, outgoing: Outgoing) -> Sequence[Piece]:
        return self.posts.pieces(outgoing)

    async def write(self, piece: Piece) -> None:
        try:
            await self.posts.write(piece)
        except OSError as error:
            log.info("kept until the homeserver takes it: %s", error)
            raise TryLater(self.backoff.next()) from error
        self.backoff.reset()


@define(eq=False)
class Posts:
    """The queues. ``left`` is called with each answer that has left or was dropped."""

    config: MatrixConfig
    ready: Callable[[str], bool]
    pieces: Callable[[Outgoing], Sequence[Piece]]
    write: Callable[[Piece], Awaitable[None]]
    left: Callable[[Outgoing], None]
    dropped: Counter[str] = field(factory=Counter, init=False)
    """What never left, counted by reason."""
    _boxes: dict[str, Outbox[Piece]] = field(factory=dict, init=False)
    _tasks: dict[str, asyncio.Task[None]] = field(factory=dict, init=False)
    _changed: asyncio.Event = field(factory=asyncio.Event, init=False)

    def put(self, outgoing: Outgoing) -> bool:
        """Queue an answer; False where it was dropped."""
        if sum(map(len, self._boxes.values())) >= self.config.queue_total:
            self.dropped["full"] += 1
            return False
        if outgoing.target not in self._boxes:
            self._open(outgoing.target)
        return self._boxes[outgoing.target].put(outgoing)

    def wake(self) -> None:
        """Look again: something may have become ready."""
        for box in self._boxes.values():
            box.wake()

    async def run(self) -> None:
        """Send what is queued, for ever. Cancelling it keeps the queues as they are."""
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
        """Wait until everything queued has left."""
        await asyncio.gather(*(box.drain() for box in self._boxes.values()))

    def _open(self, target: str) -> None:
        if len(self._boxes) >= MANY:
            self._tidy()
        config = self.config
        courier = _Courier(self, Backoff(config.retry_first, config.retry_limit_later))
        courier.backoff.next()
        bounds = Bounds(config.queue_per_person, config.queue_total, config.keep)
        self._boxes[target] = Outbox(courier, Pace(0, 1), bounds, left=self.left, dropped=self.dropped)
        self._changed.set()

    def _tidy(self) -> None:
        for target in [target for target, box in self._boxes.items() if not len(box)]:
            del self._boxes[target]
            if task := self._tasks.pop(target, None):
                task.cancel()
