"""A process of the web server: ``python -m ptgbot.web.process LINK SOCKETS OPERATORS``.

The arguments are numbers of file descriptors, separated by commas. The process ends with the bot, however that ends:
the system closes the bot's end of the link.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ptgbot.background import make_way
from ptgbot.web.link import Broken, Link
from ptgbot.web.readers import Proxies
from ptgbot.web.remote import Remote
from ptgbot.web.server import Limits, WebServer

NICENESS = 5
"""Added to our own niceness: chat goes before readers."""
SIGN_OF_LIFE = 5.0
"""Seconds between two frames with our counters, by which the bot sees that we work."""
_FILES = 2**16
"""File descriptors that we ask for; each reader takes one."""
_LAST_MOMENT = 4.0
"""Seconds after which the process ends even if a connection cannot be closed."""


def main(arguments: Sequence[str]) -> None:
    """Serve until the bot has ended."""
    # Whoever ends the bot by a signal to all of its processes: it ends us when it has ended.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    make_way(NICENESS)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES), hard))
    link, sockets, operators = ([socket.socket(fileno=int(n)) for n in one.split(",") if n] for one in arguments)
    asyncio.run(_serve(link[0], sockets, operators))
    # A thread may still read a file from a slow disk.
    os._exit(0)


async def _serve(end: socket.socket, sockets: Sequence[socket.socket], operators: Sequence[socket.socket]) -> None:
    link = await Link.over(end)
    first = await link.receive()
    if first is None:
        return
    remote = Remote(link, frozenset(first[0]["addresses"]))
    server = _server(first[0], remote)
    await server.start(sockets, operators)
    signs = asyncio.create_task(_give_signs(link, server), name="signs of life")
    try:
        await _follow(link, server, remote)
    finally:
        signs.cancel()
        last = threading.Timer(_LAST_MOMENT, os._exit, [0])
        last.daemon = True
        last.start()
        await server.stop()


def _server(settings: Mapping[str, Any], remote: Remote) -> WebServer:
    limits = Limits(settings["streams"], settings["streams_per_address"])
    proxies = Proxies(tuple(settings["proxies"]))
    return WebServer(
        Path(settings["root"]),
        remote.health,
        answer=remote.answer,
        metrics=remote.metrics,
        limits=limits,
        proxies=proxies,
        token=settings["token"],
        projects={path: Path(root) for path, root in settings["projects"].items()},
    )


async def _follow(link: Link, server: WebServer, remote: Remote) -> None:
    """Do what the bot tells us until it has ended."""
    while frame := await link.receive():
        head, body = frame
        if head["kind"] == "about":
            server.announce(head["about"], head.get("project", ""))
        else:
            remote.settle(head, body)


async def _give_signs(link: Link, server: WebServer) -> None:
    while True:
        # A bot that is stopped reads nothing; the next frame says the same.
        with contextlib.suppress(Broken):
            link.send({"kind": "counts", "streams": server.listeners, "refused": server.refused})
        await asyncio.sleep(SIGN_OF_LIFE)


if __name__ == "__main__":
    main(sys.argv[1:])
