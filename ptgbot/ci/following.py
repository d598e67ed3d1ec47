"""The sources: bring what servers for code review have to tell into the storage, without end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ptgbot.chat.adapter import Undeliverable
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.polling import OVERLAP, Poll, TooBusy
from ptgbot.ci.raw import Kept
from ptgbot.ci.rest_shapes import NoChanges, parts_of
from ptgbot.ci.settings import CiSettings, ServerConfig
from ptgbot.feature import BulkCommand, Source, SourceHub

NAME: Final = "gerrit"
"""Name of the source and of its folder."""
REST: Final = "rest"
"""Name of the REST interface as the origin of events."""
_DAY: Final = 86_400


async def follow(settings: CiSettings, hub: SourceHub) -> None:
    """Follow all servers, without end."""
    keeping = Keeping(hub.folder, settings)
    await asyncio.to_thread(keeping.start)
    async with asyncio.TaskGroup() as tasks:
        for server in settings.servers:
            tasks.create_task(_poll(keeping, server, hub), name=f"ci {server.name}")


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
