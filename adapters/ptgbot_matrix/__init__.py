"""The Matrix adapter: our own sync loop on the HTTP session and the encryption of matrix-nio.

``adapter`` is the edge to the core; ``connection`` puts the parts of a login together. Received events go through
``session.sync_loop`` and ``intake``, answers through ``queues`` and ``delivery``.
"""

from __future__ import annotations

import attrs

from ptgbot.chat.adapter import AdapterKind
from ptgbot_matrix.adapter import MatrixAdapter
from ptgbot_matrix.checks import check_config, check_secrets
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.inspection import inspect_homeserver
from ptgbot_matrix.links import room_links


def _rooms(config: MatrixConfig) -> list[str]:
    return [room.id for room in config.all_rooms]


def _features(config: MatrixConfig) -> list[str]:
    return [name for room in config.all_rooms for name in room.features or ()]


def _quiet(config: MatrixConfig) -> MatrixConfig:
    return attrs.evolve(config, greeting="", read_receipts=False, typing=False)


ADAPTER = AdapterKind(
    config=MatrixConfig,
    make=MatrixAdapter,
    check=check_config,
    secrets=check_secrets,
    look=inspect_homeserver,
    rooms=_rooms,
    features=_features,
    places=room_links,
    folders=lambda config: (config.store,),
    live=frozenset({"rooms", "room"}),
    quiet=_quiet,
)

__all__ = ["ADAPTER", "MatrixAdapter", "MatrixConfig", "check_config", "check_secrets"]
