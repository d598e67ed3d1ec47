"""Decides which sync tokens may be committed: those before which every answer has left.

The core forgets the messages before a committed token, and their answers. So a token is committed when everything
before it is written and every answer has left. Until then the server sends those messages again after a crash, and
the core answers them again under the same transaction ids.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from attrs import define, field

SELDOM: Final = 5.0
"""Seconds between two commits while nothing is answered."""


@define(eq=False)
class Hold:
    """A reason to keep a batch open. Releasing it a second time does nothing."""

    batch: SyncBatch
    _released: bool = field(default=False, init=False)

    def release(self) -> None:
        """Drop this reason. Dropping the last one closes the batch."""
        if not self._released:
            self._released = True
            self.batch.release()


@define(eq=False)
class SyncBatch:
    """The messages between two sync tokens."""

    next_batch: str
    """The token behind them."""
    closed: Callable[[], None]
    """Called when nothing holds the batch open any more."""
    ids: set[str] = field(factory=set)
    """Event ids of its messages."""
    answered: bool = False
    """Whether something more than reading it ever held it open."""
    _open: int = 1

    def hold(self) -> Callable[[], None]:
        """Keep the batch open. Return the function that ends this."""
        self.answered = True
        self._open += 1
        return Hold(self).release

    def release(self) -> None:
        """Drop one reason to keep the batch open; the first belongs to the caller of :meth:`SyncTokens.begin`."""
        self._open -= 1
        if self.is_closed:
            self.closed()

    @property
    def is_closed(self) -> bool:
        """Whether nothing keeps the batch open."""
        return self._open <= 0


@define(eq=False)
class SyncTokens:
    """The batches since the last committed token.

    ``commit`` gets a token and the ids of the messages before it. ``clock`` is monotonic, in seconds.
    """

    commit: Callable[[str, frozenset[str]], None]
    clock: Callable[[], float] = time.monotonic
    _batches: deque[SyncBatch] = field(factory=deque, init=False)
    _passed: set[str] = field(factory=set, init=False)
    _last: float = field(default=float("-inf"), init=False)
    _pending: str = field(default="", init=False)
    _urgent: bool = field(default=False, init=False)
    _ended: bool = field(default=False, init=False)

    def begin(self, next_batch: str) -> SyncBatch:
        """Return a new batch. The caller keeps it open until it calls ``release``."""
        batch = SyncBatch(next_batch, self._commit_closed)
        self._batches.append(batch)
        return batch

    def batch_of(self, message: str) -> SyncBatch | None:
        """Return the open batch that holds a message, by the event id of the message."""
        return next((batch for batch in reversed(self._batches) if message in batch.ids), None)

    def end(self) -> None:
        """Commit nothing from now on: the next connection begins at the last committed token."""
        self._ended = True

    def _commit_closed(self) -> None:
        while self._batches and self._batches[0].is_closed:
            batch = self._batches.popleft()
            self._pending = batch.next_batch
            self._passed |= batch.ids
            self._urgent |= batch.answered
        if self._ended:
            return
        if self._pending and (self._urgent or self.clock() - self._last >= SELDOM):
            token, passed = self._pending, frozenset(self._passed)
            self._pending, self._urgent, self._last = "", False, self.clock()
            self._passed.clear()
            self.commit(token, passed)
