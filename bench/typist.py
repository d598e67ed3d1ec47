"""A minimal IRC client that types lines into a channel and counts the answers, at next to no cost of its own."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence

from attrs import define, field

PATIENCE = 30.0
"""Seconds until an answer is given up."""


@define(eq=False)
class Typist(asyncio.Protocol):
    """A person in a few channels."""

    nick: str
    _transport: asyncio.Transport | None = field(default=None, init=False)
    _rest: bytes = field(default=b"", init=False)
    _sought: bytes = field(default=b"", init=False)
    _missing: int = field(default=0, init=False)
    _found: asyncio.Future[None] | None = field(default=None, init=False)

    async def connect(self, port: int, channels: Sequence[str]) -> None:
        """Register with the server on this machine and join the channels."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        # 376: the end of the message of the day. 366: the end of the names of a channel.
        await self._after([f"NICK {self.nick}", f"USER {self.nick} 0 * :{self.nick}"], b" 376 ")
        for channel in channels:
            await self._after([f"JOIN {channel}"], f" 366 {self.nick} {channel} ".encode())

    async def sees(self, nick: str) -> None:
        """Wait until a nick joins a channel that we are in."""
        await self._after([], f":{nick}!".encode())

    async def ask(self, channel: str, lines: Sequence[str]) -> float:
        """Type lines at once. Return the seconds until as many answers have arrived."""
        began = time.perf_counter()
        sought = f" PRIVMSG {channel} :{self.nick}: ".encode()
        await self._after([f"PRIVMSG {channel} :{line}" for line in lines], sought, len(lines))
        return time.perf_counter() - began

    def quit(self) -> None:
        """Leave the server."""
        if self._transport:
            self._transport.close()

    async def _after(self, lines: Sequence[str], sought: bytes, times: int = 1) -> None:
        self._sought, self._missing = sought, times
        self._found = asyncio.get_running_loop().create_future()
        self._send(lines)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._found
        except TimeoutError:
            raise RuntimeError(f"{self.nick}: {self._missing} of {times} times {sought!r} never came") from None

    def _send(self, lines: Sequence[str]) -> None:
        assert self._transport is not None
        self._transport.write("".join(f"{line}\r\n" for line in lines).encode())

    def _acknowledge(self) -> None:
        # The server holds back a small packet until the last one is acknowledged (Nagle), which a silent reader delays
        # by 40 ms: longer than all of what is measured. The system forgets this setting, so it is made each time.
        assert self._transport is not None
        if (option := getattr(socket, "TCP_QUICKACK", None)) is not None:
            self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, option, 1)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._acknowledge()
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if line.startswith(b"PING"):
                self._send([line.decode().replace("PING", "PONG", 1)])
            elif self._sought in line:
                self._missing -= 1
        if self._missing <= 0 and self._found and not self._found.done():
            self._found.set_result(None)
