"""Reads lines from and writes text to file descriptors, without threads and without blocking the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator

CHUNK = 4096
MAX_LINE = 65_536
"""Most bytes of one typed line."""
WRITE = 512
"""Bytes to write at a time: a writable descriptor takes as many without blocking (POSIX, PIPE_BUF)."""


async def read_lines(descriptor: int, limit: int = MAX_LINE) -> AsyncGenerator[str | None, None]:
    """Yield each line without its end, None for a line longer than ``limit`` bytes. Ends with the input.

    Takes terminals, pipes and files. The descriptor stays in blocking mode, because a terminal's descriptor belongs to
    the shell as well. Bytes that are not UTF-8 are replaced.
    """
    buffer, skipping = bytearray(), False
    while chunk := await _read(descriptor):
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            too_long = skipping or len(buffer) + len(line) > limit
            yield None if too_long else _text(buffer + line)
            buffer.clear()
            skipping = False
        buffer += rest
        if len(buffer) > limit:
            buffer.clear()
            skipping = True
    if buffer or skipping:
        yield None if skipping else _text(buffer)


def _text(line: bytes | bytearray) -> str:
    return line.decode(errors="replace").removesuffix("\r")


async def _read(descriptor: int) -> bytes:
    try:
        await _readable(descriptor)
        return os.read(descriptor, CHUNK)
    except (OSError, ValueError):  # closed by the shell, or the terminal has gone
        return b""


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # epoll takes no files; they are always ready
        await asyncio.sleep(0)
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


class Screen:
    """Text to be written to a descriptor. A paused terminal or an unread pipe delays nobody."""

    def __init__(self, descriptor: int, limit: int = 1_000_000) -> None:
        self._descriptor = descriptor
        self._limit = limit
        self._buffer = bytearray()
        self._empty = asyncio.Event()
        self._empty.set()
        self.closed = asyncio.Event()
        """Set when the other end is closed."""
        self.dropped = 0
        """Number of texts dropped because more than ``limit`` bytes were queued."""

    def write(self, text: str) -> None:
        """Queue a text and return at once. It is dropped if more than ``limit`` bytes are queued."""
        if self.closed.is_set() or len(self._buffer) > self._limit:
            self.dropped += 1
            return
        self._buffer += text.encode(errors="replace")
        if self._empty.is_set():
            self._empty.clear()
            self._begin()

    async def drain(self) -> None:
        """Wait until everything is written, or the descriptor is closed."""
        await self._empty.wait()

    def _begin(self) -> None:
        try:
            asyncio.get_running_loop().add_writer(self._descriptor, self._write)
        except PermissionError:  # a file: never blocks
            while self._buffer:
                self._write()
        except (OSError, ValueError):
            self._close()

    def _write(self) -> None:
        try:
            del self._buffer[: os.write(self._descriptor, self._buffer[:WRITE])]
        except OSError:
            self._close()
        if not self._buffer:
            asyncio.get_running_loop().remove_writer(self._descriptor)
            self._empty.set()

    def _close(self) -> None:
        self.closed.set()
        self._buffer.clear()
        self._empty.set()
