"""The built-in web server. It is optional: every page works from any host of static files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import web
from attrs import define, field

from ptgbot.web.events import BEAT, MOST_CLIENTS, Listeners
from ptgbot.web.files import find
from ptgbot.web.headers import SECURITY, caching
from ptgbot.web.pages import Page, Pages
from ptgbot.web.routes import Routes

log = logging.getLogger(__name__)


class Build(Protocol):
    """The facts of a build that browsers are told."""

    @property
    def build(self) -> int: ...
    @property
    def pages(self) -> Sequence[str]: ...


@define(eq=False)
class WebServer:
    """Serves the release to which the link ``root`` points. Port 0 means any free port."""

    host: str
    port: int
    root: Path
    health: Callable[[], tuple[bool, dict[str, Any]]]
    """Returns whether everything works, and the JSON of ``/healthz``."""
    most_listeners: int = field(default=MOST_CLIENTS, kw_only=True)
    beat: float = field(default=BEAT, kw_only=True)
    """Seconds between two comments that keep an event stream alive."""
    stalled: float = field(default=30.0, kw_only=True)
    """Seconds after which a connection that takes no bytes is dropped."""
    routes: Routes = field(factory=Routes, kw_only=True)
    """The routes of features."""
    _listeners: Listeners = field(init=False)
    _pages: Pages = field(init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare; :meth:`start` listens."""
        self._listeners = Listeners(self.most_listeners)
        self._pages = Pages(self.root)

    async def start(self) -> int:
        """Listen and return the port.

        Raises:
            OSError: the address is taken.
        """
        app = web.Application()
        app.on_response_prepare.append(_add_security)
        app.router.add_get("/events", self._events)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/{name:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError:
            await self.stop()
            raise
        port = self._runner.addresses[0][1]
        assert isinstance(port, int)
        return port

    async def stop(self) -> None:
        """End all connections and stop listening."""
        self._listeners.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def announce(self, build: Build) -> None:
        """Tell open pages of a build. Never waits."""
        self._listeners.tell(build.build, build.pages)

    @property
    def listeners(self) -> int:
        """Number of open pages."""
        return len(self._listeners)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if answer := await self.routes.respond(request):
            return answer
        if page := await self._pages.get(request.match_info["name"]):
            return _page(request, page)
        found = await asyncio.to_thread(find, self.root, request.match_info["name"])
        if found is None:
            return await self._nothing(request.match_info["name"])
        path, name = found
        response = web.FileResponse(path, headers={"Cache-Control": caching(name)})
        if path.suffix in _TYPES:
            response.content_type = _TYPES[path.suffix]
            response.charset = "utf-8"
        if name == "ptg.json":
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    async def _nothing(self, name: str) -> web.Response:
        folder = await asyncio.to_thread(find, self.root, f"{name}/") if name else None
        if folder:
            # Relative, so that a site below a path of a proxy stays there.
            return web.Response(status=302, headers={"Location": f"./{quote(name.rpartition('/')[2])}/"})
        if not await asyncio.to_thread(self.root.exists):
            return web.Response(
                status=503,
                text="The site is being built.\n",
                headers={"Retry-After": "1", "Cache-Control": "no-store"},
            )
        return web.Response(status=404, text="There is no such page.\n", headers={"Cache-Control": "no-cache"})

    async def _healthz(self, request: web.Request) -> web.Response:
        works, said = self.health()
        return web.json_response(said, status=200 if works else 503, headers={"Cache-Control": "no-store"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._listeners.is_full:
            return web.Response(status=503, text="Too many open pages.\n", headers={"Retry-After": "60"})
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        with self._listeners.listen() as listener:
            await response.prepare(request)
            async for message in listener.messages(self.beat):
                try:
                    async with asyncio.timeout(self.stalled):
                        await response.write(message)
                except (ConnectionError, TimeoutError):
                    break
        return response


def _page(request: web.Request, page: Page) -> web.Response:
    """Return a page, compressed if the browser accepts gzip.

    Return status 304 if the browser has the page already (RFC 9110 section 13.1.2).
    """
    packed = page.packed if "gzip" in request.headers.get("Accept-Encoding", "").lower() else None
    tag = f"{page.tag}-gzip" if packed else page.tag
    headers = {"Cache-Control": caching(page.name), "ETag": f'"{tag}"', "Vary": "Accept-Encoding"}
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Type"] = "text/html; charset=utf-8"
    return web.Response(body=packed or page.plain, headers=headers)


# aiohttp goes by the machine's list of types, which may be missing or odd.
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
    ".ics": "text/calendar",
    ".atom": "application/atom+xml",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
}


async def _add_security(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY)
