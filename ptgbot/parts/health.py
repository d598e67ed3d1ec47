"""The health of the bot's parts, for ``/healthz`` and for the operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import define, field, frozen

from ptgbot.chat.adapter import Colour, Health

Counts = Callable[[], Mapping[str, int]]


@frozen
class Part:
    """A part that reports its health."""

    health: Callable[[], Health]
    counts: Counts | None = None


class Guest(Protocol):
    """A part of a feature that runs beside the bot: a source or a job."""

    @property
    def name(self) -> str:
        """Its name in ``/healthz``."""

    async def run(self) -> None:
        """Work, without end."""

    def health(self) -> Health:
        """Return how it is doing."""

    def counts(self) -> Mapping[str, int]:
        """Return its counters."""

    def gauges(self) -> Mapping[str, float]:
        """Return its gauges by ``FEATURE.NAME``."""


@define
class HealthBoard:
    """All parts by name."""

    counts: Counts
    """Returns what was counted in the bot as a whole."""
    parts: dict[str, Part] = field(factory=dict)
    ready: Callable[[], bool] = lambda: True
    """Says whether the bot can serve people: it is connected everywhere, and the site is built."""
    metrics: Callable[[], Mapping[str, float]] = dict
    """Returns the gauges of the features by ``FEATURE.NAME``."""

    def look(self) -> dict[str, Health]:
        """Return the health of each part."""
        return {name: part.health() for name, part in self.parts.items()}

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Return whether no part is red, and the JSON of ``/healthz``."""
        found = self.look()
        good = all(health.colour is not Colour.RED for health in found.values())
        shown: dict[str, Any] = {}
        for name, health in found.items():
            shown[name] = {"colour": health.colour.value, "text": health.text}
            if counts := self.parts[name].counts:
                shown[name]["counts"] = dict(counts())
        found_metrics = dict(self.metrics())
        more = {"metrics": found_metrics} if found_metrics else {}
        return good, {"ok": good, "ready": self.ready(), "parts": shown, "counts": dict(self.counts()), **more}
