"""How long to wait after errors: shortly while the trouble is young, longer when it has lasted."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import define, field

from ptgbot.chat.backoff import Backoff
from ptgbot_matrix.config import MatrixConfig


@define(eq=False)
class Trouble:
    """One run of errors. Most outages are restarts, and nobody should wait for us long after one."""

    config: MatrixConfig
    clock: Callable[[], float] = time.monotonic
    text: str = field(default="", init=False)
    """What the last error was; empty while all is well."""
    _since: float | None = field(default=None, init=False)
    _young: Backoff = field(init=False)
    _old: Backoff = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clear()

    def next(self, text: str) -> float:
        """Take an error and return the seconds to wait."""
        if self._since is None:
            self._since = self.clock()
        self.text = text
        lasted = self.clock() - self._since >= self.config.retry_later_after
        return (self._old if lasted else self._young).next()

    def clear(self) -> None:
        """All is well again."""
        self.text = ""
        self._since = None
        self._young = Backoff(self.config.retry_first, self.config.retry_limit)
        self._old = Backoff(self.config.retry_limit, self.config.retry_limit_later)
        # The try that failed was the one that costs no wait.
        self._young.next()
        self._old.next()
