"""Tries to write again while the disk refuses, without waiting for a command."""

from __future__ import annotations

import asyncio

import structlog
from attrs import define, field

from ptgbot.chat.inbox import Inbox
from ptgbot.parts.supervision import RETRY
from ptgbot.store.keeper import Keeper
from ptgbot.store.store import NotWritten

log = structlog.get_logger()


@define(eq=False)
class Probing:
    """Finds out whether the state can be written again."""

    inbox: Inbox
    keeper: Keeper
    _said: str = field(default="", init=False)
    """The failure that the log has already."""

    async def run(self) -> None:
        """Probe while the last write has failed, without end."""
        while True:
            await asyncio.sleep(RETRY)
            if not self.inbox.saved:
                await self.probe()

    async def probe(self) -> None:
        """Write an empty batch. Decisions that are not yet written are left to the inbox."""
        try:
            await self.keeper.probe()
        except NotWritten as error:
            if str(error) != self._said:
                log.error(f"the state can't be written: {error}")
            self._said = str(error)
        else:
            self._said = ""
            self.inbox.saved = True
            log.warning("the state can be written again")
