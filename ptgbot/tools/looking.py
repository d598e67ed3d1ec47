"""The part of ``ptgbot check`` that logs in on every network, and tries what sources need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence

from ptgbot.chat.adapter import Finding
from ptgbot.config import Config
from ptgbot.following import features_of
from ptgbot.service import look_at_networks

Found = Sequence[tuple[str, Finding]]
"""Findings, each with the name of its network or source."""


async def look(config: Config) -> Found:
    """Return the findings for each network and source by its name. All are inspected at the same time."""
    networks, *each = await asyncio.gather(look_at_networks(config.adapters), *_looks(config))
    return [*networks, *(one for found in each for one in found)]


def _looks(config: Config) -> Iterator[Awaitable[Found]]:
    for feature in features_of(config):
        settings = feature.settings_in(config.features)
        for source in feature.sources:
            if source.look and source.wanted(settings):
                yield _named(f"{feature.name}/{source.name}", source.look(settings))


async def _named(name: str, look: Awaitable[Sequence[Finding]]) -> Found:
    return [(name, finding) for finding in await look]
