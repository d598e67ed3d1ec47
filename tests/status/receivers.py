"""Receivers of web hooks for whole programs: each takes, refuses or hangs, as the test says."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, field

KEY = base64.b64encode(b"receivers-of-web-hooks-x").decode()
"""The key of the signatures that all receivers check."""


@define(eq=False)
class Receivers:
    """Web hooks at ``/NAME``; those in ``fail`` answer 500, those in ``hang`` do not answer."""

    fail: set[str] = field(factory=set)
    hang: set[str] = field(factory=set)
    taken: dict[str, list[tuple[str, str]]] = field(factory=dict)
    """What each receiver has taken, as the id of the delivery and the type of the body, in order."""
    tried: dict[str, int] = field(factory=dict)
    """How often each receiver was asked."""
    url: str = ""

    def types(self, name: str) -> list[str]:
        """Return the types of what a receiver has taken, each delivery once, because receivers drop repeats."""
        return [*dict(self.taken.get(name, [])).values()]

    async def _take(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.tried[name] = self.tried.get(name, 0) + 1
        if name in self.hang:
            await asyncio.Event().wait()
        if name in self.fail:
            return web.Response(status=500)
        body: Any = await request.json()
        self.taken.setdefault(name, []).append((request.headers["webhook-id"], str(body["type"])))
        return web.Response(status=202)

    @asynccontextmanager
    async def serve(self, folder: Path) -> AsyncIterator[None]:
        """Serve them, and write their key into ``hook.secret``."""
        (folder / "hook.secret").write_text(KEY)
        app = web.Application()
        app.router.add_post("/{name}", self._take)
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        self.url = f"http://127.0.0.1:{server.port}/"
        try:
            yield
        finally:
            await server.close()

    def table(self, name: str) -> str:
        """Return the table of a publisher."""
        return (
            f'[[status.publishers]]\nkind = "webhook"\nname = "{name}"\nurl = "{self.url}{name}"\n'
            'secret_file = "hook.secret"\ntimeout = 1.0\n'
        )
