"""The sync loop: requests one sync after the other and hands each on."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import define, field

from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.session.login import TOKEN_LOST
from ptgbot_matrix.session.persistent import PersistentSession
from ptgbot_matrix.session.sync import FILTER, SyncResult, request_sync
from ptgbot_matrix.session.wire import RequestRefused, Wire

EMPTY_PAUSE: Final = 0.05
"""Seconds, doubled with each further sync that came at once and was empty."""
TOKEN_REFUSALS: Final = 5
"""How often in a row the server may refuse our sync token before we begin without one."""


@define(eq=False)
class SyncLoop:
    """Follows the syncs of the account, without end."""

    config: MatrixConfig
    wire: Wire
    session: PersistentSession
    handle: Callable[[SyncResult], Awaitable[None]]
    """Takes a sync. The next one is not requested before it returns."""
    until_committed: Callable[[], Awaitable[None]]
    """Returns when the sync token of everything handled so far is committed."""
    came_back: Callable[[], None]
    """Called when syncs succeed again, the first one included."""
    report: Callable[[str], None]
    """Tells the operators one sentence."""
    wanted: str = field(default=FILTER, init=False)
    """The sync filter, or the id of the filter that the server keeps."""
    _empty: int = field(default=0, init=False)
    _refusals: int = field(default=0, init=False)

    async def run(self, since: str | None) -> None:
        """Sync from a token on, without end. None means from now on.

        Raises:
            LoginRefused: the homeserver does not accept a new login.
            DeviceLost: our device cannot be used any more.
        """
        full = True
        while True:
            began = time.monotonic()
            result = await self.session.until_answered(functools.partial(self._request, since, full))
            await self.handle(result)
            if result.since is None:
                # Lines that come from now on count, so a restart must begin here.
                await self.until_committed()
            since, full = result.next_batch, False
            if not self.session.up:
                self.session.up = True
                self.came_back()
            await self._breathe(result, time.monotonic() - began)

    async def _request(self, since: str | None, full: bool) -> SyncResult:
        # After an outage the server need not hold the request until something happens: an answer is all we wait for.
        hold = self.config.sync_timeout if self.session.up else 0.0
        try:
            return await request_sync(self.wire, since, full=full, hold=hold, wanted=self.wanted)
        except RequestRefused as refused:
            if self.wanted != FILTER and refused.code not in TOKEN_LOST:
                # It may have lost our filter. If not, the next refusal is about something else.
                self.wanted = FILTER
                raise
            self._refusals = self._refusals + 1 if since is not None and refused.status == 400 else 0
            if self._refusals < TOKEN_REFUSALS:
                raise
            # A server that was set up anew does not know our token, and would refuse it for ever.
            self.report(f"the homeserver does not know our position any more: {refused}. What came since is lost.")
            self._refusals = 0
            return await request_sync(self.wire, None, full=True, hold=0.0, wanted=self.wanted)

    async def _breathe(self, result: SyncResult, took: float) -> None:
        """Pause briefly if the server keeps answering at once with nothing."""
        self._empty = self._empty + 1 if result.is_empty and took < self.config.sync_timeout / 2 else 0
        if self._empty > 1:
            await asyncio.sleep(min(EMPTY_PAUSE * 2.0 ** min(self._empty, 16), self.config.retry_limit))
