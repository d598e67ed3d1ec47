"""The rooms of a configuration as addresses that people can open."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ptgbot.chat.adapter import Place
from ptgbot_matrix.config import MatrixConfig


def places(config: MatrixConfig) -> Sequence[Place]:
    """Return the rooms where the gathering is on, by their aliases (Matrix specification, appendix: matrix.to).

    A room that is only known by its internal id has no name that people know, and stays out.
    """
    return [
        Place(room.id, f"https://matrix.to/#/{quote(room.id, safe='')}")
        for room in config.all_rooms
        if room.id.startswith("#") and (room.features is None or "gathering" in room.features)
    ]
