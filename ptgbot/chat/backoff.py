"""Growing pauses between tries."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import define, field


@define
class Backoff:
    """Pauses between tries: none before the first, then doubled up to a limit.

    Each is shortened at random by up to a half, so that the clients of one server do not come back in the same second.
    """

    first: float
    """Longest pause before the second try, in seconds."""
    limit: float
    """Longest pause before any try, in seconds."""
    chance: Callable[[], float] = random.random
    tries: int = field(default=0, init=False)

    def next(self) -> float:
        """Count a try and return the seconds to wait before it."""
        self.tries += 1
        if self.tries == 1:
            return 0.0
        longest = min(self.limit, self.first * 2.0 ** min(self.tries - 2, 32))
        return longest * (0.5 + self.chance() / 2)

    def reset(self) -> None:
        """Begin again with no pause, after a connection that lasted."""
        self.tries = 0
