"""The queue in front of one connection: paced, fair and bounded. It keeps answers over a lost connection."""

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
ANSWERS: Final = frozenset({Kind.REPLY, Kind.DONE, Kind.REACH})
"""Kinds of which those for one person in one target leave in the order of the person's lines."""

Piece = TypeVar("Piece")
Turn = tuple[str, str]
DELIVERIES: Final = "\n"
"""Stands for the asker in the turn of deliveries; no key of a person is a line break."""


class TryLater(Exception):
    """The server asks for a pause: send nothing for ``seconds``, then send the same piece again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds:g} s")
        self.seconds = seconds


class Courier(Protocol[Piece]):
    """What an adapter offers to its outbox: cutting an answer into pieces and sending one piece."""

    def ready(self, target: str) -> bool:
        """Say whether an answer to this target can leave now: connected, and the room joined."""

    def pieces(self, outgoing: Outgoing) -> Sequence[Piece]:
        """Cut an answer into pieces to send one by one; empty to send nothing.

        Called just before the first piece is sent.
        """

    async def write(self, piece: Piece) -> None:
        """Send one piece.

        Raises:
            OSError: the connection is lost; the outbox keeps the piece.
            TryLater: the outbox shall send the piece again after a pause.
        """


@frozen
class Bounds:
    """How many answers may wait, and for how long."""

    per_turn: int = 300
    """Answers waiting for one person in one target."""
    total: int = 3000
    """Answers waiting altogether."""
    keep: float = 600.0
    """Seconds after which an answer that could not leave is dropped."""
    retry: float = 1.0
    """Seconds to wait after a piece could not be sent, if the courier still says that it is ready."""


class Pace:
    """A token bucket: ``burst`` pieces at once, then ``rate`` a second. A rate of 0 means no limit."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(max(burst, 1))
        self._clock = clock
        self._tokens = self._burst
        self._stamp = clock()

    def delay(self) -> float:
        """Return the seconds until the next piece may leave."""
        self._refill()
        if self._rate <= 0 or self._tokens >= 1:
            return 0.0
        return (1 - self._tokens) / self._rate

    def left(self) -> float:
        """Return the number of pieces that may leave at once."""
        self._refill()
        return self._tokens if self._rate > 0 else float("inf")

    def take(self) -> None:
        """Count one piece that leaves now."""
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
    behind: Callable[[], Sequence[Piece]] = lambda: ()
    """Returns pieces that leave behind those of the answer; asked when its turn has come."""
    delivered: asyncio.Future[None] | None = None
    """Set for an entry with a waiter: it neither expires nor makes room for others."""


def _queues() -> dict[int, OrderedDict[Turn, deque[_Entry[Piece]]]]:
    return {urgency: OrderedDict() for urgency in sorted(set(URGENCY.values()))}


