"""When to try again."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import define, field


@define
class Backoff:
    """The first try at once, then longer and longer up to a limit, each shortened by chance.

    Chance keeps a hundred clients of one server from coming back in the same second.
    """

    first: float
    """Seconds before the second try."""
    limit: float
    """Seconds that no wait exceeds."""
    chance: Callable[[], float] = random.random
    tries: int = field(default=0, init=False)

    def next(self) -> float:
        """Return the seconds to wait before the next try."""
        self.tries += 1
        if self.tries == 1:
            return 0.0
        longest = min(self.limit, self.first * 2.0 ** min(self.tries - 2, 32))
        return longest * (0.5 + self.chance() / 2)

    def reset(self) -> None:
        """Begin anew: the connection held."""
        self.tries = 0
