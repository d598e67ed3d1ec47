"""Keeps the adapters running, each independently of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import structlog
from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, LoginRefused
from ptgbot.parts.presence import Presence
from ptgbot.parts.supervision import RETRY
from ptgbot.waiting import cancel_all

log = structlog.get_logger()

HOUR = 3600.0
LEAVING = 5.0
"""Seconds for an adapter to send what waits, and again for it to close its connection, when its network is left."""


@define(eq=False)
class Networks:
    """The adapters by the names of their networks."""

    adapters: dict[str, Adapter]
    """They are replaced in place: other parts have the same object."""
    hub: Hub
    presence: Presence
    hour: float = HOUR
    """Seconds until a refused login is tried again."""
    _refused: dict[str, str] = field(factory=dict, init=False)
    _tasks: dict[str, asyncio.Task[None]] = field(factory=dict, init=False)
    _ending: bool = field(default=False, init=False)
    _replacing: bool = field(default=False, init=False)
    _over: asyncio.Event = field(factory=asyncio.Event, init=False)

    def start(self) -> None:
        """Start a task for each adapter. It ends only if its adapter cannot continue."""
        for adapter in self.adapters.values():
            self._begin(adapter)
        self._look()

    async def over(self) -> None:
        """Wait until no adapter can continue."""
        await self._over.wait()

    async def replace(self, gone: Collection[str], new: Sequence[Adapter], order: Sequence[str]) -> None:
        """Leave some networks in order, and then begin others. The rest is not disturbed.

        Args:
            gone: names of networks to leave.
            new: adapters to begin, some perhaps with the names of networks that are left.
            order: the names of all networks that are there afterwards, as in the configuration.
        """
        self._replacing = True
        try:
            await self._leave(gone)
            # An orderly end of the bot may have begun meanwhile.
            if not self._ending:
                found = self.adapters | {adapter.name: adapter for adapter in new}
                self.adapters.clear()
                self.adapters.update({name: found[name] for name in order})
                for adapter in new:
                    self._begin(adapter)
        finally:
            self._replacing = False
            self._look()

    async def _leave(self, gone: Collection[str]) -> None:
        """Let adapters send what waits, and end them."""
        await self._drain([self.adapters[name] for name in gone], LEAVING)
        for task in await cancel_all([self._tasks.pop(name) for name in gone], LEAVING):
            log.error("a part of the bot can't be ended", part=task.get_name())
        for name in gone:
            self.presence.forget(name)
            self._refused.pop(name, None)

    async def end(self) -> None:
        """End all adapters."""
        self._ending = True
        await cancel_all(self._tasks.values())

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """The tasks of the adapters."""
        return {*self._tasks.values()}

    def _begin(self, adapter: Adapter) -> None:
        task = asyncio.create_task(self._keep(adapter), name=f"adapter {adapter.name}")
        self._tasks[adapter.name] = task
        task.add_done_callback(lambda _: self._look())

    def _look(self) -> None:
        """Note whether the last adapter has ended."""
        if not self._replacing and all(task.done() for task in self._tasks.values()):
            self._over.set()

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
        await self._drain([*self.adapters.values()], patience)

    async def _drain(self, adapters: Sequence[Adapter], patience: float) -> None:
        if adapters:
            sending = [asyncio.create_task(adapter.drain()) for adapter in adapters]
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
