"""Keeps the adapters running, each independently of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, LoginRefused
from ptgbot.parts.presence import Presence
from ptgbot.parts.supervision import RETRY

log = structlog.get_logger()

HOUR = 3600.0


@define(eq=False)
class Networks:
    """The adapters by the names of their networks."""

    adapters: Mapping[str, Adapter]
    hub: Hub
    presence: Presence
    hour: float = HOUR
    """Seconds until a refused login is tried again."""
    _refused: dict[str, str] = field(factory=dict, init=False)

    def start(self) -> set[asyncio.Task[None]]:
        """Start a task for each adapter. It ends only if its adapter cannot continue."""
        return {
            asyncio.create_task(self._keep(adapter), name=f"adapter {name}") for name, adapter in self.adapters.items()
        }

    async def _keep(self, adapter: Adapter) -> None:
        while True:
            try:
                await adapter.run(self.hub)
            except LoginRefused as error:
                self._refused[adapter.name] = str(error)
                log.error(f"{adapter.name}: {error} It is tried again in an hour.")
                await asyncio.sleep(self.hour)
                del self._refused[adapter.name]
            except Exception:
                log.exception("an adapter failed and is begun again", network=adapter.name)
                await asyncio.sleep(RETRY)
            else:
                return

    async def drain(self, patience: float) -> None:
        """Wait until the adapters have sent everything, for a limited number of seconds."""
        if self.adapters:
            sending = [asyncio.create_task(adapter.drain()) for adapter in self.adapters.values()]
            _, late = await asyncio.wait(sending, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    def health(self, name: str) -> Health:
        """Return the health of a network."""
        refused = self._refused.get(name)
        if refused:
            return Health(Colour.RED, refused)
        return self.presence.judged(name, self.adapters[name].health())
