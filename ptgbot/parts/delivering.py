"""Delivers rows of the journal to rooms and web hooks, over restarts, until they are settled."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, Undeliverable
from ptgbot.chat.backoff import Backoff
from ptgbot.chat.inbox import Settled
from ptgbot.chat.message import Kind, Outgoing
from ptgbot.chat.outbox import TryLater
from ptgbot.store.delivery import Delivery

log = structlog.get_logger()

SAY: Final = "say"
"""The kind of a line said in a room."""
FIRST, LIMIT = 1.0, 30.0
"""Seconds before the second try of a row, and between any two tries at most."""
WRITTEN: Final = 30.0
"""Seconds for which the next line waits at most until a settlement is in the journal."""
OVERDUE: Final = 300.0
"""Seconds for which a row may wait before health says so."""

Perform = Callable[[Delivery, str], Awaitable[str | None]]
"""Performs one row under a transaction id. Returns the id of a line in its network, None if there is none.

Raises OSError to be tried again, TryLater to be tried again after a pause of the whole network, Undeliverable for
never.
"""

Write = Callable[[Sequence[tuple[Delivery, str]]], Awaitable[None]]
"""Writes rows with their transaction ids to the bulk storage, all at once. Raises OSError to be tried again."""

GATHER: Final = 0.5
"""Seconds for which rows for the bulk storage gather, so that a busy room costs one sync of the disk for many lines."""
MOST_TOGETHER: Final = 500
"""Most rows that are written at once."""


@define(eq=False)
class _Waiting:
    """The next try of a row."""

    backoff: Backoff
    at: float = 0.0


@define(eq=False)
class Dispatcher:
    """Tries every open row until it is settled: one at a time for each network, in order for each target.

    After a crash a row whose settlement is not in the journal is tried again, under the same transaction id.
    """

    rows: Callable[[], Mapping[int, Delivery]]
    """Returns the committed rows that are not settled, by number."""
    settle: Callable[[Settled], bool]
    """Takes what became of a row into the inbox."""
    performers: Mapping[str, Perform]
    """How a row of each kind is performed; a row of another kind waits for a version that knows it."""
    clock: Callable[[], datetime]
    incarnation: Callable[[], str]
    """Returns the name of this journal's life, a part of transaction ids."""
    leads: Callable[[], bool] = lambda: True
    """Says whether this process may speak; another one may have taken over the state."""
    monotonic: Callable[[], float] = time.monotonic
    writers: Mapping[str, Write] = field(factory=dict)
    """How rows of kinds for the bulk storage are written."""
    counts: Counter[str] = field(factory=Counter, init=False)
    """Rows that were ``delivered`` and that ``failed`` since the start."""
    _settled: set[int] = field(factory=set, init=False)
    """Rows whose outcome is on its way into the journal."""
    _waiting: dict[int, _Waiting] = field(factory=dict, init=False)
    _lanes: dict[tuple[str, str], asyncio.Task[None]] = field(factory=dict, init=False)
    _pauses: dict[tuple[str, str], float] = field(factory=dict, init=False)
    """Until when servers want a pause, by lane (monotonic seconds)."""
    _problems: dict[tuple[str, str, str], str] = field(factory=dict, init=False)
    """Why the last try failed, by lane and target; nothing for targets that were reached."""
    _late: set[int] = field(factory=set, init=False)
    """Rows of which was told that they are late."""
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)
    _news: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set at the next commit."""

    def wake(self) -> None:
        """Look for committed rows. A row that waits before its next try keeps waiting."""
        self._wake.set()
        self._news.set()
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Deliver, without end. Cancelling it leaves open rows to the next start."""
        try:
            while True:
                self._wake.clear()
                rows = self._open()
                for lane in {_lane(row) for row in rows}:
                    if lane not in self._lanes or self._lanes[lane].done():
                        self._lanes[lane] = asyncio.create_task(self._work(lane), name=f"deliver to {lane[1]}")
                await self._wake.wait()
        finally:
            tasks = [*self._lanes.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def health(self) -> Health:
        """Return the number of waiting rows, yellow if one has waited for long."""
        rows = self._open()
        slow = [row for row in rows if row.number in self._waiting and self._waiting[row.number].backoff.tries > 5]
        if slow:
            return Health(Colour.YELLOW, f"{len(rows)} to deliver, {slow[0].target} can't be reached")
        return Health(Colour.GREEN, f"{len(rows)} to deliver")

    def _open(self) -> list[Delivery]:
        rows = self.rows()
        self._settled &= rows.keys()
        self._late &= rows.keys()
        for number in [number for number in self._waiting if number not in rows]:
            del self._waiting[number]
        return [row for number, row in sorted(rows.items()) if number not in self._settled and self._known(row)]

    def _known(self, row: Delivery) -> bool:
        return row.kind in self.performers or row.kind in self.writers

    async def _work(self, lane: tuple[str, str]) -> None:
        """Try the rows of one lane until none is left, or another process leads and so owns the rows."""
        while (rows := await self._gathered(lane)) and self.leads():
            late = [row for row in rows if row.deadline and row.deadline <= self.clock()]
            for row in late:
                self._end(row, self._problem(row))
            self._tell_late(row for row in rows if row.late and row.late <= self.clock())
            paused = self._pauses.get(lane, 0.0) > self.monotonic()
            ready = None if paused else next(self._ready(rows), None)
            if late:
                continue
            if ready is None:
                await asyncio.sleep(self._pause(rows))
            elif ready.kind in self.writers:
                await self._write(self._together(rows))
            else:
                await self._try(ready)
                await self._written(ready)

    async def _written(self, row: Delivery) -> None:
        """Wait until the settlement of a line is in the journal.

        After a crash at most this line of a network is said again where the server recognises no transactions, however
        slow the disk is.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WRITTEN):
                while row.kind == SAY and row.number in self._settled and row.number in self.rows():
                    await self._news.wait()

    async def _gathered(self, lane: tuple[str, str]) -> list[Delivery]:
        if lane[0] in self.writers:
            await asyncio.sleep(GATHER)
        return [row for row in self._open() if _lane(row) == lane]

    def _together(self, rows: Sequence[Delivery]) -> list[Delivery]:
        """Return the rows that are written at once: in their order, without the targets that must wait."""
        targets = {row.target for row in self._ready(rows)}
        return [row for row in rows if row.target in targets][:MOST_TOGETHER]

    async def _write(self, rows: Sequence[Delivery]) -> None:
        try:
            await self.writers[rows[0].kind]([(row, self._transaction(row)) for row in rows])
        except OSError as error:
            for row in rows:
                self._later(row, error)
        except Exception:
            if len(rows) == 1:
                self._broken(rows[0])
                return
            # One of them is to blame. A row that must wait keeps its successors waiting.
            for row in rows:
                await self._write([row])
                if row.number in self._waiting:
                    return
        else:
            for row in rows:
                self._end(row, "")

    def _transaction(self, row: Delivery) -> str:
        return f"ptg-{self.incarnation()}-{row.number}"

    def _ready(self, rows: Sequence[Delivery]) -> Iterator[Delivery]:
        """Yield the rows that may be tried now: the first of each target, unless it must wait."""
        seen: set[str] = set()
        for row in rows:
            first = row.target not in seen
            seen.add(row.target)
            waiting = self._waiting.get(row.number)
            if first and (waiting is None or waiting.at <= self.monotonic()):
                yield row

    def _pause(self, rows: Sequence[Delivery]) -> float:
        soonest = min((self._waiting[row.number].at for row in rows if row.number in self._waiting), default=0.0)
        return min(max(soonest - self.monotonic(), 0.05), 1.0)

    async def _try(self, row: Delivery) -> None:
        try:
            line = await self.performers[row.kind](row, self._transaction(row))
        except Undeliverable as error:
            self._end(row, str(error))
        except TryLater as later:
            # The server's limit is for all of its rooms.
            self._pauses[_lane(row)] = self.monotonic() + later.seconds
        except OSError as error:
            self._later(row, error)
        except Exception:
            # The edge of a supervised task: one row that fails in a new way must not stop the others.
            self._broken(row)
        else:
            self._end(row, "", line or "")

    def _later(self, row: Delivery, error: OSError) -> None:
        waiting = self._waiting.setdefault(row.number, _Waiting(Backoff(FIRST, LIMIT)))
        waiting.at = self.monotonic() + max(waiting.backoff.next(), 0.05)
        self._problems[*_lane(row), row.target] = str(error)
        log.info("tried again later: %s", error, target=row.target)

    def _broken(self, row: Delivery) -> None:
        log.exception("a row could not be delivered", kind=row.kind, target=row.target)
        self._end(row, "it failed inside the bot; the operators see what happened.")

    def _end(self, row: Delivery, why: str, line: str = "") -> None:
        """Write the settlement of a row. Meanwhile the row counts as settled and is not tried again."""
        self._settled.add(row.number)
        self._problems.pop((*_lane(row), row.target), None)
        self.counts["failed" if why else "delivered"] += 1
        if not self.settle(Settled(row.number, self.clock(), why, line=line)):
            log.error("the outcome of a row found no place in the queue", row=row.number)

    def _problem(self, row: Delivery) -> str:
        """Return why the last try of a target failed, as a sentence."""
        known = self._problems.get((*_lane(row), row.target), "")
        return f"not in time: {known}" if known else "it could not be reached in time."

    def _tell_late(self, rows: Iterable[Delivery]) -> None:
        """Write into the journal that rows are late; they are tried further."""
        for row in rows:
            late = Settled(row.number, self.clock(), self._problem(row), is_late=True)
            if row.number not in self._late | self._settled and self.settle(late):
                self._late.add(row.number)


def _lane(row: Delivery) -> tuple[str, str]:
    return row.kind, row.network


def say_through(adapters: Mapping[str, Adapter]) -> Perform:
    """Return the deliverer of lines in rooms, which uses the adapter of the row's network.

    The deliverer raises Undeliverable if there is no such network, and whatever :meth:`Adapter.deliver` raises.
    """

    async def perform(row: Delivery, transaction: str) -> str | None:
        adapter = adapters.get(row.network)
        if adapter is None:
            raise Undeliverable(f"there is no network {row.network} in the configuration.")
        target = adapter.room(row.target) or row.target
        return await adapter.deliver(Outgoing(Kind.ANNOUNCE, target, str(row.body), transaction=transaction))

    return perform
