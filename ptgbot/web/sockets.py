"""Listening sockets, made before the bot shows itself, so that a taken address stops the start."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ptgbot.serving import UNIX_SOCKET

PATIENCE = 2.0
"""Seconds in which the processes of a bot that was killed may still hold an address."""
_PAUSE = 0.1
_FOR_EVERYBODY = 0o666
"""Rights of a Unix socket: the folder around it says who may connect."""


async def listening(address: str, patience: float = PATIENCE) -> list[socket.socket]:
    """Return bound and listening sockets for an address.

    Args:
        address: as :func:`ptgbot.serving.is_address` has it. Port 0 means any free port.
        patience: seconds for which a taken address is tried again.

    Raises:
        OSError: the address is taken or does not exist.
    """
    end = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await asyncio.to_thread(_bind, address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or asyncio.get_running_loop().time() >= end:
                raise
        await asyncio.sleep(_PAUSE)


def close(sockets: Sequence[socket.socket]) -> None:
    """Close sockets and remove the files of those that are Unix sockets."""
    for one in sockets:
        if one.family == socket.AF_UNIX:
            with contextlib.suppress(OSError):
                Path(one.getsockname()).unlink()
        one.close()


def _bind(address: str) -> list[socket.socket]:
    if address.startswith(UNIX_SOCKET):
        return [_bind_unix(Path(address.removeprefix(UNIX_SOCKET)))]
    host, _, port = address.rpartition(":")
    found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    try:
        for family, kind, protocol, _, where in dict.fromkeys(found):
            one = socket.socket(family, kind, protocol)
            bound.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            _listen(one, where, address)
    except OSError:
        close(bound)
        raise
    return bound


def _bind_unix(path: Path) -> socket.socket:
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and not _answers(path):
        # A bot that was killed has left it.
        path.unlink()
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _listen(one, str(path), str(path))
        path.chmod(_FOR_EVERYBODY)
    except OSError:
        one.close()
        raise
    return one


def _listen(one: socket.socket, where: tuple[Any, ...] | str, name: str) -> None:
    try:
        one.bind(where)
        # Already here: two programs may bind one address, but only one can listen.
        one.listen(1024)
    except OSError as error:
        text = f"cannot listen on {name}: {os.strerror(error.errno or 0).lower()}"
        raise OSError(error.errno, text) from error


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
    return True
