"""pydle's connection with our certificate checks, our reading and an end that leaves nothing open."""

# mypy: allow-untyped-calls

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

from pydle.connection import Connection

from ptgbot_irc.config import IrcConfig

CHUNK = 16384


def verified(ca_file: Path | None, cert_file: Path | None = None) -> ssl.SSLContext:
    """Return a context that accepts only certificates of the system's authorities, or of a private one.

    ``cert_file`` is our own, with its key. Raises OSError where a file can't be used.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file is not None:
        context.load_cert_chain(cert_file)
    return context


class Transport(Connection):
    """Bytes in, bytes out."""

    def __init__(self, config: IrcConfig, context: ssl.SSLContext | None) -> None:
        super().__init__(config.server, config.port, tls=context is not None)
        self.CONNECT_TIMEOUT = config.connect_timeout  # type: ignore[assignment] # pydle writes whole seconds
        self.SEND_TIMEOUT = config.send_timeout  # type: ignore[assignment]
        self._context = context

    def create_tls_context(self) -> ssl.SSLContext | None:
        """Return our own context: pydle's verifies only if told to, with the system's authorities."""
        return self._context

    async def recv(self, *, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - pydle's signature
        """Return what has arrived, empty at the end. Not line by line: pydle's reader fails at a long line."""
        async with asyncio.timeout(timeout):
            reader: asyncio.StreamReader | None = self.reader
            return await reader.read(CHUNK) if reader else b""

    async def send(self, data: bytes) -> None:
        """Send bytes. Raises OSError without a connection and when the other side takes nothing any more."""
        writer = self.writer
        if writer is None:
            raise ConnectionError("not connected")
        writer.write(data)
        try:
            async with asyncio.timeout(self.SEND_TIMEOUT):
                await writer.drain()
        except TimeoutError:
            writer.transport.abort()
            raise

    async def disconnect(self) -> None:
        """Close, and drop the bytes that could not be flushed within a second."""
        writer, self.reader, self.writer = self.writer, None, None
        if writer is None:
            return
        writer.close()
        with contextlib.suppress(OSError):  # ssl.SSLError and TimeoutError are among them
            try:
                async with asyncio.timeout(1):
                    await writer.wait_closed()
            finally:
                writer.transport.abort()
