"""A hub that writes down what an adapter hands in, and real pipes and terminals to type at."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest
from attrs import define, field

from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Cursor, Mark, Message, Room
from ptgbot_console import Console, ConsoleConfig

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@define
class RecordingHub:
    """Takes everything, or nothing once ``full``."""

    messages: list[Message] = field(factory=list)
    heard: list[Heard] = field(factory=list)
    listening: bool = True
    full: bool = False
    came: asyncio.Event = field(factory=asyncio.Event)

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        if isinstance(item, Heard) and not self.full:
            self.heard.append(item)
        if isinstance(item, Message) and not self.full:
            self.messages.append(item)
            self.came.set()
        return not self.full

    def listens(self, _room: Room) -> bool:
        return self.listening

    def clock(self) -> datetime:
        return NOON

    def position(self, network: str) -> str | None:
        return None

    def introduction(self) -> str:
        return ""

    def report(self, network: str, text: str) -> None:
        raise AssertionError(f"{network} reports {text}")


@define
class Typist:
    """Both ends of a console: what is typed, what is printed."""

    console: Console
    hub: RecordingHub
    keys: int
    """Where to type."""
    paper: int
    """Where answers can be read."""
    printed: str = ""
    running: asyncio.Task[None] | None = None

    def type(self, text: str | bytes) -> None:
        os.write(self.keys, text if isinstance(text, bytes) else text.encode())

    def start(self) -> asyncio.Task[None]:
        self.running = asyncio.create_task(self.console.run(self.hub))
        return self.running

    async def ends(self) -> None:
        assert self.running
        await asyncio.wait_for(self.running, 10)

    async def says(self, text: str) -> None:
        """Wait until a text is printed."""
        async with asyncio.timeout(10):
            while text not in self.printed:
                await self._more()

    async def everything(self) -> str:
        """Return all that is printed once everything is written."""
        await asyncio.wait_for(self.console.drain(), 10)
        os.set_blocking(self.paper, False)
        while chunk := self._read():
            self.printed += chunk
        return self.printed

    async def _more(self) -> None:
        ready = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self.paper, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self.paper)
        self.printed += os.read(self.paper, 65536).decode()

    def _read(self) -> str:
        try:
            return os.read(self.paper, 65536).decode()
        except BlockingIOError:
            return ""


Session = Callable[..., Typist]


@pytest.fixture
def descriptors() -> Iterator[set[int]]:
    """Descriptors to be closed in the end, unless the test did."""
    opened: set[int] = set()
    yield opened
    for descriptor in opened:
        os.close(descriptor)


@pytest.fixture
async def piped(descriptors: set[int]) -> AsyncIterator[Session]:
    """Make a console between two pipes: ``piped("line\\n")`` has typed already and closed the input."""
    typists: list[Typist] = []

    def make(text: str | bytes | None = None, first: bool = True, **config: str) -> Typist:
        (source, keys), (paper, target) = os.pipe(), os.pipe()
        descriptors.update((source, keys, paper, target))
        console = Console(ConsoleConfig(**config), first, source, target)
        typist = Typist(console, RecordingHub(), keys, paper)
        typists.append(typist)
        if text is not None:
            typist.type(text)
            descriptors.remove(keys)
            os.close(keys)
        return typist

    yield make
    await _end(typists)


@pytest.fixture
async def terminal(descriptors: set[int]) -> AsyncIterator[Session]:
    """Make a console on a real pseudo-terminal."""
    typists: list[Typist] = []

    def make(**config: str) -> Typist:
        master, slave = pty.openpty()
        _no_echo(slave)
        descriptors.update((master, slave))
        console = Console(ConsoleConfig(**config), True, slave, slave)
        typists.append(Typist(console, RecordingHub(), master, master))
        return typists[-1]

    yield make
    await _end(typists)


async def _end(typists: list[Typist]) -> None:
    for typist in typists:
        if typist.running:
            typist.running.cancel()
            await asyncio.wait([typist.running])


def _no_echo(slave: int) -> None:
    modes = termios.tcgetattr(slave)
    modes[tty.LFLAG] &= ~termios.ECHO
    modes[tty.OFLAG] &= ~termios.ONLCR
    termios.tcsetattr(slave, termios.TCSANOW, modes)
