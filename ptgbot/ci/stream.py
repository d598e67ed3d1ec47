"""The stream of events of a Gerrit: the command ``gerrit stream-events`` over ssh."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from ptgbot.ci.events import LONGEST_LINE
from ptgbot.ci.settings import ServerConfig

if TYPE_CHECKING:
    import asyncssh

COMMAND: Final = "gerrit stream-events"
_CHUNK: Final = 65_536
_KEEP_ALIVE: Final = 30
"""Seconds of silence after which the server is asked whether it is there; after three times the connection is lost."""
_TIMEOUT: Final = 60
"""Seconds for connecting, and for the login."""


@asynccontextmanager
async def stream_of(server: ServerConfig) -> AsyncIterator[AsyncIterator[Sequence[bytes]]]:
    """Open the stream of a server. Yields the iterator over its lines, several at a time as they come.

    Raises:
        OSError: it cannot be opened or has broken.
    """
    try:
        import asyncssh
    except ImportError as error:
        raise OSError('streams need asyncssh; install "ptgbot[ci]".') from error
    # It logs each step of each connection; what matters comes as an error.
    asyncssh.set_log_level("WARNING")
    try:
        async with (
            asyncssh.connect(
                server.ssh_host,
                server.ssh_port,
                username=server.ssh_user,
                client_keys=[str(server.ssh_key)],
                known_hosts=str(server.ssh_known_hosts),
                agent_path=None,
                config=None,
                keepalive_interval=_KEEP_ALIVE,
                connect_timeout=_TIMEOUT,
                login_timeout=_TIMEOUT,
            ) as connection,
            connection.create_process(COMMAND, stdin=asyncssh.DEVNULL, encoding=None) as process,
        ):
            yield _chunks(process.stdout)
    except (asyncssh.Error, asyncssh.KeyImportError, ValueError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


async def _chunks(reader: asyncssh.SSHReader[bytes]) -> AsyncIterator[Sequence[bytes]]:
    """Yield whole lines. The rest of a line that the end has cut is lost; the next catching up brings its event."""
    held = b""
    while chunk := await reader.read(_CHUNK):
        *lines, held = (held + chunk).split(b"\n")
        if lines:
            yield lines
        # A line that is too long is refused when it ends; its beginning is enough for that.
        held = held[: LONGEST_LINE + 1]
