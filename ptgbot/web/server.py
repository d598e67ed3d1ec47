"""The built-in web server. It is optional: every page works from any host of static files."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import hdrs, web
from attrs import define, field, frozen

from ptgbot.feature import Answered
from ptgbot.serving import MOST_FROM_ONE, MOST_STREAMS
from ptgbot.web.answers import is_known, large_file_answer, news_page, page_answer
from ptgbot.web.events import BEAT, Listeners
from ptgbot.web.files import find
from ptgbot.web.guard import PATIENCE, STALLED, Guard
from ptgbot.web.headers import SECURITY
from ptgbot.web.pages import MOST, Page, Pages
from ptgbot.web.readers import Proxies

HEALTH, LIVE, READY = "/healthz", "/healthz/live", "/healthz/ready"
_REPORTS = (HEALTH, LIVE, READY, "/metrics")
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The text format of Prometheus."""
Report = tuple[bool, Mapping[str, Any]]
"""Whether everything works, and the JSON for operators."""
_STREAM_BUFFER = 2**14
"""Bytes that wait for the reader of an event stream, in the system and in this process each."""


async def _no_route(_path: str, _query: Mapping[str, str]) -> None:
    return None


async def _no_metrics() -> None:
    return None


@frozen
class Limits:
    """Limits on what readers may take."""

    streams: int = MOST_STREAMS
    """Most open event streams."""
    streams_per_address: int = MOST_FROM_ONE
    """Most open event streams from one address."""
    beat: float = BEAT
    """Seconds between two comments that keep an event stream alive."""
    patience: float = PATIENCE
    """Seconds in which a whole request must have arrived."""
    stalled: float = STALLED
    """Seconds after which a connection that takes no bytes is dropped."""


