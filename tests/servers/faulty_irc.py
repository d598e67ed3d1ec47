"""An IRC server that does on purpose what a real one can't be made to do, and a bad way to a real one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from attrs import define, field

PATIENCE = 15.0


@define(eq=False)
class Guest:
    """One client of the faulty server, as the server sees it."""

    number: int
    """Which connection it is, from 1."""
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[str] = field(factory=list)
    """Lines that it sent."""
    nick: str = "*"
    _changed: asyncio.Condition = field(factory=asyncio.Condition)

    def tell(self, *lines: str | bytes) -> None:
        """Send lines, each ended with CR LF."""
        for line in lines:
            self.writer.write((line if isinstance(line, bytes) else line.encode()) + b"\r\n")

    async def hear(self, words: str) -> str:
        """Wait for a line that contains these words, also an earlier one."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = [line for line in self.heard if words in line]
            return bool(found)

        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(is_there)
        except TimeoutError:
            raise AssertionError(f"never heard {words!r}: {self.heard[-15:]}") from None
        return found[0]

    async def more(self) -> None:
        """Wait for one more line."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait()

    async def listen(self) -> None:
        """Note what it sends until it goes."""
        with contextlib.suppress(OSError, ValueError):
            while line := await self.reader.readline():
                text = line.decode(errors="replace").rstrip("\r\n")
                if text.startswith("NICK "):
                    self.nick = text[5:].lstrip(":")
                async with self._changed:
                    self.heard.append(text)
                    self._changed.notify_all()
                if text.startswith("QUIT"):
                    return

    async def welcome(self, *tokens: str) -> None:
        """Welcome it as a server does, and let it into every channel it asks for."""
        await self.hear("USER ")
        self.tell(f":irc.faulty 001 {self.nick} :Welcome", f":irc.faulty 005 {self.nick} {' '.join(tokens)} :x")
        self.tell(f":irc.faulty 376 {self.nick} :End")

    async def admit(self, *channels: str) -> None:
        """Let it into channels."""
        for channel in channels:
            await self.hear(channel)
            self.tell(
                f":{self.nick}!u@h JOIN {channel}",
                f":irc.faulty 353 {self.nick} = {channel} :{self.nick} @ada",
                f":irc.faulty 366 {self.nick} {channel} :End",
            )


Script = Callable[[Guest], Awaitable[None]]


@define(eq=False)
class FaultyServer:
    """Runs a script for each client that connects."""

    script: Script
    host: str = "127.0.0.1"
    port: int = 0
    name: str = "irc.faulty"
    guests: list[Guest] = field(factory=list)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    async def start(self) -> None:
        """Listen on a free port, or on the one it had."""
        self._server = await asyncio.start_server(self._visit, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Throw everybody out and listen no more."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        guest = Guest(len(self.guests) + 1, reader, writer)
        self.guests.append(guest)
        listening = asyncio.create_task(guest.listen())
        try:
            await self.script(guest)
            await listening
        except asyncio.CancelledError:
            pass
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            writer.transport.abort()
            self._tasks.discard(task)


ServeFaulty = Callable[[Script], Awaitable[FaultyServer]]


@pytest.fixture
async def serve_faulty() -> AsyncIterator[ServeFaulty]:
    """Start faulty servers: ``await serve_faulty(script)``."""
    servers: list[FaultyServer] = []

    async def start(script: Script) -> FaultyServer:
        server = FaultyServer(script)
        servers.append(server)
        await server.start()
        return server

    yield start
    for server in servers:
        await server.stop()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a TCP reset."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@define(eq=False)
class BadWay:
    """A way to a real server that can be cut, and on which somebody else can speak as the server."""

    server_host: str
    server_port: int
    host: str = "127.0.0.1"
    port: int = 0
    visits: int = 0
    """How many connections were made."""
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(factory=list)
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    async def open(self) -> None:
        """Let connections through, on a free port or on the one it had."""
        self._server = await asyncio.start_server(self._visit, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def say(self, raw: bytes) -> None:
        """Speak as the server, to whoever is connected."""
        self._writers[-1].write(raw)

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        reset(self._writers[-1])

    def half_close(self) -> None:
        """End what comes from the server; what goes to it still goes."""
        self._writers[-1].write_eof()

    async def close(self) -> None:
        """End everything and let nobody in."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.visits += 1
        self._writers.append(writer)
        try:
            there, server = await asyncio.open_connection(self.server_host, self.server_port)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(task)
            return
        ways = [asyncio.create_task(_carry(reader, server)), asyncio.create_task(_carry(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, server):
                end.transport.abort()
            self._tasks.discard(task)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):  # written to after half_close
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


MakeWay = Callable[..., Awaitable[BadWay]]


@pytest.fixture
async def make_way() -> AsyncIterator[MakeWay]:
    """Make a bad way to a server: ``await make_way(server)``."""
    ways: list[BadWay] = []

    async def make(host: str, port: int) -> BadWay:
        way = BadWay(host, port)
        ways.append(way)
        await way.open()
        return way

    yield make
    for way in ways:
        await way.close()
