"""Addresses of the configured channels that people can open: ``ircs://`` and web chat."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ptgbot.chat.adapter import Place
from ptgbot_irc.config import IrcConfig


def places(config: IrcConfig) -> Sequence[Place]:
    """Return the channels with at least one feature. Channels with a key are left out, because they are not public."""
    scheme, standard = ("ircs", 6697) if config.tls else ("irc", 6667)
    port = "" if config.port == standard else f":{config.port}"
    host = f"[{config.server}]" if ":" in config.server else config.server
    return [
        Place(
            room.name,
            f"{scheme}://{host}{port}/{quote(room.name, safe='')}",
            config.webchat.replace("{channel}", quote(room.name, safe="")),
        )
        for room in config.rooms
        if room.key is None and (room.features is None or room.features)
    ]
