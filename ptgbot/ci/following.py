"""The sources: bring what servers for code review have to tell into the storage, without end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.backoff import Backoff
from ptgbot.ci.events import DROPPED, event_in
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.polling import OVERLAP, Poll, TooBusy
from ptgbot.ci.raw import Kept
from ptgbot.ci.rest_shapes import parts_of
from ptgbot.ci.settings import CiSettings, ServerConfig
from ptgbot.ci.stream import stream_of
from ptgbot.ci.values import text_in
from ptgbot.feature import BulkCommand, Source, SourceHub
from ptgbot.gerrit.responses import NoChanges

NAME: Final = "gerrit"
"""Name of the source and of its folder."""
REST: Final = "rest"
STREAM: Final = "stream"
"""Names of the two origins of events."""
FIRST, LIMIT = 0.5, 60.0
"""Seconds before the second try of a stream, and at most."""
STEADY: Final = 60.0
"""Seconds after which a stream counts as whole, and its next failure as the first."""
_DAY: Final = 86_400


async def follow(settings: CiSettings, hub: SourceHub) -> None:
    """Follow all servers, without end."""
    keeping = Keeping(hub.folder, settings)
    await asyncio.to_thread(keeping.start)
    async with asyncio.TaskGroup() as tasks:
        for server in settings.servers:
            work = _listen if server.ssh_host else _poll
            tasks.create_task(work(keeping, server, hub), name=f"ci {server.name}")


async def _poll(keeping: Keeping, server: ServerConfig, hub: SourceHub) -> None:
    poll, told = Poll(server), ""
    while True:
        pause, why = server.poll_minutes * 60, ""
        try:
            hub.count("events", await catch_up(keeping, poll))
        except TooBusy as error:
            pause, why = max(pause, error.seconds), str(error)
        except (OSError, Undeliverable, NoChanges) as error:
            hub.count("failed_queries")
            why = str(error)
        if why and why != told:
            hub.report(f"The server {server.name} cannot be read: {why}")
        told = why
        await asyncio.sleep(pause)


async def _listen(keeping: Keeping, server: ServerConfig, hub: SourceHub) -> None:
    """Follow the stream of a server; whenever it begins, catch up on what it has not told."""
    poll, backoff, told = Poll(server), Backoff(FIRST, LIMIT), ""
    while True:
        await asyncio.sleep(backoff.next())
        began = time.monotonic()
        try:
            async with stream_of(server) as chunks:
                hub.count("events", await catch_up(keeping, poll))
                told = ""
                await _take(keeping, poll, chunks, hub)
            why = "the stream has ended."
        except TooBusy as error:
            why = str(error)
            await asyncio.sleep(error.seconds)
        except (OSError, Undeliverable, NoChanges) as error:
            why = str(error)
        if time.monotonic() - began >= STEADY:
            backoff.reset()
        hub.count("broken_streams")
        if why != told:
            hub.report(f"The stream of the server {server.name} broke, it is tried again: {why}")
        told = why


async def _take(keeping: Keeping, poll: Poll, chunks: AsyncIterator[Sequence[bytes]], hub: SourceHub) -> None:
    """Store the lines of a stream until it ends."""
    server = poll.server.name
    async for lines in chunks:
        found = [event_in(line) for line in lines]
        events = [Kept(server, STREAM, one) for one in found if not isinstance(one, str)]
        if odd := len(found) - len(events):
            hub.count("odd_lines", odd)
        if events:
            hub.count("events", len(await asyncio.to_thread(keeping.put, events)))
        if any(text_in(one.event, "type") == DROPPED for one in events):
            hub.count("events", await catch_up(keeping, poll))
    await asyncio.to_thread(keeping.note_look, server, 0)


async def catch_up(keeping: Keeping, poll: Poll) -> int:
    """Store what a server has to tell since the last look. Return how many new events there were.

    Nothing is stored before all projects were read, so that a look that fails is repeated as a whole.

    Raises:
        OSError: the server cannot be reached, or the events cannot be stored.
        Undeliverable: the server refuses.
        NoChanges: it answers something else.
    """
    server, began = poll.server, time.monotonic()
    since = await asyncio.to_thread(_since, keeping, server)
    events = []
    for project in server.projects:
        async for change in poll.changed(project, since):
            events += [Kept(server.name, REST, one) for one in parts_of(change, server.url, since)]
    found = await asyncio.to_thread(keeping.put_new, events)
    # What came to the first project while the last one was read must be asked for by the next look.
    passed = int(time.monotonic() - began)
    await asyncio.to_thread(keeping.note_look, server.name, passed)
    return len(found)


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
SOURCES: Final = (Source[CiSettings](NAME, follow, wanted=lambda settings: bool(settings.servers)),)
