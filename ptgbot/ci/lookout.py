"""Looks for trouble whenever events were stored, and now and then: some trouble is made by time alone.

It looks only at servers whose events are all known. While a server cannot be read, silence of a CI means nothing, so
nothing is said of it; and after an outage the first look comes when everything was caught up. So what began and ended
meanwhile is told to nobody, however many events there were.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from typing import Final

import attrs
from attrs import define, field

from ptgbot.chat.inbox import NotSaved
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.observing import look
from ptgbot.ci.opening import Look
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import SourceHub

PACE: Final = 2.0
"""The least seconds between two looks."""
SHARE: Final = 20
"""Part of the time that looks may take: one second of so many."""
MINUTE: Final = 60.0
"""Seconds after which there is a look without an event, too."""
UNREAD: Final = 900
"""Seconds after which people see that a server cannot be read."""


@define(eq=False)
class Lookout:
    """Looks for trouble in the stored facts, and hands it to the core when it has changed."""

    keeping: Keeping
    settings: CiSettings
    hub: SourceHub
    _whole: dict[str, int | None] = field(factory=dict, init=False)
    """Servers whose events are all known, until which moment (seconds since 1970); None until now."""
    _lost: dict[str, int] = field(factory=dict, init=False)
    """Servers that cannot be read, since when."""
    _told: object = field(default=None, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    def read(self, server: str, until: int | None = None) -> None:
        """Note that all events of a server are stored: until a moment (seconds since 1970), or as they come."""
        self._whole[server] = until
        self._lost.pop(server, None)
        self._wake.set()

    def lost(self, server: str) -> None:
        """Note that the events of a server are not known from now on."""
        self._whole.pop(server, None)
        self._lost.setdefault(server, int(time.time()))

    async def run(self) -> None:
        """Look, without end."""
        while True:
            began = time.monotonic()
            await self.once()
            took = time.monotonic() - began
            await asyncio.sleep(max(PACE, took * SHARE))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MINUTE):
                    await self._wake.wait()

    async def once(self) -> None:
        """Look, and hand over what has changed since the last look. What could not be saved is handed over again."""
        self._wake.clear()
        now, whole = int(time.time()), dict(self._whole)
        # A result that came after the last look at a server is not known yet, so nothing is missed until it is.
        at = min([now, *(until for until in whole.values() if until is not None)])
        unread = {server: since for server, since in sorted(self._lost.items()) if now - since >= UNREAD}
        if not whole and not unread:
            return
        try:
            found = await asyncio.to_thread(self._look, at, frozenset(whole))
        except sqlite3.DatabaseError:
            # The facts are made anew at this moment, or by the next event.
            return
        self.hub.count("looks")
        found = attrs.evolve(found, unread=unread)
        if found.verdict == self._told or whole.keys() != self._whole.keys():
            return
        try:
            await self.hub.learn([found.fact()])
        except NotSaved:
            return
        self._told = found.verdict

    def _look(self, now: int, servers: frozenset[str]) -> Look:
        with looked_at(self.keeping.path) as sql:
            return look(sql, now, self.settings, servers)
