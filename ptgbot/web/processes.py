"""The web server as the bot sees it: processes that share the listening sockets, supervised and told of builds.

No reader can slow the chat, because the bot only answers requests to routes and for health, with bounds, and sends a
frame for each build.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from attrs import define, field, frozen

from ptgbot.chat.adapter import Colour, Health
from ptgbot.serving import MOST_FROM_ONE, MOST_STREAMS
from ptgbot.waiting import cancel_all
from ptgbot.web.child import Child
from ptgbot.web.routes import Routes
from ptgbot.web.sockets import close, listening

log = structlog.get_logger()


@frozen
class WebSettings:
    """What the operator has set."""

    root: Path
    """The link to the current release."""
    listen: str
    """Address for everybody."""
    operators: str = ""
    """Address for operators, empty if there is none."""
    token: str = field(default="", repr=False)
    """With it operators see all of ``/healthz`` at the address for everybody."""
    processes: int = 1
    streams: int = MOST_STREAMS
    streams_per_address: int = MOST_FROM_ONE
    proxies: Sequence[str] = ()
    projects: Mapping[str, Path] = field(factory=dict)
    """Links to the current releases of the projects below the site, by path."""

    def told(self, addresses: Sequence[str]) -> Mapping[str, Any]:
        """Return what a process is told at its start."""
        return {
            "root": str(self.root.parent.resolve() / self.root.name),
            "token": self.token,
            "streams": self.streams,
            "streams_per_address": self.streams_per_address,
            "proxies": [*self.proxies],
            "addresses": [*addresses],
            "projects": {path: str(root) for path, root in self.projects.items()},
        }


@define(eq=False)
class WebProcesses:
    """Starts the processes and restarts those that end."""

    settings: WebSettings
    report: Callable[[], tuple[bool, Mapping[str, Any]]]
    """Returns whether everything works, and the JSON of ``/healthz``."""
    routes: Routes = field(factory=Routes)
    metrics: Callable[[], bytes] = bytes
    """Returns what ``/metrics`` answers."""
    _children: list[Child] = field(factory=list, init=False)
    _tasks: list[asyncio.Task[None]] = field(factory=list, init=False)
    _sockets: list[socket.socket] = field(factory=list, init=False)
    _operators: list[socket.socket] = field(factory=list, init=False)

    async def start(self) -> int | None:
        """Listen. Return the port, None for a Unix socket.

        Connections wait until the first process has started.

        Raises:
            OSError: an address is taken.
        """
        settings = self.settings
        self._sockets = await listening(settings.listen)
        try:
            self._operators = await listening(settings.operators) if settings.operators else []
        except OSError:
            close(self._sockets)
            raise
        told = settings.told(self.routes.addresses)
        self._children = [
            Child(told, self._sockets, self._operators, self._health, self.routes.answer, self.metrics)
            for _ in range(settings.processes)
        ]
        self._tasks = [asyncio.create_task(child.run(), name="web process") for child in self._children]
        return _port(self._sockets[0])

    @property
    def operators_port(self) -> int | None:
        """Port of the operators' address, None if there is none."""
        return _port(self._operators[0]) if self._operators else None

    @property
    def pids(self) -> list[int]:
        """Process ids of the processes that run."""
        return [child.pid for child in self._children if child.pid is not None]

    async def stop(self) -> None:
        """End the processes and stop listening."""
        await asyncio.gather(*(child.stop() for child in self._children))
        await cancel_all(self._tasks)
        close([*self._sockets, *self._operators])
        self._children, self._tasks, self._sockets, self._operators = [], [], [], []

    def announce(self, about: Mapping[str, Any], project: str = "") -> None:
        """Tell the processes of new contents of ``build.json``, of a project below the site if one is named.

        Never waits.
        """
        for child in self._children:
            child.announce(about, project)

    def health(self) -> Health:
        """Return the state of the processes: red while one does not run."""
        down = [child for child in self._children if not child.works]
        if any(child.problem for child in down):
            return Health(Colour.RED, next(child.problem for child in down if child.problem))
        if down:
            return Health(Colour.YELLOW, "starting")
        return Health(Colour.GREEN, f"listening on {self.settings.listen}")

    def counts(self) -> Mapping[str, int]:
        """Return the open and the refused event streams, and the restarts."""
        return {
            "streams": sum(child.streams for child in self._children),
            "refused_streams": sum(child.refused for child in self._children),
            "restarts": sum(child.restarts for child in self._children),
        }

    def _health(self) -> tuple[bool, bytes]:
        works, said = self.report()
        return works, json.dumps(said).encode()


def _port(one: socket.socket) -> int | None:
    if one.family == socket.AF_UNIX:
        return None
    port: int = one.getsockname()[1]
    return port
