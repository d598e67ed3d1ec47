"""The client of nio: its HTTP session and, with encryption, the database of keys behind it."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Final

from nio import AsyncClient, AsyncClientConfig
from nio.crypto import ENCRYPTION_ENABLED

from ptgbot_matrix.config import MatrixConfig

AVAILABLE: Final = bool(ENCRYPTION_ENABLED)
"""Whether the extra ``matrix-e2e`` is installed."""


def make_client(config: MatrixConfig) -> AsyncClient:
    """Return a client of nio. It connects to nothing yet."""
    # nio logs a warning for each message that it cannot decrypt, each time it tries. Ours are logged once.
    logging.getLogger("nio").setLevel(logging.ERROR)
    context = ssl.create_default_context(cafile=config.ca_file)
    # One try for each request: PersistentSession decides when a request is repeated.
    once = AsyncClientConfig(
        max_limit_exceeded=0,
        max_timeouts=0,
        request_timeout=config.request_timeout,
        encryption_enabled=uses_encryption(config),
    )
    config.store.mkdir(mode=0o700, parents=True, exist_ok=True)
    return AsyncClient(
        config.homeserver.rstrip("/"),
        config.user,
        store_path=str(config.store),
        config=once,
        ssl=context,  # type: ignore[arg-type]
    )


def uses_encryption(config: MatrixConfig) -> bool:
    """Say whether encrypted rooms can be read and written: it is switched on, and the extra is installed."""
    return config.encryption and AVAILABLE


def key_database(config: MatrixConfig, user: str, device: str) -> Path:
    """Return the path of the SQLite file in which nio keeps the keys of a device."""
    return config.store / f"{user}_{device}.db"
