"""Pauses after errors: short in the first minutes of an outage, longer after that."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import define, field

from ptgbot.chat.backoff import Backoff
from ptgbot_matrix.config import MatrixConfig


@define(eq=False)
class Trouble:
    """A series of errors. Most outages are restarts of a server, after which nobody should have to wait for the bot.

    ``clock`` is monotonic, in seconds.
    """

    config: MatrixConfig
    clock: Callable[[], float] = time.monotonic
    text: str = field(default="", init=False)
    """The last error, empty after a success."""
    _since: float | None = field(default=None, init=False)
    _young: Backoff = field(init=False)
    _old: Backoff = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clear()

    def next(self, text: str) -> float:
        """Count an error and return the seconds to wait before the next try."""
        if self._since is None:
            self._since = self.clock()
        self.text = text
        lasted = self.clock() - self._since >= self.config.retry_later_after
        return (self._old if lasted else self._young).next()

    def clear(self) -> None:
        """End the series after a success."""
        self.text = ""
        self._since = None
        self._young = Backoff(self.config.retry_first, self.config.retry_limit)
        self._old = Backoff(self.config.retry_limit, self.config.retry_limit_later)
        # The first pause of a Backoff is none; the try that has failed was that one.
        self._young.next()
        self._old.next()
