"""One process of the web server: its start, the frames to and from it, its restart when it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from attrs import define, field

from ptgbot.chat.backoff import Backoff
from ptgbot.child import environment, said_at_once
from ptgbot.feature import Answered
from ptgbot.waiting import cancel_all
from ptgbot.web.link import Broken, Link

log = structlog.get_logger()

SILENCE = 30.0
"""Seconds without a sign of life after which a process is killed."""
MOST_AT_ONCE = 64
"""Most requests of one process that the bot works on; it asks for fewer."""
_ENDING = 5.0
"""Seconds for the end of a process."""
_LASTED = 10.0
"""Seconds after which a process counts as started, so that the next restart is immediate."""

Answer = Callable[[str, Mapping[str, str]], Awaitable[Answered | None]]


@define(eq=False)
class Child:
    """A process that is kept running."""

    settings: Mapping[str, Any]
    """What the process is told at its start."""
    sockets: Sequence[socket.socket]
    operators: Sequence[socket.socket]
    health: Callable[[], tuple[bool, bytes]]
    """Returns whether everything works, and the contents of ``/healthz``."""
    answer: Answer
    """Returns the response of a route, None if no route has the path."""
    metrics: Callable[[], bytes] = bytes
    """Returns the contents of ``/metrics``."""
    streams: int = field(default=0, init=False)
    """Number of open event streams."""
    refused: int = field(default=0, init=False)
    """Number of event streams that were refused."""
    restarts: int = field(default=0, init=False)
    """Number of restarts."""
    problem: str = field(default="", init=False)
    """A sentence about the last end of the process, empty before it."""
    works: bool = field(default=False, init=False)
    """Whether the process listens."""
    _process: Process | None = field(default=None, init=False)
    _link: Link | None = field(default=None, init=False)
    _about: dict[str, Mapping[str, Any]] = field(factory=dict, init=False)
    """The newest contents of ``build.json`` by project; the empty name for the site itself."""
    _stopped: bool = field(default=False, init=False)
    _answering: set[asyncio.Task[None]] = field(factory=set, init=False)
    _backoff: Backoff = field(factory=lambda: Backoff(first=0.2, limit=10.0), init=False)

    @property
    def pid(self) -> int | None:
        """The process id, None while the process is not running."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self) -> None:
        """Keep the process running until :meth:`stop`."""
        loop = asyncio.get_running_loop()
        while not self._has_stopped():
            await asyncio.sleep(self._backoff.next())
            began = loop.time()
            try:
                problem = await self._once()
            except (OSError, Broken) as error:
                problem = str(error)
            finally:
                await self._clear()
            if self._has_stopped():
                return
            if loop.time() - began > _LASTED:
                self._backoff.reset()
            self.restarts += 1
            self.problem = f"the web server ended and is started anew: {problem}"
            log.error(self.problem)

    def announce(self, about: Mapping[str, Any], project: str = "") -> None:
        """Tell the process of new contents of ``build.json``, of a project below the site if one is named.

        Never waits.
        """
        self._about[project] = about
        if self._link:
            # A process that reads nothing is killed soon; the next one gets the newest contents.
            with contextlib.suppress(Broken):
                self._link.send({"kind": "about", "about": about, "project": project})

    async def stop(self) -> None:
        """End the process: it sees that the link is closed. Kill it if that takes too long."""
        self._stopped = True
        process = self._process
        if self._link:
            self._link.close()
        if process:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ENDING):
                    await process.wait()

    def _has_stopped(self) -> bool:
        return self._stopped

    async def _once(self) -> str:
        """Run the process to its end. Return the reason for the end."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "ptgbot.web.process"),
                *(_numbers(passed) for passed in ([theirs], self.sockets, self.operators)),
                pass_fds=[one.fileno() for one in (theirs, *self.sockets, *self.operators)],
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                env=environment(),
                # Ctrl-C in our terminal is for us: the process ends after us.
                start_new_session=True,
            )
        self._link = link = await Link.over(ours)
        link.send(self.settings)
        for project, about in self._about.items():
            link.send({"kind": "about", "about": about, "project": project})
        assert process.stderr is not None
        words = asyncio.create_task(_read_log(process.stderr), name="log of the web server")
        try:
            reason = await self._follow(link)
        finally:
            if not self._stopped:
                await self._kill()
            await process.wait()
            last = await words
        return last or reason or f"exit status {process.returncode}"

    async def _follow(self, link: Link) -> str:
        """Answer the process until its end. Return a reason, empty if it ended by itself."""
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    frame = await link.receive()
            except TimeoutError:
                return f"no sign of life for {SILENCE:g} s"
            if frame is None:
                return ""
            head, _ = frame
            if head["kind"] == "counts":
                self.works, self.problem = True, ""
                self.streams, self.refused = head["streams"], head["refused"]
            elif len(self._answering) < MOST_AT_ONCE:
                task = asyncio.create_task(self._respond(link, head), name="answer a reader")
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

    async def _respond(self, link: Link, head: Mapping[str, Any]) -> None:
        told: dict[str, Any] = {"kind": "answer", "id": head["id"]}
        body = b""
        if head["kind"] == "health":
            told["ok"], body = self.health()
        elif head["kind"] == "metrics":
            body = self.metrics()
        else:
            answered = await self.answer(head["path"], head["query"])
            told["found"] = answered is not None
            if answered:
                told |= {"status": answered.status, "type": answered.content_type, "headers": {**answered.headers}}
                body = answered.body
        with contextlib.suppress(ConnectionError, Broken):
            link.send(told, body)
            await link.drain()

    async def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def _clear(self) -> None:
        """Forget the process that has ended."""
        await cancel_all(self._answering)
        if self._link:
            self._link.close()
        if self.pid is not None:
            await self._kill()
            assert self._process
            await self._process.wait()
        self._link, self._process, self.works, self.streams = None, None, False, 0


def _numbers(passed: Sequence[socket.socket]) -> str:
    return ",".join(str(one.fileno()) for one in passed)


async def _read_log(stream: asyncio.StreamReader) -> str:
    """Log what a process says. Return its last line."""
    last = ""
    async for words in said_at_once(stream):
        last = words[-1]
        log.warning("web server: " + "\n".join(words))
    return last
