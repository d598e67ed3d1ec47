"""A homeserver that does on purpose what real ones do by accident. It knows one account and no rooms of its own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, field

USER = "@ptgbot:localhost"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(status: int, code: str, **more: Any) -> web.Response:
    return web.json_response({"errcode": code, "error": code.lower(), **more}, status=status)


@define(eq=False)
class FaultyHomeserver:
    """``fault`` answers everything while it is set; else ``news`` are what /sync gives, one by one."""

    fault: Answer | None = None
    news: list[Any] = field(factory=list)
    answers: dict[str, Any] = field(factory=dict)
    """What requests get whose path ends so."""
    lost_filter: str = ""
    """The id of a sync filter that it does not know any more."""
    filters: list[str] = field(factory=list)
    """The filters of each sync."""
    pages: dict[str, Any] = field(factory=dict)
    """What /messages gives, by the position asked from."""
    paused: dict[str, float] = field(factory=dict)
    """Rooms for which a pause is asked, once, in seconds."""
    requests: list[tuple[float, str, str]] = field(factory=list)
    """When, method and path."""
    sent: list[tuple[str, dict[str, Any]]] = field(factory=list)
    """Rooms and contents, one for each transaction id."""
    accepted: set[str] = field(factory=set)
    token: str = "token-1"
    soft: bool | None = None
    """What is said beside a refused token: that it has expired (True), was revoked (False), or nothing."""
    device: str = "DEVICE"
    logins: list[dict[str, Any]] = field(factory=list)
    """What logins with a password asked for."""
    password: str = "pw"
    url: str = ""
    _names: int = 0
    _changed: asyncio.Event = field(factory=asyncio.Event)

    def tell(self, *news: Any) -> None:
        """Give /sync something to answer."""
        self.news += news
        self._changed.set()

    def room(self, *events: Mapping[str, Any], position: str, room: str = "!r", **timeline: Any) -> None:
        """Give /sync events of a room."""
        self.tell({"next_batch": position, "rooms": {"join": {room: {"timeline": {"events": [*events], **timeline}}}}})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((time.monotonic(), request.method, request.path))
        if self.fault:
            return await self.fault(request)
        for end, answer in self.answers.items():
            if request.path.endswith(end):
                return web.json_response(answer)
        path = request.path.removeprefix("/_matrix/client/v3")
        if path == "/login":
            return await self._log_in(request)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return refusal(401, "M_UNKNOWN_TOKEN", **({} if self.soft is None else {"soft_logout": self.soft}))
        if path == "/account/whoami":
            return web.json_response({"user_id": USER, "device_id": self.device})
        if path == "/sync":
            return await self._sync(request)
        if path.startswith("/directory/room/"):
            return web.json_response({"room_id": "!r", "servers": []})
        if path.endswith("/messages"):
            return web.json_response(self.pages.get(request.query["from"], {"chunk": []}))
        if "/send/" in path:
            return await self._take(request, path)
        if path.startswith("/join/"):
            return web.json_response({"room_id": path.removeprefix("/join/")})
        return web.json_response({})

    async def _log_in(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if wanted["password"] != self.password:
            return refusal(403, "M_FORBIDDEN")
        if self.logins and "device_id" not in wanted:
            self.device = f"DEVICE{len(self.logins) + 1}"
        self.logins.append(wanted)
        return web.json_response({"user_id": USER, "device_id": self.device, "access_token": self.token})

    async def _sync(self, request: web.Request) -> web.Response:
        self.filters.append(request.query["filter"])
        if self.filters[-1] == self.lost_filter:
            return refusal(404, "M_NOT_FOUND")
        since = request.query.get("since")
        held = since is not None and "full_state" not in request.query
        try:
            async with asyncio.timeout(int(request.query["timeout"]) / 1000 if held else None):
                while not self.news:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return web.json_response({"next_batch": since})
        found = self.news.pop(0)
        return found if isinstance(found, web.Response) else web.json_response(found)

    async def _take(self, request: web.Request, path: str) -> web.Response:
        _, _, room, _, _, transaction = path.split("/")
        if (seconds := self.paused.pop(room, None)) is not None:
            return refusal(429, "M_LIMIT_EXCEEDED", retry_after_ms=int(seconds * 1000))
        if transaction not in self.accepted:
            self.accepted.add(transaction)
            self.sent.append((room, json.loads(await request.text())))
        return web.json_response({"event_id": f"${transaction}"})

    # What Homeserver has as well, for the fixtures that start bots

    def unused(self, name: str) -> str:
        return name

    def register(self, name: str, password: str) -> str:
        return self.token


async def junk(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"surprise": [1, {}]})


async def list_of_junk(_request: web.Request) -> web.StreamResponse:
    return web.json_response(["next_batch"])


async def error(_request: web.Request) -> web.StreamResponse:
    return refusal(500, "M_UNKNOWN")


async def gateway(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"next_batch": "s')
    assert request.transport
    request.transport.close()
    return response


async def hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


FAULTS: dict[str, Answer] = {
    "500": error,
    "502": gateway,
    "junk": junk,
    "list": list_of_junk,
    "cut": cut,
}


@pytest.fixture
async def faulty_matrix() -> AsyncIterator[FaultyHomeserver]:
    """A homeserver that a test makes fail."""
    faulty = FaultyHomeserver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", faulty.handle)
    server = TestServer(app)
    await server.start_server()
    faulty.url = f"http://127.0.0.1:{server.port}"
    yield faulty
    await server.close()