class _Request(web.BaseRequest):
    """A request whose every response, also the one to a malformed request, has our headers."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.update(SECURITY)
        # aiohttp names its version and that of Python.
        response.headers[hdrs.SERVER] = "ptgbot"


@define(eq=False)
class WebServer:
    """Serves the release to which the link ``root`` points."""

    root: Path
    health: Callable[[], Awaitable[Report]]
    answer: Callable[[str, Mapping[str, str]], Awaitable[Answered | None]] = field(default=_no_route, kw_only=True)
    """Returns the response of a feature's route to a path and a query, None if no route has the path."""
    metrics: Callable[[], Awaitable[bytes | None]] = field(default=_no_metrics, kw_only=True)
    """Returns the text of the metrics, None if they cannot be had."""
    limits: Limits = field(default=Limits(), kw_only=True)
    proxies: Proxies = field(default=Proxies(), kw_only=True)
    token: str = field(default="", kw_only=True)
    """With it operators see all of ``/healthz``; without one only those at their own address do."""
    projects: Mapping[str, Path] = field(factory=dict, kw_only=True)
    """Links to the current releases of the projects below the site, by path."""
    _listeners: Listeners = field(init=False)
    _pages: Mapping[str, Pages] = field(init=False)
    """The pages by project; the empty name for the site itself."""
    _news: dict[str, Page] = field(factory=dict, init=False)
    """``build.json`` by project."""
    _running: list[web.Server] = field(factory=list, init=False)
    _accepting: list[asyncio.Server] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare; :meth:`start` listens."""
        self._listeners = Listeners(self.limits.streams, self.limits.streams_per_address)
        # The site itself is read most, so it has more of the memory.
        below = {path: Pages(root, MOST // 4) for path, root in self.projects.items()}
        self._pages = {"": Pages(self.root), **below}

    async def start(self, sockets: Iterable[socket.socket], operators: Iterable[socket.socket] = ()) -> None:
        """Accept connections.

        Args:
            sockets: listening sockets for everybody.
            operators: listening sockets that answer ``/healthz`` in full, and nothing else.
        """
        for project, pages in self._pages.items():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                self.announce(json.loads((pages.root / "build.json").read_bytes()), project)
        for respond, bound in ((self._respond, sockets), (self._respond_to_operators, operators)):
            for one in bound:
                await self._accept(one, respond)

    async def _accept(self, bound: socket.socket, respond: Callable[[web.BaseRequest], Awaitable[Any]]) -> None:
        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            guard = request.transport.get_protocol() if request.transport else None
            if not isinstance(guard, Guard):
                raise ConnectionResetError("the reader has left")
            guard.begin()
            try:
                response: web.StreamResponse = await respond(request)
                return response
            finally:
                guard.end()

        # A reader who leaves ends the answer at once, so that closed event streams are counted out.
        running = web.Server(handler, request_factory=_request, handler_cancellation=True, access_log=None)
        self._running.append(running)
        limits, loop = self.limits, asyncio.get_running_loop()
        accepting = await loop.create_server(
            lambda: Guard(running(), limits.patience, limits.stalled), sock=bound, backlog=1024
        )
        self._accepting.append(accepting)

    async def stop(self) -> None:
        """Stop listening and end all connections."""
        for accepting in self._accepting:
            accepting.close()
        self._listeners.close()
        for running in self._running:
            running.pre_shutdown()
            await running.shutdown(2.0)
        self._running, self._accepting = [], []

    def announce(self, about: Mapping[str, Any], project: str = "") -> None:
        """Note the contents of ``build.json`` of the site, or of a project, and tell open pages. Never waits."""
        self._news[project] = news_page(json.dumps(about).encode())
        self._listeners.tell(about, project)

    @property
    def listeners(self) -> int:
        """Number of open pages."""
        return len(self._listeners)

    @property
    def refused(self) -> int:
        """Number of event streams that were refused."""
        return self._listeners.refused

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
            return web.Response(status=405, text="Only GET and HEAD.\n", headers={"Allow": "GET, HEAD"})
        project, name = self._place(request.path.removeprefix("/"))
        if name == "events":
            return await self._events(request, project)
        if request.path in _REPORTS:
            return await self._report(request, in_full=self._is_operator(request))
        query = {name: request.query[name] for name in request.query}
        if answered := await self.answer(request.path, query):
            headers = {**answered.headers, hdrs.CONTENT_TYPE: answered.content_type}
            tag = next((value for name, value in headers.items() if name.lower() == "etag"), "")
            if tag and answered.status == HTTPStatus.OK and is_known(request, tag):
                return web.Response(status=304, headers=headers)
            return web.Response(body=answered.body, status=answered.status, headers=headers)
        return await self._file(request, name, project)

    async def _respond_to_operators(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path not in _REPORTS:
            return web.Response(status=404, text=f"Only {' '.join(_REPORTS)}.\n")
        return await self._report(request, in_full=True)

    def _place(self, path: str) -> tuple[str, str]:
        """Return the project to which a path belongs, empty for the site itself, and the path in it."""
        first, slash, rest = path.partition("/")
        return (first, rest) if slash and first in self.projects else ("", path)

    async def _file(self, request: web.BaseRequest, name: str, project: str) -> web.StreamResponse:
        if name == "build.json" and project in self._news:
            return page_answer(request, self._news[project])
        pages = self._pages[project]
        if page := await pages.get(name):
            return page_answer(request, page)
        found = await asyncio.to_thread(find, pages.root, name)
        return await large_file_answer(request, *found) if found else await self._nothing(name, pages.root)

    async def _nothing(self, name: str, root: Path) -> web.Response:
        if name in self.projects or (name and await _is_folder(root, name)):
            # Relative, so that a site below a path of a proxy stays there.
            return web.Response(status=302, headers={"Location": f"./{quote(name.rpartition('/')[2])}/"})
        if not await asyncio.to_thread(root.exists):
            return web.Response(
                status=503,
                text="The site is being built.\n",
                headers={"Retry-After": "1", "Cache-Control": "no-store"},
            )
        return web.Response(status=404, text="There is no such page.\n", headers={"Cache-Control": "no-cache"})

    def _is_operator(self, request: web.BaseRequest) -> bool:
        given = request.headers.get(hdrs.AUTHORIZATION, "").encode()
        return bool(self.token) and hmac.compare_digest(given, f"Bearer {self.token}".encode())

    async def _report(self, request: web.BaseRequest, *, in_full: bool) -> web.Response:
        """Answer the addresses for supervision."""
        if request.path == "/metrics":
            return await self._metrics() if in_full else web.Response(status=403, text="For operators only.\n")
        works, said = await self.health()
        if request.path == LIVE:
            # The bot answers at all; a supervisor that restarts it has no other reason.
            works = said.get("parts", {}).get("bot") is None
        elif request.path == READY:
            works = bool(said.get("ready"))
        shown = said if in_full and request.path == HEALTH else {"ok": works}
        return web.json_response(shown, status=200 if works else 503, headers={"Cache-Control": "no-store"})

    async def _metrics(self) -> web.Response:
        body = await self.metrics()
        if body is None:
            return web.Response(status=503, text="The bot does not answer.\n", headers={"Cache-Control": "no-store"})
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: METRICS_TYPE, "Cache-Control": "no-store"})

    async def _events(self, request: web.BaseRequest, project: str) -> web.StreamResponse:
        address = self.proxies.reader(_peer(request), request.headers.getall("X-Forwarded-For", ()))
        if not self._listeners.admits(address):
            return web.Response(status=503, text="Too many open pages.\n", headers={"Retry-After": "60"})
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        with self._listeners.listen(address, project) as listener, contextlib.suppress(ConnectionError):
            _limit_buffers(request)
            await response.prepare(request)
            if request.method == hdrs.METH_HEAD:
                return response
            async for message in listener.messages(self.limits.beat):
                await response.write(message)
        return response


async def _is_folder(root: Path, name: str) -> bool:
    return await asyncio.to_thread(find, root, f"{name}/") is not None


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: asyncio.Task[None]) -> web.BaseRequest:
    return _Request(message, payload, protocol, writer, task, asyncio.get_running_loop())


def _peer(request: web.BaseRequest) -> str:
    """Return the address of the other side of the connection, empty for a Unix socket."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) else ""


def _limit_buffers(request: web.BaseRequest) -> None:
    """Let a reader who does not read hold little memory, and be noticed soon."""
    if request.transport:
        request.transport.set_write_buffer_limits(_STREAM_BUFFER)
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _STREAM_BUFFER)
