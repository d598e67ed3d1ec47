"""Which positions may be committed: those behind which nothing is open any more.

The core forgets the messages before a committed position, and their answers. So a position is handed in when
everything before it is written and every answer has left; until then a crash makes the server send the messages
again, and the core answers again under the same transaction ids.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from attrs import define, field

SELDOM: Final = 5.0
"""Seconds between two positions where nothing was answered."""


@define(eq=False)
class Page:
    """What came between two positions."""

    position: str
    """Where it ends."""
    turned: Callable[[], None]
    ids: set[str] = field(factory=set)
    """Of its messages."""
    answered: bool = False
    _open: int = 1

    def hold(self) -> Callable[[], None]:
        """Keep it open for one more thing; call what is returned when that is through."""
        self.answered = True
        self._open += 1
        return self.release

    def release(self) -> None:
        """One thing is through."""
        self._open -= 1
        if self.is_closed:
            self.turned()

    @property
    def is_closed(self) -> bool:
        """Whether nothing is open any more."""
        return self._open <= 0


@define(eq=False)
class Ledger:
    """The pages since the last committed position. ``commit`` gets a position and the ids it has passed."""

    commit: Callable[[str, frozenset[str]], None]
    clock: Callable[[], float] = time.monotonic
    _pages: deque[Page] = field(factory=deque, init=False)
    _passed: set[str] = field(factory=set, init=False)
    _last: float = field(default=float("-inf"), init=False)
    _pending: str = field(default="", init=False)
    _urgent: bool = field(default=False, init=False)

    def begin(self, position: str) -> Page:
        """Return a new page, held open by whoever asked for it."""
        page = Page(position, self._turn)
        self._pages.append(page)
        return page

    def page_of(self, message: str) -> Page | None:
        """Return the open page that a message stands on."""
        return next((page for page in reversed(self._pages) if message in page.ids), None)

    def _turn(self) -> None:
        while self._pages and self._pages[0].is_closed:
            page = self._pages.popleft()
            self._pending = page.position
            self._passed |= page.ids
            self._urgent |= page.answered
        if self._pending and (self._urgent or self.clock() - self._last >= SELDOM):
            position, passed = self._pending, frozenset(self._passed)
            self._pending, self._urgent, self._last = "", False, self.clock()
            self._passed.clear()
            self.commit(position, passed)
