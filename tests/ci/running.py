"""The installed program with only the board, its servers made up."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from ptgbot.ci.facts import looked_at
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.simulation.cast import PROJECTS
from ptgbot.ci.simulation.living import SERVER, tables
from ptgbot.ci.simulation.rest import RestDouble, served
from ptgbot.ci.simulation.stream import StreamDouble, streaming
from ptgbot.ci.simulation.world import Event, World
from ptgbot.tables import Reader
from tests.ci.contents import all_of, boards, contents
from tests.test_cli import PROGRAM

PATIENCE = 90.0


def toml(tables: Mapping[str, Any]) -> str:
    """Return the table ``[ci]`` as TOML. JSON's texts, numbers and lists are those of TOML."""
    plain = {key: value for key, value in tables.items() if not _is_nested(value)}
    lines = ["[ci]", *(f"{key} = {json.dumps(value)}" for key, value in plain.items())]
    for key, value in tables.items():
        for one in value if _is_nested(value) and isinstance(value, list) else ():
            lines += [f"[[ci.{key}]]", *(f"{name} = {json.dumps(found)}" for name, found in one.items())]
        if isinstance(value, dict):
            lines += [f"[ci.{key}]", *(f"{json.dumps(name)} = {json.dumps(found)}" for name, found in value.items())]
    return "\n".join([*lines, ""])


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


@define(eq=False)
class Servers:
    """Both made-up servers, on ports that stay the same while they come and go."""

    folder: Path
    rest: RestDouble = field(factory=lambda: RestDouble(20))
    stream: StreamDouble = field(factory=StreamDouble)
    tables: dict[str, Any] = field(factory=dict)
    told: list[Event] = field(factory=list)
    """Everything that has happened."""
    _ports: tuple[int, int] = field(default=(0, 0), init=False)
    _up: AsyncExitStack = field(factory=AsyncExitStack, init=False)

    async def start(self) -> None:
        url = await self._up.enter_async_context(served(self.rest, self._ports[0]))
        self.stream, ssh = await self._up.enter_async_context(streaming(self.folder, self._ports[1]))
        self._ports = int(url.rstrip("/").rpartition(":")[2]), self.stream.port
        self.tables = tables(url, ssh)

    async def stop(self) -> None:
        await self._up.aclose()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports[0]}/"

    def happen(self, events: Sequence[Event], *, is_told: bool = True) -> None:
        """Let things happen; ``is_told`` says whether the stream tells them."""
        for event in events:
            self.rest.happen(event)
        self.told += events
        if is_told:
            self.stream.tell(*events)


@define(eq=False)
class Board:
    """A folder with a configuration that has only the board, and the program on it."""

    folder: Path
    servers: Servers
    events: list[Event]
    """A history whose end is the present."""
    at: int
    process: asyncio.subprocess.Process | None = None

    @property
    def config(self) -> Path:
        return self.folder / "ptgbot.toml"

    @property
    def settings(self) -> CiSettings:
        return Reader(self.folder, "test", "").read(CiSettings, self.servers.tables, "ci")

    async def start(self, env: Mapping[str, str] | None = None) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *PROGRAM, "run", str(self.config), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=env
            )

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        assert self.process
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.process.wait()

    async def ran(self, *arguments: str) -> tuple[int, str]:
        """Run a command of the program; return its status and its output."""
        done = await asyncio.create_subprocess_exec(
            *PROGRAM, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        out, _ = await done.communicate()
        assert done.returncode is not None
        return done.returncode, out.decode()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def contents(self) -> dict[str, list[Any]]:
        """Return what the bot has read, nothing before it has begun."""
        try:
            with looked_at(self.folder / "ptg.bulk/ci/gerrit/facts.sqlite") as sql:
                return contents(sql)
        except Exception:
            return {}

    async def is_complete(self) -> None:
        """Wait until the bot has read everything that has happened; check the boards."""
        wanted, shown = await asyncio.to_thread(all_of, self.servers.told, PROJECTS, self.at, self.settings, SERVER)
        ends, found = time.monotonic() + PATIENCE, dict[str, list[Any]]()
        while time.monotonic() < ends and (found := await asyncio.to_thread(self.contents)) != wanted:
            assert self.process
            assert self.process.returncode is None, self.log
            await asyncio.sleep(0.05)
        for name, rows in wanted.items():
            assert found.get(name) == rows, self.log[-3000:]
        assert self.shown() == shown

    def shown(self) -> list[Event]:
        """Return the boards of all projects, made of what the bot has read."""
        with looked_at(self.folder / "ptg.bulk/ci/gerrit/facts.sqlite") as sql:
            return boards(sql, PROJECTS, self.at, self.settings, SERVER)


@asynccontextmanager
async def board(folder: Path, seed: int = 1, days: float = 2) -> AsyncIterator[Board]:
    """Make a folder, and start the servers; nothing has happened yet, and no bot runs."""
    servers = Servers(folder)
    await servers.start()
    at = int(time.time())
    made = Board(folder, servers, [*World(seed, at, servers.url, history=int(days * 86_400)).past()], at)
    made.config.write_text(toml(servers.tables), "utf-8")
    try:
        yield made
    finally:
        if made.process:
            await made.kill()
        await servers.stop()


@asynccontextmanager
async def supervisor(folder: Path) -> AsyncIterator[tuple[str, asyncio.Queue[str]]]:
    """Listen as systemd does; yields the address of its socket and what it is told."""
    told: asyncio.Queue[str] = asyncio.Queue()
    path = str(folder / "notify")

    class Listening(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            told.put_nowait(data.decode())

    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.bind(path)
    one.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Listening, sock=one)
    try:
        yield path, told
    finally:
        transport.close()
