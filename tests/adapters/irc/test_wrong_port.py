"""A port without TLS where TLS is configured, and addresses instead of names."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ptgbot_irc import IrcConfig
from ptgbot_irc.looking import look
from ptgbot_irc.places import places


@asynccontextmanager
async def plain(answer: bytes) -> AsyncIterator[int]:
    """A server without TLS, which says something at once or waits for a line."""
    ended: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ended.append(task)
        with contextlib.suppress(OSError):
            writer.write(answer)
            await reader.read()
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        server.close()
        await asyncio.gather(*ended)


@pytest.mark.parametrize("answer", [b":irc.test NOTICE * :looking up\r\n", b""])
async def test_plain_port_is_told_where_tls_is_wanted(answer: bytes) -> None:
    async with plain(answer) as port:
        config = IrcConfig(server="127.0.0.1", port=port, channels=("#a",), connect_timeout=1.0)
        [finding] = await look(config)
    assert not finding.good
    assert finding.text.startswith(f"127.0.0.1 does not speak TLS on port {port}. Choose its port for TLS")


@pytest.mark.parametrize(
    ("server", "why"), [("127.0.0.1", "connection refused"), ("localhost", "connection refused"), ("a.invalid", "name")]
)
async def test_unreachable_server_is_told_in_words(server: str, why: str) -> None:
    [finding] = await look(IrcConfig(server=server, port=1, channels=("#a",)))
    assert (finding.good, "Errno" in finding.text) == (False, False)
    assert finding.text.startswith(f"no connection to {server}, port 1: ")
    assert why in finding.text


@pytest.mark.parametrize("server", ["::1", "2001:db8::7", "irc.example.org", "192.0.2.7"])
def test_names_and_addresses_are_accepted(server: str) -> None:
    config = IrcConfig(server=server, channels=("#a",))
    [place] = places(config)
    assert place.url == f"ircs://{f'[{server}]' if ':' in server else server}/%23a"


@pytest.mark.parametrize("server", ["", "two words", "irc://irc.example.org", "[::1]"])
def test_other_texts_are_no_server(server: str) -> None:
    with pytest.raises(ValueError, match="host name or an address"):
        IrcConfig(server=server, channels=("#a",))
