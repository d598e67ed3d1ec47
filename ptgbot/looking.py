"""``ptgbot check``: logs in on every network and says what it sees there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ptgbot.chat.adapter import AdapterKind, Finding
from ptgbot.config import Config


async def look(config: Config) -> Sequence[tuple[str, Finding]]:
    """Return the names of the networks and what was found there, all looked at at once."""
    each = await asyncio.gather(*(_look(kind, settings) for kind, settings, _ in config.adapters))
    return [
        (settings.name, finding)
        for (_, settings, _), found in zip(config.adapters, each, strict=True)
        for finding in found
    ]


async def _look(kind: AdapterKind, settings: object) -> Sequence[Finding]:
    return await kind.look(settings) if kind.look else ()
