"""Fixtures: a real ngircd, and people who talk on it through plain sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field

from tests.servers.programs import Program, free_port, need

pytest_plugins = ("tests.servers.faulty_irc", "tests.servers.inspircd")

PATIENCE = 15.0
"""Seconds that a test waits for a line."""


@define(eq=False)
class IrcServer:
    """A server that was started for a test."""

    program: Program
    host: str
    port: int
    name: str = "irc.test"
    oper: tuple[str, str] = ("op", "oppw")


@define(eq=False)
class IrcPerson:
    """Somebody on a plain socket: sends what a test says, keeps what the server answers."""

    nick: str
    lines: list[str] = field(factory=list)
    """Every line received, without CR LF; bytes that are no UTF-8 are shown as ``\\xNN``."""
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _task: asyncio.Task[None] | None = None
    _changed: asyncio.Condition = field(factory=asyncio.Condition)
    _seen: int = 0

    async def connect(self, host: str, port: int, password: str = "", address: str = "127.0.0.1") -> None:
        """Connect, from a certain address of loopback, and wait for the end of the welcome."""
        self._reader, self._writer = await asyncio.open_connection(host, port, limit=1 << 20, local_addr=(address, 0))
        self._task = asyncio.create_task(self._read(), name=f"test person {self.nick}")
        if password:
            self.send(f"PASS :{password}")
        self.send(f"NICK {self.nick}", f"USER person 0 * :{self.nick}")
        await self.wait(" 376 ", " 422 ")

    def send(self, *lines: str) -> None:
        """Send raw lines."""
        assert self._writer is not None
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode(errors="surrogateescape"))

    def say(self, target: str, text: str) -> None:
        """Say something to a channel or a person."""
        self.send(f"PRIVMSG {target} :{text}")

    async def wait(self, *words: str, patience: float = PATIENCE) -> str:
        """Return the next line that contains one of the words; each line is returned once at most."""
        at = self._seen
        try:
            async with asyncio.timeout(patience), self._changed:
                while True:
                    for index in range(at, len(self.lines)):
                        if any(word in self.lines[index] for word in words):
                            self._seen = index + 1
                            return self.lines[index]
                    at = len(self.lines)
                    if self._task is None or self._task.done():
                        raise AssertionError(f"{self.nick} was thrown out: {self.lines[-3:]}")
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.nick} never saw {words}; last: {self.lines[-15:]}") from None

    async def settle(self) -> None:
        """Wait until the server has handled everything sent so far."""
        self.send("PING :settled")
        await self.wait("PONG")

    async def join(self, *channels: str) -> None:
        """Join channels and wait until we are in the last one."""
        self.send(f"JOIN {','.join(channels)}")
        for channel in channels:
            await self.wait(f" 366 {self.nick} {channel}")

    async def mode(self, channel: str, change: str, nick: str = "") -> None:
        """Change a mode and wait for the server to say so."""
        self.send(f"MODE {channel} {change} {nick}".rstrip())
        await self.wait(f"MODE {channel} {change}")

    async def op(self, channel: str, nick: str) -> None:
        """Make somebody operator of a channel."""
        await self.mode(channel, "+o", nick)

    async def voice(self, channel: str, nick: str) -> None:
        """Give somebody voice in a channel."""
        await self.mode(channel, "+v", nick)

    async def see(self, nick: str, channel: str) -> None:
        """Wait until somebody is in a channel we are in."""
        while True:
            self.send(f"NAMES {channel}")
            names = await self.wait(" 353 ")
            await self.wait(" 366 ")
            if nick in names.rpartition(":")[2].replace("@", "").replace("+", "").split():
                return
            await self.wait(f":{nick}!")

    def said(self, by: str, target: str) -> list[str]:
        """Return what somebody said to a target, in order."""
        marks = (f":{by}!", f" PRIVMSG {target} :")
        found = [line for line in self.lines if line.startswith(marks[0]) and marks[1] in line]
        return [line.partition(marks[1])[2] for line in found]

    async def quit(self) -> None:
        """Leave; nothing stays open."""
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self.send("QUIT :bye")
                self._writer.close()
                await self._writer.wait_closed()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        assert self._reader is not None
        with contextlib.suppress(OSError):
            while line := await self._reader.readline():
                text = line.rstrip(b"\r\n").decode(errors="backslashreplace")
                if text.startswith("PING"):
                    self.send(text.replace("PING", "PONG", 1))
                async with self._changed:
                    self.lines.append(text)
                    self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()


NGIRCD = """\
[Global]
Name = {name}
Info = test
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = hello
{password}
[Limits]
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 31
{penalty}
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = {folder}/include
[Operator]
Name = op
Password = oppw
{link}"""
LINK = """\
[Server]
Name = {name}
Host = 127.0.0.1
Port = {port}
MyPassword = linkpw
PeerPassword = linkpw
Passive = yes
"""
"""Another server: operators link it with CONNECT and split it off with SQUIT."""

StartIrc = Callable[..., IrcServer]
Meet = Callable[..., Awaitable[IrcPerson]]


def welcome(port: int, nick: str, password: str = "", after: bytes = b"", until: tuple[bytes, ...] = ()) -> bytes:
    """Register for a moment, ask one thing and return all lines: the name of who answers stands in them."""
    with socket.create_connection(("127.0.0.1", port), 2) as talk:
        talk.settimeout(2)
        words = f"PASS :{password}\r\n" if password else ""
        talk.sendall(f"{words}NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode())
        got = b""
        while b" 376 " not in got and b" 422 " not in got and (more := talk.recv(65536)):
            got += more
        talk.sendall(after)
        while until and not any(word in got for word in until) and (more := talk.recv(65536)):
            got += more
        talk.sendall(b"QUIT\r\n")
        return got


def prepared_ngircd(
    path: str,
    folder: Path,
    port: int,
    *,
    name: str = "irc.test",
    link: str = "",
    password: str = "",
    penalty: bool = False,
) -> Program:
    """Return an ngircd that is not started yet, with its configuration in a folder."""
    # Started as root it becomes nobody, who must be able to read its folder.
    for readable in (folder, folder.parent):
        readable.chmod(0o755)
    (folder / "include").mkdir()
    config = folder / "ngircd.conf"
    config.write_text(
        NGIRCD.format(
            port=port,
            folder=folder,
            name=name,
            link=link,
            password=f"Password = {password}" if password else "",
            penalty="" if penalty else "MaxPenaltyTime = 0",
        )
    )
    return Program(
        [path, "-n", "-f", str(config)], folder, lambda: f":{name} 001 ".encode() in welcome(port, "probe", password)
    )


@pytest.fixture
def start_ngircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartIrc]:
    """Start real ngircds; each call is one server."""
    path = need("ngircd", "apt-get install --no-install-recommends ngircd")
    programs: list[Program] = []

    def start(
        *,
        penalty: bool = False,
        password: str = "",
        port: int | None = None,
        name: str = "irc.test",
        other: tuple[str, int] | None = None,
    ) -> IrcServer:
        port = port or free_port()
        program = prepared_ngircd(
            path,
            tmp_path_factory.mktemp("ngircd"),
            port,
            name=name,
            link=LINK.format(name=other[0], port=other[1]) if other else "",
            password=password,
            penalty=penalty,
        )
        programs.append(program)
        program.start()
        return IrcServer(program, "127.0.0.1", port)

    yield start
    for program in programs:
        program.kill()


@pytest.fixture
def ngircd(start_ngircd: StartIrc) -> IrcServer:
    """A real ngircd without flood limits."""
    return start_ngircd()


@pytest.fixture
async def meet() -> AsyncIterator[Meet]:
    """Make people: ``await meet(server, "ada")``."""
    people: list[IrcPerson] = []

    async def make(
        server: IrcServer, nick: str, *channels: str, password: str = "", address: str = "127.0.0.1"
    ) -> IrcPerson:
        person = IrcPerson(nick)
        people.append(person)
        await person.connect(server.host, server.port, password, address)
        if channels:
            await person.join(*channels)
        return person

    yield make
    for person in people:
        await person.quit()