@define(eq=False)
class Outbox(Generic[Piece]):
    """The queue of one connection: replies before tells before announcements, targets in turn.

    A turn is a target and the person answered there, so that somebody who asks two hundred things at once
    does not delay the answer to a neighbour in the same room. ``clock`` is monotonic, in seconds.
    """

    courier: Courier[Piece]
    pace: Pace
    bounds: Bounds = Bounds()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    left: Callable[[Outgoing], None] = lambda _outgoing: None
    """Called with each queued answer, once it has left as a whole or has been dropped."""
    join: Callable[[Sequence[Outgoing]], tuple[int, Sequence[Piece]]] | None = None
    """Returns how many of several replies to one target, from the first on, one piece can hold, and that piece.

    It is called while more people wait in a target than pieces may leave at once.
    """
    dropped: Counter[str] = field(factory=Counter, kw_only=True)
    """Number of dropped answers by reason: ``turn full``, ``full``, ``expired``, ``failed``."""
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
        """Queue an answer and return at once.

        Return False if it was dropped and counted, because too much is queued.
        """
        full = self._append(_Entry(outgoing, self.clock()))
        if full:
            self.dropped[full] += 1
        return not full

    async def deliver(self, outgoing: Outgoing, behind: Callable[[], Sequence[Piece]] = lambda: ()) -> None:
        """Send an answer and return when its last piece has been written.

        It is never dropped and does not expire. Cancelling takes back what has not left yet. An exception of the
        courier is raised here, and the rest is not sent; only TryLater is waited for.

        Args:
            outgoing: the answer.
            behind: called just before the first piece is sent; returns further pieces to send after those of the
                answer.

        Raises:
            TryLater: too much is queued already.
            OSError: the connection is lost.
        """
        entry = _Entry(outgoing, float("inf"), None, behind, asyncio.get_running_loop().create_future())
        if self._append(entry):
            raise TryLater(self.bounds.retry)
        assert entry.delivered is not None
        try:
            await entry.delivered
        finally:
            self._take_back(entry)

    def limit(self, pace: Pace, bounds: Bounds) -> None:
        """Take another pace and other bounds. What is queued stays queued."""
        self.pace, self.bounds = pace, bounds
        self._changed.set()

    def wake(self) -> None:
        """Look for targets that have become ready."""
        self._changed.set()

    async def drain(self) -> None:
        """Wait until nothing is queued and nothing is being sent."""
        await self._empty.wait()

    async def run(self) -> None:
        """Send what is queued, without end. Cancelling it keeps the queue as it is."""
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
            entry.pieces = self._joined(entry, urgency) or self._cut(entry)
        if entry.pieces and not await self._write(entry, entry.pieces):
            return
        if entry.pieces:
            return  # the pieces of one answer stay together
        if queue and queue[0] is entry:  # it may have expired or been taken back while it was being written
            queue.popleft()
            self._shrink(entry)
        if entry.delivered is not None and not entry.delivered.done():
            entry.delivered.set_result(None)
        self._pass_on(urgency, turn)

    def _joined(self, entry: _Entry[Piece], urgency: int) -> deque[Piece] | None:
        """Return a piece that answers several people of a target together, None if each is to get one of their own.

        The answers to the others are taken out of the queue.
        """
        turns = self._queues[urgency]
        target = entry.outgoing.target
        heads = [
            (turn, queue[0])
            for turn, queue in turns.items()
            if turn[0] == target and queue[0].pieces is None and queue[0].outgoing.kind is Kind.REPLY
        ]
        if self.join is None or len(heads) <= self.pace.left() or heads[0][1] is not entry:
            return None
        number, pieces = self.join([head.outgoing for _, head in heads])
        if number < 2:
            return None
        for turn, head in heads[1:number]:
            turns[turn].popleft()
            self._shrink(head)
            self._pass_on(urgency, turn)
        return deque(pieces)

    def _cut(self, entry: _Entry[Piece]) -> deque[Piece]:
        try:
            return deque([*self.courier.pieces(entry.outgoing), *entry.behind()])
        except Exception as error:
            # The edge of a supervised task: one answer that can't be cut must not silence the connection.
            if not _fail(entry, error):
                log.exception("an answer could not be prepared for %s", entry.outgoing.target)
                self.dropped["failed"] += 1
            return deque()

    async def _write(self, entry: _Entry[Piece], pieces: deque[Piece]) -> bool:
        """Send the next piece of an entry; return False if it must stay at the head of its queue."""
        self.pace.take()
        try:
            await self.courier.write(pieces[0])
        except TryLater as later:
            await self.sleep(later.seconds)
            return False
        except Exception as error:
            # The edge of a supervised task, as above.
            if _fail(entry, error):
                pieces.clear()
                return True
            if isinstance(error, OSError):
                log.info("kept until the connection is back: %s", error)
                # A courier whose way is closed isn't ready until it wakes us; this only stops a busy loop.
                await self.sleep(self.bounds.retry)
                return False
            log.exception("a piece could not be sent")
            self.dropped["failed"] += 1
        else:
            self.sent += 1
        pieces.popleft()
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

    def _append(self, entry: _Entry[Piece]) -> str:
        """Queue an entry; return the reason if that is impossible, else the empty string."""
        self._expire()
        urgency, turn = URGENCY[entry.outgoing.kind], _turn(entry)
        waiting = self._queues[urgency].get(turn)
        if waiting is not None and len(waiting) >= self.bounds.per_turn:
            return "turn full"
        if self._size >= self.bounds.total and not self._make_room(urgency):
            return "full"
        self._queues[urgency].setdefault(turn, deque()).append(entry)
        self._size += 1
        self._empty.clear()
        self._changed.set()
        return ""

    def _take_back(self, entry: _Entry[Piece]) -> None:
        """Remove a delivery whose waiter has gone, unless it has left."""
        turns, turn = self._queues[URGENCY[entry.outgoing.kind]], _turn(entry)
        queue = turns.get(turn, deque())
        if entry in queue:
            queue.remove(entry)
            self._shrink(entry)
        if not queue:
            turns.pop(turn, None)

    def _make_room(self, urgency: int) -> bool:
        """Drop the newest answer of the longest turn of the least urgent kind, if that is less urgent than ``urgency``.
        """
        for lower in sorted((other for other in self._queues if other > urgency), reverse=True):
            turns = self._queues[lower]
            droppable = {turn: len(queue) for turn, queue in turns.items() if turn[1] != DELIVERIES}
            if droppable:
                turn = max(droppable, key=lambda name: droppable[name])
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


def _fail(entry: _Entry[Piece], error: Exception) -> bool:
    """Pass an error to the waiter of an entry; return False if the entry never had one."""
    if entry.delivered is not None and not entry.delivered.done():
        entry.delivered.set_exception(error)
    return entry.delivered is not None


def _turn(entry: _Entry[Piece]) -> Turn:
    outgoing = entry.outgoing
    if entry.delivered is not None:
        return outgoing.target, DELIVERIES
    asker = outgoing.message.person.key if outgoing.message and outgoing.kind in ANSWERS else ""
    return outgoing.target, asker
