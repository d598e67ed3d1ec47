"""The part of ``ptgbot check`` that logs in on every network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ptgbot.chat.adapter import AdapterKind, Finding
from ptgbot.config import Config


async def look(config: Config) -> Sequence[tuple[str, Finding]]:
    """Return the findings for each network by its name. All networks are inspected at the same time."""
    each = await asyncio.gather(*(_look(kind, settings) for kind, settings, _ in config.adapters))
    return [
        (settings.name, finding)
        for (_, settings, _), found in zip(config.adapters, each, strict=True)
        for finding in found
    ]


async def _look(kind: AdapterKind, settings: object) -> Sequence[Finding]:
    return await kind.look(settings) if kind.look else ()
