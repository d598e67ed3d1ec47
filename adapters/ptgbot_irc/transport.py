"""pydle's connection, with verified certificates, reads of bounded size and a disconnect that closes everything."""

# mypy: allow-untyped-calls

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

from pydle.connection import Connection

from ptgbot.chat.unreachable import why
from ptgbot_irc.config import IrcConfig

CHUNK = 16384


def verified(ca_file: Path | None, cert_file: Path | None = None) -> ssl.SSLContext:
    """Return a TLS context that verifies the server's certificate, with TLS 1.2 or later.

    Args:
        ca_file: certificates (PEM) of a private authority, used instead of those of the system.
        cert_file: our own certificate and key (PEM).

    Raises:
        OSError: a file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file is not None:
        context.load_cert_chain(cert_file)
    return context


async def connect(transport: Transport, config: IrcConfig) -> None:
    """Open a connection.

    Raises:
        OSError: it failed. If the server answers without encryption where TLS is configured, the message says so.
    """
    try:
        await transport.connect()
    except TimeoutError as error:
        if config.tls and await _answers(config):
            raise ConnectionError(_plain_port(config)) from error
        raise ConnectionError(f"no connection to {config.server} within {config.connect_timeout:g} s") from error
    except ssl.SSLError as error:
        if error.reason in _NO_TLS:
            raise ConnectionError(_plain_port(config)) from error
        raise
    except OSError as error:
        raise ConnectionError(f"no connection to {config.server}, port {config.port}: {why(error)}") from error


_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_EOF_WHILE_READING"})
"""What OpenSSL says where the other side does not speak TLS."""
_PROBE = 3.0
"""Seconds for a connection without TLS that finds out whether anybody is there."""


def _plain_port(config: IrcConfig) -> str:
    return (
        f"{config.server} does not speak TLS on port {config.port}. "
        "Choose its port for TLS, usually 6697, or set tls = false if the way there is safe"
    )


async def _answers(config: IrcConfig) -> bool:
    """Say whether the port accepts connections."""
    try:
        async with asyncio.timeout(_PROBE):
            _, writer = await asyncio.open_connection(config.server, config.port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


class Transport(Connection):
    """The bytes of one connection."""

    def __init__(self, config: IrcConfig, context: ssl.SSLContext | None) -> None:
        super().__init__(config.server, config.port, tls=context is not None)
        self.CONNECT_TIMEOUT = config.connect_timeout  # type: ignore[assignment] # pydle writes whole seconds
        self._context = context
        self.adopt(config)

    def adopt(self, config: IrcConfig) -> None:
        """Take a changed time-out for sending."""
        self.SEND_TIMEOUT = config.send_timeout  # type: ignore[assignment]

    def create_tls_context(self) -> ssl.SSLContext | None:
        """Return our own context. pydle's would verify only on request, and only with the system's authorities."""
        return self._context

    async def recv(self, *, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - pydle's signature
        """Return the bytes that have arrived, empty at the end. pydle reads by line instead, and fails at a long one.

        Raises:
            OSError: the connection broke.
        """
        async with asyncio.timeout(timeout):
            reader: asyncio.StreamReader | None = self.reader
            return await reader.read(CHUNK) if reader else b""

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait until the system has taken them.

        Raises:
            ConnectionError: there is no connection.
            TimeoutError: the other side took nothing for ``send_timeout`` seconds; the connection is aborted.
        """
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
        """Close the connection. Bytes that cannot be flushed within a second are dropped."""
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
