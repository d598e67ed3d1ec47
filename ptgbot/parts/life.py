"""The tasks of a running bot, from their start to an orderly end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from attrs import define, field

from ptgbot.chat.inbox import Inbox
from ptgbot.hub import Switchboard
from ptgbot.parts.asking import Asking
from ptgbot.parts.exporting import Exporting
from ptgbot.parts.health import Guest
from ptgbot.parts.networks import Networks
from ptgbot.parts.supervision import keep_running
from ptgbot.publish import AfterBuild, Projects, Publisher
from ptgbot.waiting import cancel_all
from ptgbot.web.processes import WebProcesses

log = structlog.get_logger()

STOP = 10.0
"""Seconds for an orderly end."""

Tasks = set[asyncio.Task[None]]


@define(eq=False)
class Life:
    """Starts the parts of a bot as tasks, waits for its end, and ends them in an order in which nothing is lost."""

    parts: Mapping[str, Callable[[], Awaitable[None]]]
    """What works for ever beside the adapters, by name."""
    guests: Sequence[Guest]
    hub: Switchboard
    networks: Networks
    inbox: Inbox
    asking: Asking
    exporting: Exporting
    publisher: Publisher | None
    projects: Projects
    after_build: AfterBuild | None
    web: WebProcesses | None
    show: Callable[[], Awaitable[None]]
    """Tells the publisher what the site shall show."""
    finishes_site: bool = True
    """Whether the site shall show the last state when everything has ended; else a build that runs then is given up."""
    works_alone: bool = False
    """Whether the bot goes on without any adapter."""
    _background: Tasks = field(factory=set, init=False)
    _visiting: Tasks = field(factory=set, init=False)
    _site: asyncio.Task[None] | None = field(default=None, init=False)
    _below: asyncio.Task[None] | None = field(default=None, init=False)
    _upload: asyncio.Task[None] | None = field(default=None, init=False)

    def replace_guests(self, guests: Sequence[Guest]) -> None:
        """End the sources and jobs that run, and start others instead of them."""
        ending = self._visiting
        self.guests = guests
        self._visiting = {asyncio.create_task(self._replace(ending), name="change of sources and jobs")}

    async def _replace(self, ending: Tasks) -> None:
        await cancel_all(ending, STOP / 4)
        self._visiting |= _kept({guest.name: guest.run for guest in self.guests})

    def start(self) -> None:
        """Start all tasks."""
        self._background = _kept(self.parts)
        self._visiting = _kept({guest.name: guest.run for guest in self.guests})
        self.networks.start()
        if self.publisher:
            self._site = asyncio.create_task(self.publisher.run(), name="publisher")
            self._below = asyncio.create_task(self.projects.run(), name="projects")
        if self.after_build:
            self._upload = asyncio.create_task(self.after_build.run(), name="after build")

    async def until(self, stop: asyncio.Event) -> bool:
        """Wait until the bot is told to stop, or has no adapter left and no work without. Return whether it was told.

        Raises:
            Exception: whatever the publisher raised.
        """
        told = asyncio.create_task(stop.wait(), name="stop")
        over = asyncio.create_task(self.networks.over(), name="no network left")
        site = self._site
        try:
            while (self.works_alone or not over.done()) and not told.done():
                waiting = {told, *([] if over.done() else [over]), *([site] if site else [])}
                done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if site in done:
                    site.result()
                    site = None
            return told.done()
        finally:
            told.cancel()
            over.cancel()

    async def end(self) -> None:
        """End all tasks, in order as far as time allows.

        Raises:
            Exception: whatever the publisher raised.
        """
        try:
            async with asyncio.timeout(STOP):
                await self._end_in_order()
        except TimeoutError:
            log.error("the end took longer than %g s; what is left is ended at once", STOP)
        finally:
            others = {task for task in (self._site, self._below, self._upload) if task}
            tasks = {*self._background, *self._visiting, *self.networks.tasks, *others, *self.asking.tasks}
            for task in await cancel_all(tasks, STOP):
                log.error("a part of the bot can't be ended", part=task.get_name())

    async def _end_in_order(self) -> None:
        """End sources and jobs, adapters, the inbox, the export, the last build and its upload."""
        self.hub.open = False
        await cancel_all(self._visiting, STOP / 4)
        await self.inbox.idle()
        await self.networks.drain(STOP / 4)
        await self.networks.end()
        await self.inbox.idle()
        await cancel_all(self._background)
        await self.exporting.finish()
        try:
            await self._end_site()
        finally:
            if self.web:
                await self.web.stop()
        if self.after_build and self._upload:
            self.after_build.stop()
            await self._upload

    async def _end_site(self) -> None:
        if self.publisher and self._site and self._below:
            if not self.finishes_site:
                # The publishers kill their builders then.
                await cancel_all([self._site, self._below])
                return
            if not self._site.done():
                await self.show()
                self.publisher.stop()
            await self._site
            # After the main site, whose last build may have changed the menu.
            self.projects.stop()
            await self._below


def _kept(parts: Mapping[str, Callable[[], Awaitable[None]]]) -> Tasks:
    return {asyncio.create_task(keep_running(name, call), name=name) for name, call in parts.items()}
