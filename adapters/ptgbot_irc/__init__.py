"""IRC: pydle behind our own supervisor."""

from __future__ import annotations

from ptgbot.chat.adapter import AdapterKind
from ptgbot_irc.adapter import IrcAdapter
from ptgbot_irc.config import IrcConfig, check
from ptgbot_irc.looking import look
from ptgbot_irc.places import places


def _rooms(config: IrcConfig) -> list[str]:
    return [room.name for room in config.rooms]


ADAPTER = AdapterKind(config=IrcConfig, make=IrcAdapter, check=check, look=look, rooms=_rooms, places=places)

__all__ = ["ADAPTER", "IrcAdapter", "IrcConfig", "check"]
