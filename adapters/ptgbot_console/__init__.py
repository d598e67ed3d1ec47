"""A terminal as chat network, for ``ptgbot demo``. It needs no login."""

from __future__ import annotations

from ptgbot.chat.adapter import AdapterKind
from ptgbot_console.config import ConsoleConfig
from ptgbot_console.console import Console, make

__all__ = ["ADAPTER", "Console", "ConsoleConfig"]


def _rooms(config: ConsoleConfig) -> list[str]:
    return [config.channel]


ADAPTER = AdapterKind(config=ConsoleConfig, make=make, rooms=_rooms)
"""The adapter kind that the entry-point group ``ptgbot.adapters`` names ``console``."""
