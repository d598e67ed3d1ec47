"""Passes on events of the core: commits, moments, forgotten people, another leader."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from attrs import define, field

log = structlog.get_logger()


@define(eq=False)
class Events:
    """Passes on events. Parts that want to know of them are added while the bot is put together."""

    stop: Callable[[], None]
    """Asks the bot to end."""
    on_change: list[Callable[[], None]] = field(factory=list, init=False)
    """Called after each commit."""
    on_turn: list[Callable[[], None]] = field(factory=list, init=False)
    """Called after those, and when time alone makes pages and files look different."""
    on_forgotten: list[Callable[[], None]] = field(factory=list, init=False)
    """Called after a person was forgotten."""
    is_deposed: bool = field(default=False, init=False)
    """Whether another process works on this state by now."""

    def changed(self) -> None:
        """Note that something was committed."""
        for tell in self.on_change:
            tell()
        self.turned()

    def turned(self) -> None:
        """Note that time alone may have changed pages and the exported file."""
        for tell in self.on_turn:
            tell()

    def forgotten(self, problems: Sequence[str]) -> None:
        """Note that a person was forgotten. ``problems`` are sentences about files that could not be rewritten."""
        tell_left_over(problems)
        for tell in self.on_forgotten:
            tell()

    def deposed(self) -> None:
        """End silently, because another process leads by now."""
        self.is_deposed = True
        self.stop()


def tell_left_over(problems: Sequence[str]) -> None:
    """Log the files that still hold data of forgotten people."""
    for problem in problems:
        log.error("somebody asked to be forgotten, but " + problem)
