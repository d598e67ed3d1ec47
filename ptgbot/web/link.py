"""The connection between the bot and a process of the web server: frames over a pair of sockets.

A frame is two lengths, a head in JSON, and a body of bytes.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from attrs import define

_LENGTHS = struct.Struct(">II")
LARGEST_HEAD, LARGEST_BODY = 2**20, 2**24
"""Most bytes of the parts of a frame."""
LARGEST_WAITING = 2**22
"""Bytes that may wait for the other side; one that does not read them is broken."""

Frame = tuple[dict[str, Any], bytes]


class Broken(Exception):
    """The other side sends no frames, or does not read ours."""


@define(eq=False)
class Link:
    """One end."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def over(cls, end: socket.socket) -> Link:
        """Return the end that a connected socket is."""
        end.setblocking(False)
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, head: Mapping[str, Any], body: bytes = b"") -> None:
        """Send a frame. Never waits.

        Raises:
            Broken: too much waits for the other side.
        """
        if self.writer.transport.get_write_buffer_size() > LARGEST_WAITING + LARGEST_BODY:
            raise Broken("the other side reads nothing")
        raw = json.dumps(head).encode()
        self.writer.write(_LENGTHS.pack(len(raw), len(body)) + raw)
        if body:
            self.writer.write(body)

    async def drain(self) -> None:
        """Wait until the other side has read most of what was sent."""
        await self.writer.drain()

    async def receive(self) -> Frame | None:
        """Return the next frame, None at the end of the connection.

        Raises:
            Broken: the other side sent something else.
        """
        try:
            lengths = _LENGTHS.unpack(await self.reader.readexactly(_LENGTHS.size))
            if lengths[0] > LARGEST_HEAD or lengths[1] > LARGEST_BODY:
                raise Broken(f"a frame of {lengths} bytes")
            head = json.loads(await self.reader.readexactly(lengths[0]))
            return head, await self.reader.readexactly(lengths[1])
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except ValueError as error:
            raise Broken("a frame without a head") from error

    def close(self) -> None:
        """End the connection."""
        self.writer.close()
