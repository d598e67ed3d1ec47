"""The rooms of a configuration as addresses that people can open."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ptgbot.chat.adapter import Place
from ptgbot_matrix.config import MatrixConfig

WAY = "https://matrix.to/#/"


def places(config: MatrixConfig) -> Sequence[Place]:
    """Return the rooms with an alias where the gathering is on; a bare id is for those who are in it already."""
    return [
        Place(room.id, WAY + quote(room.id, safe=""))
        for room in config.all_rooms
        if room.id.startswith("#") and (room.features is None or "gathering" in room.features)
    ]
