"""What leaves through one connection: paced, fair, bounded, kept while the way is closed. No protocol."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from attrs import define, field, frozen

from ptgbot.chat.message import Kind, Outgoing

log = logging.getLogger(__name__)

URGENCY: Final = {Kind.REPLY: 0, Kind.DONE: 0, Kind.REACH: 0, Kind.TELL: 1, Kind.ANNOUNCE: 2, Kind.TOPIC: 2}
"""Lower numbers leave first."""

Piece = TypeVar("Piece")
Turn = tuple[str, str]


class TryLater(Exception):
    """The server asks for a pause: nothing leaves for so many seconds, then the same piece again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds:g} s")
        self.seconds = seconds


class Courier(Protocol[Piece]):
    """What an adapter offers its outbox: how an answer is cut into pieces, and how one piece is sent."""

    def ready(self, target: str) -> bool:
        """Say whether something for this target can leave now: connected, room joined."""

    def pieces(self, outgoing: Outgoing) -> Sequence[Piece]:
        """Cut an answer into what is sent one by one; asked when its turn has come, empty to send nothing."""

    async def write(self, piece: Piece) -> None:
        """Send one piece. Raises OSError where the way is closed (it is kept), TryLater to be asked again."""


@frozen
class Bounds:
    """How much may wait, and how long."""

    per_turn: int = 300
    """Answers waiting for one person in one target."""
    total: int = 3000
    """Answers waiting altogether."""
    keep: float = 600.0
    """Seconds after which an answer that could not leave is dropped."""
    retry: float = 1.0
    """Seconds to wait after a piece could not be sent, unless the courier isn't ready any more anyway."""


