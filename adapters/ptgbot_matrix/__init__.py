"""Matrix: matrix-nio's session and encryption behind our own sync loop."""

from __future__ import annotations

from ptgbot.chat.adapter import AdapterKind
from ptgbot_matrix.adapter import MatrixAdapter
from ptgbot_matrix.checks import check
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.looking import look
from ptgbot_matrix.publicrooms import places


def _rooms(config: MatrixConfig) -> list[str]:
    return [room.id for room in config.all_rooms]


def _features(config: MatrixConfig) -> list[str]:
    return [name for room in config.all_rooms for name in room.features or ()]


ADAPTER = AdapterKind(
    config=MatrixConfig, make=MatrixAdapter, check=check, look=look, rooms=_rooms, features=_features, places=places
)

__all__ = ["ADAPTER", "MatrixAdapter", "MatrixConfig", "check"]
