"""The sources: bring what servers for code review have to tell into the storage, without end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from attrs import define, field

from ptgbot.chat.adapter import Colour, Finding, Health, Undeliverable
from ptgbot.chat.backoff import Backoff
from ptgbot.ci.events import DROPPED, event_in
from ptgbot.ci.keeping import NAME, Keeping
from ptgbot.ci.lookout import Lookout
from ptgbot.ci.polling import OVERLAP, Poll
from ptgbot.ci.raw import Kept
from ptgbot.ci.reading import Reading
from ptgbot.ci.rest_shapes import parts_of
from ptgbot.ci.settings import CiSettings, ServerConfig, ZuulConfig
from ptgbot.ci.stream import stream_of
from ptgbot.ci.values import text_in
from ptgbot.ci.zuul_polling import ZuulPoll
from ptgbot.ci.zuul_shapes import NoBuilds
from ptgbot.feature import BulkCommand, Source, SourceHub
from ptgbot.gerrit.responses import NoChanges
from ptgbot.requesting import TooBusy

REST: Final = "rest"
STREAM: Final = "stream"
"""Names of the two origins of events."""
FIRST, LIMIT = 0.5, 60.0
"""Seconds before the second try of a stream, and at most."""
STEADY: Final = 60.0
"""Seconds after which a stream counts as whole, and its next failure as the first."""
_DAY: Final = 86_400


PATIENCE: Final = 300.0
"""Seconds for which a server may be out of reach before somebody is needed."""
_MOMENT: Final = 2.0
"""Seconds within which a server says that it does not allow the stream."""


@define(eq=False)
class _Standing:
    """How the work on one server is doing, for health, metrics and alerts."""

    server: str
    hub: SourceHub
    lookout: Lookout | None = None
    """Looks for trouble; None if no alert depends on the server."""
    _failing: float | None = field(default=None, init=False)
    """When the server was out of reach first (monotonic seconds); None while it is not."""
    _newest: int = field(default=0, init=False)

    def works(self, text: str, until: int | None = None) -> None:
        """Note that the server was reached, and its events are known.

        Args:
            text: what is done with it.
            until: the moment until which the events are known (seconds since 1970), None as long as they come.
        """
        self._failing = None
        self.knows(until)
        self.hub.measure(f"{self.server}.reached", 1)
        self.hub.measure(f"{self.server}.reached_seconds", time.time())
        self._tell(Colour.GREEN, text)

    def fails(self, why: str) -> None:
        """Note that the server cannot be reached, or refuses."""
        now = time.monotonic()
        self.misses()
        self._failing = now if self._failing is None else self._failing
        self.hub.measure(f"{self.server}.reached", 0)
        self._tell(Colour.RED if now - self._failing >= PATIENCE else Colour.YELLOW, why)

    def knows(self, until: int | None = None) -> None:
        """Note that all events are stored: until a moment (seconds since 1970), or as they come."""
        if self.lookout:
            self.lookout.read(self.server, until)

    def misses(self) -> None:
        """Note that some events are not stored."""
        if self.lookout:
            self.lookout.lost(self.server)

    def _tell(self, colour: Colour, text: str) -> None:
        self.hub.describe(self.server, Health(colour, f"{self.server}: {text}"))

    def stored(self, readings: Sequence[Reading], *, is_live: bool = False) -> None:
        """Count new events.

        Args:
            readings: the events.
            is_live: whether they came over the stream just now.
        """
        self.hub.count("events", len(readings))
        for kind, number in Counter(str(one.kind) for one in readings).items():
            self.hub.count(f"events_{kind}", number)
        newest = max((one.time or 0 for one in readings), default=0)
        if is_live and newest:
            self.hub.measure(f"{self.server}.lag_seconds", max(0.0, time.time() - newest))
        if newest > self._newest:
            self._newest = newest
            self.hub.measure(f"{self.server}.newest_event_seconds", newest)


async def follow(settings: CiSettings, hub: SourceHub) -> None:
    """Follow all servers, without end."""
    keeping = Keeping(hub.folder, settings)
    await asyncio.to_thread(keeping.start)
    lookout = Lookout(keeping, settings, hub)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(lookout.run(), name="ci lookout")
        for server in settings.servers:
            work = _listen if server.ssh_host else _poll
            tasks.create_task(work(keeping, server, hub, lookout), name=f"ci {server.name}")
        for name, zuul in settings.zuul.items():
            tasks.create_task(_ask_zuul(keeping, name, zuul, hub), name=f"ci zuul {name}")


async def _poll(keeping: Keeping, server: ServerConfig, hub: SourceHub, lookout: Lookout) -> None:
    poll, told = Poll(server, bool(keeping.settings.untested)), ""
    standing = _Standing(server.name, hub, lookout)
    while True:
        pause, why, began = server.poll_minutes * 60, "", int(time.time())
        hub.count("polls")
        try:
            await catch_up(keeping, poll, standing.stored)
            standing.works("its answers are read", began)
        except TooBusy as error:
            pause, why = max(pause, error.seconds), str(error)
        except (OSError, Undeliverable, NoChanges) as error:
            hub.count("failed_queries")
            why = str(error)
        if why:
            standing.fails(f"it cannot be read: {why}")
        if why and why != told:
            hub.report(f"The server {server.name} cannot be read: {why}")
        told = why
        await asyncio.sleep(pause)


async def _ask_zuul(keeping: Keeping, name: str, config: ZuulConfig, hub: SourceHub) -> None:
    """Ask a Zuul for its builds again and again."""
    poll, told, standing = ZuulPoll(name, config), "", _Standing(name, hub)
    while True:
        pause, why = config.poll_minutes * 60, ""
        hub.count("polls")
        try:
            hub.count("builds", await poll.look(keeping))
            standing.works("its builds are read")
        except TooBusy as error:
            pause, why = max(pause, error.seconds), str(error)
        except (OSError, Undeliverable, NoBuilds) as error:
            hub.count("failed_queries")
            why = str(error)
        if why:
            standing.fails(f"it cannot be read: {why}")
        if why and why != told:
            hub.report(f"The Zuul {name} cannot be read: {why}")
        told = why
        await asyncio.sleep(pause)


async def _listen(keeping: Keeping, server: ServerConfig, hub: SourceHub, lookout: Lookout) -> None:
    """Follow the stream of a server; whenever it begins, catch up on what it has not told."""
    poll, backoff, told = Poll(server, bool(keeping.settings.untested)), Backoff(FIRST, LIMIT), ""
    standing = _Standing(server.name, hub, lookout)
    while True:
        await asyncio.sleep(backoff.next())
        began = time.monotonic()
        try:
            async with stream_of(server) as chunks:
                await catch_up(keeping, poll, standing.stored)
                standing.works("its stream is read")
                told = ""
                await _take(keeping, poll, chunks, standing)
            why = "the stream has ended."
        except TooBusy as error:
            why = str(error)
            standing.misses()
            await asyncio.sleep(error.seconds)
        except (OSError, Undeliverable, NoChanges) as error:
            why = str(error)
        if time.monotonic() - began >= STEADY:
            backoff.reset()
        hub.count("broken_streams")
        standing.fails(f"its stream broke and is tried again: {why}")
        if why != told:
            hub.report(f"The stream of the server {server.name} broke, it is tried again: {why}")
        told = why


async def _take(keeping: Keeping, poll: Poll, chunks: AsyncIterator[Sequence[bytes]], standing: _Standing) -> None:
    """Store the lines of a stream until it ends."""
    server, hub = poll.server.name, standing.hub
    asked = -poll.server.poll_minutes * 60
    async for lines in chunks:
        found = [event_in(line) for line in lines]
        events = [Kept(server, STREAM, one) for one in found if not isinstance(one, str)]
        if odd := len(found) - len(events):
            hub.count("odd_lines", odd)
        if events:
            standing.stored(await asyncio.to_thread(keeping.put, events), is_live=True)
        if any(text_in(one.event, "type") == DROPPED for one in events):
            hub.count("dropped_output")
            standing.misses()
            await catch_up(keeping, poll, standing.stored)
        elif poll.with_files and time.monotonic() - asked >= poll.server.poll_minutes * 60 and _have_created(events):
            asked = time.monotonic()
            await _ask_for_files(keeping, poll, standing)
        standing.knows()
    await asyncio.to_thread(keeping.note_look, server, 0)


def _have_created(events: Sequence[Kept]) -> bool:
    return any(text_in(one.event, "type") == "patchset-created" for one in events)


async def _ask_for_files(keeping: Keeping, poll: Poll, standing: _Standing) -> None:
    """Ask which paths the new patch sets touch. The stream does not tell, and goes on if the answer does not come."""
    try:
        await catch_up(keeping, poll, standing.stored)
    except (OSError, Undeliverable, NoChanges):
        standing.hub.count("failed_queries")


async def catch_up(keeping: Keeping, poll: Poll, stored: Callable[[Sequence[Reading]], None]) -> None:
    """Store what a server has to tell since the last look, a page at a time: a month may be too much for the memory.

    A look that fails, or that a crash ends, is repeated as a whole.

    Args:
        keeping: the storage.
        poll: asks the server.
        stored: is told of the new events.

    Raises:
        OSError: the server cannot be reached, or the events cannot be stored.
        Undeliverable: the server refuses.
        NoChanges: it answers something else.
    """
    server, began = poll.server, time.monotonic()
    since = await asyncio.to_thread(lambda: keeping.begin_look(server.name, _since(keeping, server)))
    poll.begin()
    for project in server.projects:
        async for changes in poll.changed(project, since):
            parts = [part for change in changes for part in parts_of(change, server.url, since)]
            stored(await asyncio.to_thread(keeping.put_new, [Kept(server.name, REST, one) for one in parts]))
    poll.stored()
    # What came to the first project while the last one was read must be asked for by the next look.
    passed = int(time.monotonic() - began)
    await asyncio.to_thread(keeping.note_look, server.name, passed)


def _since(keeping: Keeping, server: ServerConfig) -> int:
    """Return the moment (seconds since 1970) from which a server is asked."""
    looked, newest = keeping.moments(server.name)
    if looked:
        return looked - OVERLAP
    return newest - _DAY if newest else int(time.time() - server.begin_days * _DAY)


def _replay(settings: CiSettings, bulk: Path, _arguments: Sequence[str]) -> Iterator[str]:
    yield f"{Keeping(bulk / NAME, settings).replay()} events were read again."


COMMANDS: Final = (
    BulkCommand[CiSettings]("replay", "make the facts of the board anew from the stored events", _replay),
)


async def look(settings: CiSettings) -> Sequence[Finding]:
    """Try all servers, for ``ptgbot check``."""
    zuuls = (_look_at_zuul(name, config) for name, config in settings.zuul.items())
    return await asyncio.gather(*map(_look, settings.servers), *zuuls)


async def _look(server: ServerConfig) -> Finding:
    """Ask a server for its newest changes, and open its stream for a moment."""
    try:
        async for _ in Poll(server).changed(server.projects[0] if server.projects else "", int(time.time())):
            pass
        if server.ssh_host:
            await _look_at_stream(server)
    except (OSError, Undeliverable, NoChanges) as error:
        return Finding(f"the server {server.name} cannot be read: {error}", good=False)
    return Finding(f"the server {server.name} can be read{', its stream too' if server.ssh_host else ''}.")


async def _look_at_zuul(name: str, config: ZuulConfig) -> Finding:
    """Ask a Zuul for its newest builds."""
    try:
        await ZuulPoll(name, config).newest()
    except (OSError, Undeliverable, NoBuilds) as error:
        return Finding(f"the Zuul {name} cannot be read: {error}", good=False)
    return Finding(f"the Zuul {name} can be read.")


async def _look_at_stream(server: ServerConfig) -> None:
    """Make sure that a stream stays open.

    Raises:
        OSError: it cannot be opened, or ends at once, as without the right to it.
    """
    async with stream_of(server) as chunks:
        try:
            async with asyncio.timeout(_MOMENT):
                await anext(chunks)
        except StopAsyncIteration as error:
            raise OSError("its stream ends at once; the user needs the right Stream Events.") from error
        except TimeoutError:
            return


SOURCES: Final = (
    Source[CiSettings](
        NAME, follow, wanted=lambda settings: bool(settings.servers or settings.zuul), look=look, works_alone=True
    ),
)
