"""Follows each command from its arrival to the page: one id in every record of the log, times, and counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from attrs import define, field

from ptgbot.chat.message import Message
from ptgbot.metrics import Metrics

log = structlog.get_logger()

MOST_UNSHOWN: Final = 1000
"""Most changes that are remembered while builds fail."""
_KINDS: Final = {"+": "user", "#": "track", "~": "admin"}




@define(eq=False)
class Traffic:
    """Notes what became of commands, and when pages show their changes."""

    metrics: Metrics
    clock: Callable[[], datetime]
    is_shown: bool = False
    """Whether there is a site that shows changes."""
    _unshown: dict[str, datetime] = field(factory=dict, init=False)
    """Ids of changes that no slices have yet, and the moments of the changes."""
    _building: dict[datetime, dict[str, datetime]] = field(factory=dict, init=False)
    """Changes in slices that are not built yet, by the moment of the slices."""

    def answered(self, message: Message, result: str) -> None:
        """Note that the answers to a command are on their way.

        Args:
            message: the command.
            result: ``changed``, ``answered``, ``unsaved`` or ``failed``.
        """
        now = self.clock()
        seconds = (now - message.at).total_seconds()
        kind = _KINDS.get(message.text.lstrip()[:1], "said")
        self.metrics.command(kind, result, seconds)
        record = log.debug if result == "answered" else log.info
        record(
            "command",
            message=message.trace,
            network=message.room.network,
            room="(in private)" if message.private else message.room.name,
            kind=kind,
            result=result,
            ms=round(seconds * 1000, 1),
        )
        if self.is_shown and result == "changed" and len(self._unshown) < MOST_UNSHOWN:
            self._unshown[message.trace] = now

    def looked(self, at: datetime) -> None:
        """Note that the slices of a moment are computed, which have all changes so far."""
        if self._unshown:
            self._building[at] = self._unshown
            self._unshown = {}

    def built(self, at: datetime) -> None:
        """Note that readers see the slices of a moment."""
        done = [one for one in self._building if one <= at]
        shown = [trace for one in done for trace in self._building.pop(one)]
        if shown:
            log.info("shown", messages=shown[:50], more=max(0, len(shown) - 50))

    def behind(self) -> float:
        """Return for how many seconds the oldest change that no page shows has been waiting."""
        waiting = [*self._unshown.values(), *(at for one in self._building.values() for at in one.values())]
        return max((self.clock() - min(waiting)).total_seconds(), 0.0) if waiting else 0.0
