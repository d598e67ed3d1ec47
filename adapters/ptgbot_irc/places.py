"""The channels of a configuration as addresses that people can open."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ptgbot.chat.adapter import Place
from ptgbot_irc.config import IrcConfig


def places(config: IrcConfig) -> Sequence[Place]:
    """Return the channels where the gathering is on; channels with a key stay out: they are not for everybody."""
    scheme, standard = ("ircs", 6697) if config.tls else ("irc", 6667)
    port = "" if config.port == standard else f":{config.port}"
    return [
        Place(
            room.name,
            f"{scheme}://{config.server}{port}/{quote(room.name, safe='')}",
            config.webchat.replace("{channel}", quote(room.name, safe="")),
        )
        for room in config.rooms
        if room.key is None and (room.features is None or room.features)
    ]
