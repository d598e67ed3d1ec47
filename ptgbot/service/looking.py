"""Logs in on networks to see whether a bot could work there, before a start or before a change of its configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ptgbot.chat.adapter import AdapterKind, Finding

Network = tuple[AdapterKind, Any, bool]
"""The kind of a network, its settings, and whether it is the first of its kind in the configuration."""


async def look_at_networks(networks: Sequence[Network], patience: float | None = None) -> Sequence[tuple[str, Finding]]:
    """Return the findings for each network by its name. All networks are inspected at the same time.

    Args:
        networks: the networks.
        patience: most seconds for one network; None for the time-outs of its own settings only.
    """
    each = await asyncio.gather(*(_look(kind, settings, patience) for kind, settings, _ in networks))
    return [
        (settings.name, finding) for (_, settings, _), found in zip(networks, each, strict=True) for finding in found
    ]


async def _look(kind: AdapterKind, settings: object, patience: float | None) -> Sequence[Finding]:
    if kind.look is None:
        return ()
    try:
        async with asyncio.timeout(patience) as limit:
            return await kind.look(settings)
    except TimeoutError:
        if not limit.expired():
            raise
        return [Finding(f"it did not answer within {patience:g} s", good=False)]
