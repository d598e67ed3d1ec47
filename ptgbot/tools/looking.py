"""The part of ``ptgbot check`` that logs in on every network, and tries what sources need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence

from ptgbot.chat.adapter import Finding
from ptgbot.config import Config
from ptgbot.following import features_of


async def look(config: Config) -> Sequence[tuple[str, Finding]]:
    """Return the findings for each network and source by its name. All are inspected at the same time."""
    looks = [*_looks(config)]
    each = await asyncio.gather(*(call for _, call in looks))
    return [(name, finding) for (name, _), found in zip(looks, each, strict=True) for finding in found]


def _looks(config: Config) -> Iterator[tuple[str, Awaitable[Sequence[Finding]]]]:
    for kind, settings, _ in config.adapters:
        if kind.look:
            yield settings.name, kind.look(settings)
    for feature in features_of(config):
        settings = feature.settings_in(config.features)
        for source in feature.sources:
            if source.look and source.wanted(settings):
                yield f"{feature.name}/{source.name}", source.look(settings)
