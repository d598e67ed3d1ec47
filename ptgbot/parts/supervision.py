"""Keeps the parts of the bot running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

RETRY = 5.0
"""Seconds until a part that failed is begun again."""


async def keep_running(name: str, call: Callable[[], Awaitable[None]], retry: float = RETRY) -> None:
    """Run a part without end: its exceptions are logged, and it is restarted."""
    while True:
        try:
            await call()
        except Exception:
            log.exception("a part of the bot failed and is begun again", part=name)
        await asyncio.sleep(retry)
