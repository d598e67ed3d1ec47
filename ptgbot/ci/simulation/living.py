"""The whole simulation: a month of history behind both servers, and then a few events a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ptgbot.ci.simulation.cast import CIS, DAY, PROJECTS, THIRD_PARTIES, UPSTREAM
from ptgbot.ci.simulation.rest import RestDouble, served
from ptgbot.ci.simulation.stream import StreamDouble, streaming
from ptgbot.ci.simulation.world import HISTORY, World
from ptgbot.waiting import cancel_all

SERVER: Final = "harbor"
"""Name of the server in the configuration."""


@frozen
class Living:
    """The simulation at work."""

    world: World
    rest: RestDouble
    stream: StreamDouble
    tables: Mapping[str, Any]
    """The table ``[ci]`` of a configuration that reads the two servers."""

    async def go_on(self) -> None:
        """Let things happen, without end."""
        began = time.monotonic()
        while True:
            events = [*self.world.live(time.monotonic() - began)]
            for event in events:
                self.rest.happen(event)
            self.stream.tell(*events)
            await asyncio.sleep(max(0.05, self.world.next() - (time.monotonic() - began)))


@asynccontextmanager
async def living(folder: Path, seed: int = 1, at: int | None = None) -> AsyncIterator[Living]:
    """Serve the simulation on free ports of this machine.

    Args:
        folder: for the keys of the stream.
        seed: the same one makes the same history for the same moment.
        at: the moment (seconds since 1970) at which the history ends, now if left out.

    Raises:
        OSError: a server cannot listen, or a file cannot be written.
        ImportError: asyncssh is not installed.
    """
    rest = RestDouble()
    async with served(rest) as url, streaming(folder) as (stream, ssh):
        world = World(seed, int(time.time()) if at is None else at, url)
        for event in world.past():
            rest.happen(event)
        one = Living(world, rest, stream, tables(url, ssh))
        task = asyncio.create_task(one.go_on(), name="simulation")
        try:
            yield one
        finally:
            await cancel_all([task])


def tables(url: str, ssh: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table ``[ci]`` for the cast of the simulation."""
    server = {
        "name": SERVER,
        "url": url,
        "projects": [*PROJECTS],
        "poll_minutes": 1.0,
        "begin_days": float(HISTORY // DAY + 1),
        **{key: str(value) if isinstance(value, Path) else value for key, value in ssh.items()},
    }
    return {
        "servers": [server],
        "projects": [*PROJECTS],
        "trusted": [UPSTREAM.username],
        "accounts": {"hana": "person"},
        "expected": [{"account": ci.username, "projects": [*ci.projects]} for ci in THIRD_PARTIES],
        "triggers": [
            {"account": ci.username, "pattern": f"^{ci.trigger}"} for ci in CIS if ci.trigger != UPSTREAM.trigger
        ],
    }
