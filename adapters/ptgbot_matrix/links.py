"""Addresses of the configured rooms that people can open.

Source: Matrix specification, appendix "matrix.to navigation".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from ptgbot.chat.adapter import Place
from ptgbot_matrix.config import MatrixConfig

MATRIX_TO: Final = "https://matrix.to/#/"


def room_links(config: MatrixConfig) -> Sequence[Place]:
    """Return the spaces, and the rooms with at least one feature, that have an alias.

    A room id only helps people who are in the room.
    """
    spaces = [Place(space, MATRIX_TO + quote(space, safe="")) for space in config.spaces if space.startswith("#")]
    return spaces + [
        Place(room.id, MATRIX_TO + quote(room.id, safe=""))
        for room in config.all_rooms
        if room.id.startswith("#") and (room.features is None or room.features)
    ]
