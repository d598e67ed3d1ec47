"""The IRC adapter: pydle speaks the protocol, and our own supervisor renews lost connections."""

from __future__ import annotations

from ptgbot.chat.adapter import AdapterKind
from ptgbot_irc.adapter import IrcAdapter
from ptgbot_irc.config import LIVE, IrcConfig, check, check_secrets
from ptgbot_irc.looking import look
from ptgbot_irc.places import places


def _rooms(config: IrcConfig) -> list[str]:
    return [room.name for room in config.rooms]


def _features(config: IrcConfig) -> list[str]:
    return [name for room in config.rooms for name in room.features or ()]


ADAPTER = AdapterKind(
    config=IrcConfig,
    make=IrcAdapter,
    check=check,
    secrets=check_secrets,
    look=look,
    rooms=_rooms,
    features=_features,
    places=places,
    live=LIVE,
)

__all__ = ["ADAPTER", "IrcAdapter", "IrcConfig", "check", "check_secrets"]
