"""Asks the REST interface of a Zuul for the builds that have ended, one request at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from attrs import frozen

from ptgbot.ci.keeping import Keeping
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import ZuulConfig
from ptgbot.ci.zuul_shapes import BUILD, BUILDSET, build_of, items_in
from ptgbot.requesting import fetched

ZUUL: Final = "zuul"
"""Name of the origin of events."""
PAGE: Final = 200
"""Builds in a page."""
MOST_PAGES: Final = 200
"""Most pages of one look, should a server not know what ``skip`` means."""


@frozen
class ZuulPoll:
    """The queries to one Zuul."""

    name: str
    config: ZuulConfig

    async def look(self, keeping: Keeping) -> int:
        """Store what has ended since the last look. Return how many builds and buildsets were new.

        Nothing is stored before everything was read, so that a look that fails is repeated as a whole.

        Raises:
            OSError: the server cannot be reached, or the builds cannot be stored.
            TooBusy: it asks for a pause.
            Undeliverable: it refuses for good.
            NoBuilds: it answers something else.
        """
        began = int(time.time())
        mark = await asyncio.to_thread(keeping.newest_build, self.name)
        # A build is listed by its beginning and told when it has ended, so we look back as far as builds may run.
        since = mark - int(self.config.longest_hours * 3600) if mark else began - int(self.config.begin_days * 86_400)
        found = [*await self._ended("builds", BUILD, since), *await self._ended("buildsets", BUILDSET, since)]
        # The oldest first, as they happened.
        events = [Kept(self.name, ZUUL, one) for one in reversed(found)]
        return len(await asyncio.to_thread(keeping.put_new, events))

    async def newest(self) -> None:
        """Ask for the newest build, to see whether the server answers. Raises as :meth:`look`."""
        items_in((await fetched(f"{self._address('builds')}&limit=1")).body, BUILD)

    def _address(self, what: str) -> str:
        return f"{self.config.url}api/tenant/{quote(self.config.tenant, safe='')}/{what}?complete=true"

    async def _ended(self, what: str, type_: str, since: int) -> list[dict[str, Any]]:
        """Return what has ended, newest first, back to a moment."""
        found: list[dict[str, Any]] = []
        for number in range(MOST_PAGES):
            address = f"{self._address(what)}&limit={PAGE}&skip={number * PAGE}"
            page = items_in((await fetched(address)).body, type_)
            found += page
            if len(page) < PAGE or _is_old(page, since):
                break
        return found


def _is_old(page: Iterable[dict[str, Any]], since: int) -> bool:
    """Say whether nothing of a page began after a moment. Entries of which nothing is known do not count."""
    starts = [build.started or build.time for one in page if (build := build_of(one))]
    return all(start is None or start < since for start in starts)
