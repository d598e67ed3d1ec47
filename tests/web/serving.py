"""Lets a web server listen in the process of a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptgbot.web.server import WebServer
from ptgbot.web.sockets import listening


async def well() -> tuple[bool, Mapping[str, Any]]:
    """Return the health of a bot that is well."""
    return True, {}


async def serve(server: WebServer, port: int = 0) -> int:
    """Let a server listen on this machine. Return the port."""
    sockets = await listening(f"127.0.0.1:{port}")
    await server.start(sockets)
    chosen: int = sockets[0].getsockname()[1]
    return chosen