class Pace:
    """A token bucket: ``burst`` at once, then ``rate`` a second. A rate of 0 means no pace."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(max(burst, 1))
        self._clock = clock
        self._tokens = self._burst
        self._stamp = clock()

    def delay(self) -> float:
        """Return the seconds to wait until the next one may leave."""
        self._refill()
        if self._rate <= 0 or self._tokens >= 1:
            return 0.0
        return (1 - self._tokens) / self._rate

    def take(self) -> None:
        """Count one that leaves now."""
        self._refill()
        self._tokens -= 1

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._stamp) * self._rate)
        self._stamp = now
        if self._rate <= 0:
            self._tokens = self._burst


@define(eq=False)
class _Entry(Generic[Piece]):
    outgoing: Outgoing
    queued: float
    pieces: deque[Piece] | None = None


def _queues() -> dict[int, OrderedDict[Turn, deque[_Entry[Piece]]]]:
    return {urgency: OrderedDict() for urgency in sorted(set(URGENCY.values()))}


@define(eq=False)
class Outbox(Generic[Piece]):
    """One queue a connection: replies before tells before announcements, targets in turn.

    A turn is a target and the person answered there, so that somebody who asks two hundred things at once
    does not delay the answer to a neighbour in the same room. ``clock`` is monotonic, in seconds.
    """

    courier: Courier[Piece]
    pace: Pace
    bounds: Bounds = Bounds()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    left: Callable[[Outgoing], None] = lambda _outgoing: None
    """Called with each answer that was queued, once it has left whole or has been dropped."""
    dropped: Counter[str] = field(factory=Counter, kw_only=True)
    """What never left, counted by reason: ``turn full``, ``full``, ``expired``, ``failed``."""
    sent: int = field(default=0, init=False)
    """Pieces that left."""
    _queues: dict[int, OrderedDict[Turn, deque[_Entry[Piece]]]] = field(factory=_queues, init=False)
    _size: int = field(default=0, init=False)
    _changed: asyncio.Event = field(factory=asyncio.Event, init=False)
    _empty: asyncio.Event = field(factory=asyncio.Event, init=False)
    _swept: float = field(default=float("-inf"), init=False)

    def __attrs_post_init__(self) -> None:
        self._empty.set()

    def __len__(self) -> int:
        return self._size

    def put(self, outgoing: Outgoing) -> bool:
        """Queue an answer and return at once; False where it was dropped (and counted): too much waits."""
        self._expire()
        urgency, turn = URGENCY[outgoing.kind], _turn(outgoing)
        waiting = self._queues[urgency].get(turn)
        if waiting is not None and len(waiting) >= self.bounds.per_turn:
            self.dropped["turn full"] += 1
            return False
        if self._size >= self.bounds.total and not self._make_room(urgency):
            self.dropped["full"] += 1
            return False
        self._queues[urgency].setdefault(turn, deque()).append(_Entry(outgoing, self.clock()))
        self._size += 1
        self._empty.clear()
        self._changed.set()
        return True

    def wake(self) -> None:
        """Look again: a target may have become ready."""
        self._changed.set()

    async def drain(self) -> None:
        """Wait until nothing is queued and nothing is on its way."""
        await self._empty.wait()

    async def run(self) -> None:
        """Send what is queued, for ever. Cancelling it keeps the queue as it is."""
        while True:
            if not self._anything_ready():
                self._changed.clear()
                await self._changed.wait()
                continue
            if delay := self.pace.delay():
                await self.sleep(delay)
                continue
            await self._send_next()

    def _anything_ready(self) -> bool:
        self._expire()
        return self._next() is not None

    def _next(self) -> tuple[int, Turn] | None:
        for urgency, turns in self._queues.items():
            for turn in turns:
                if self.courier.ready(turn[0]):
                    return urgency, turn
        return None

    async def _send_next(self) -> None:
        place = self._next()
        if place is None:
            return
        urgency, turn = place
        queue = self._queues[urgency][turn]
        entry = queue[0]
        if entry.pieces is None:
            entry.pieces = self._cut(entry.outgoing)
        if entry.pieces and not await self._write(entry.pieces[0]):
            return
        if entry.pieces:
            entry.pieces.popleft()
        if entry.pieces:
            return  # the pieces of one answer stay together
        if queue and queue[0] is entry:  # it may have expired while it was being written
            queue.popleft()
            self._shrink(entry)
        self._pass_on(urgency, turn)

    def _cut(self, outgoing: Outgoing) -> deque[Piece]:
        try:
            return deque(self.courier.pieces(outgoing))
        except Exception:
            # The edge of a supervised task: one answer that can't be cut must not silence the connection.
            log.exception("an answer could not be prepared for %s", outgoing.target)
            self.dropped["failed"] += 1
            return deque()

    async def _write(self, piece: Piece) -> bool:
        """Send one piece; False where it has to stay at the head of its queue."""
        self.pace.take()
        try:
            await self.courier.write(piece)
        except TryLater as later:
            await self.sleep(later.seconds)
            return False
        except OSError as error:
            log.info("kept until the connection is back: %s", error)
            # A courier whose way is closed isn't ready until it wakes us; this only stops a busy loop.
            await self.sleep(self.bounds.retry)
            return False
        except Exception:
            # The edge of a supervised task, as above.
            log.exception("a piece could not be sent")
            self.dropped["failed"] += 1
        else:
            self.sent += 1
        return True

    def _pass_on(self, urgency: int, turn: Turn) -> None:
        turns = self._queues[urgency]
        if turns.get(turn):
            turns.move_to_end(turn)
        else:
            turns.pop(turn, None)

    def _shrink(self, entry: _Entry[Piece]) -> None:
        self._size -= 1
        if not self._size:
            self._empty.set()
        self.left(entry.outgoing)

    def _make_room(self, urgency: int) -> bool:
        """Drop the newest of the longest turn among the least urgent, if less urgent than what comes."""
        for lower in sorted((other for other in self._queues if other > urgency), reverse=True):
            turns = self._queues[lower]
            if turns:
                turn = max(turns, key=lambda name: len(turns[name]))
                newest = turns[turn].pop()
                if not turns[turn]:
                    del turns[turn]
                self.dropped["full"] += 1
                self._shrink(newest)
                return True
        return False

    def _expire(self) -> None:
        now = self.clock()
        if now - self._swept < self.bounds.keep / 100:
            return  # a look through everything that waits for each new answer would be quadratic
        self._swept = now
        oldest = now - self.bounds.keep
        for turns in self._queues.values():
            for turn in [name for name, queue in turns.items() if queue and queue[0].queued < oldest]:
                queue = turns[turn]
                while queue and queue[0].queued < oldest:
                    self.dropped["expired"] += 1
                    self._shrink(queue.popleft())
                if not queue:
                    del turns[turn]


def _turn(outgoing: Outgoing) -> Turn:
    asker = outgoing.message.person.key if outgoing.message and outgoing.kind is Kind.REPLY else ""
    return outgoing.target, asker
