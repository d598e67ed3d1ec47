"""The adapter against a real homeserver, with a hub that only takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import define, field

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Cursor, Kind, Mark, Message, Outgoing
from ptgbot_matrix import MatrixAdapter, MatrixConfig
from ptgbot_matrix.config import RoomConfig
from tests.servers.faulty_matrix import FaultyHomeserver
from tests.servers.matrix_servers import PATIENCE, Homeserver


@define(eq=False)
class Notes:
    """A hub that takes notes, remembers positions, and answers nothing unless told."""

    messages: list[Message] = field(factory=list)
    cursors: list[Cursor] = field(factory=list)
    reports: list[str] = field(factory=list)
    answer: Callable[[Message], None] = lambda _message: None
    _changed: asyncio.Condition = field(factory=asyncio.Condition)
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    def receive(self, item: Message | Cursor | Mark) -> bool:
        if isinstance(item, Mark):
            item.passed()
        elif isinstance(item, Cursor):
            self.cursors.append(item)
        else:
            self.messages.append(item)
            self.answer(item)
        self._tell()
        return True

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def position(self, network: str) -> str | None:
        return self.cursors[-1].position if self.cursors else None

    def report(self, network: str, text: str) -> None:
        self.reports.append(text)
        self._tell()

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]

    async def until(self, condition: Callable[[Notes], object]) -> None:
        """Wait until what was noted fulfils a condition."""
        try:
            async with asyncio.timeout(PATIENCE), self._changed:
                await self._changed.wait_for(lambda: condition(self))
        except TimeoutError:
            raise AssertionError(f"noted only {self.texts[-20:]} {self.reports}") from None

    async def heard(self, text: str) -> Message:
        """Wait for a message and return it."""
        await self.until(lambda notes: text in notes.texts)
        return self.messages[self.texts.index(text)]

    def _tell(self) -> None:
        task = asyncio.ensure_future(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@define(eq=False)
class Bot:
    """A running adapter and its notes."""

    adapter: MatrixAdapter
    notes: Notes
    config: MatrixConfig
    task: asyncio.Task[None]

    @property
    def id(self) -> str:
        return self.config.user

    def reply(self, message: Message, text: str) -> None:
        self.adapter.send(Outgoing(Kind.REPLY, message.room.id, text, message, f"ptg-{message.id}-1"))

    async def until_health(self, colour: Colour, words: str = "") -> None:
        """Wait until the adapter says how it is."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not self._is(colour, words):
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"{self.adapter.health()} {self.notes.reports}") from None

    def _is(self, colour: Colour, words: str) -> bool:
        health = self.adapter.health()
        return health.colour is colour and words in health.text

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


StartBot = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def start_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StartBot]:
    """Start an adapter; ``former`` is a bot that it takes over from."""
    bots: list[Bot] = []
    monkeypatch.setenv("MATRIX_PASSWORD", "pw")

    async def start(
        server: Homeserver | FaultyHomeserver,
        *rooms: str | RoomConfig,
        wait: bool = True,
        former: Bot | None = None,
        **settings: object,
    ) -> Bot:
        if former is not None:
            config, notes = former.config, former.notes
        else:
            name = server.unused("ptgbot")
            await asyncio.to_thread(server.register, name, "pw")
            chosen: dict[str, object] = {
                "homeserver": server.url,
                "user": f"@{name}:localhost",
                "password_env": "MATRIX_PASSWORD",
                "rooms": rooms,
                "store": tmp_path / name,
                "sync_timeout": 5.0,
                "rejoin_interval": 0.2,
                "invite_pause": 0,
                "encryption": False,
                **settings,
            }
            config, notes = MatrixConfig(**chosen), Notes()  # type: ignore[arg-type]
        adapter = MatrixAdapter(config, True)
        bot = Bot(adapter, notes, config, asyncio.create_task(adapter.run(notes), name="bot"))
        bots.append(bot)
        if wait:
            await bot.until_health(Colour.GREEN)
        return bot

    yield start
    for bot in bots:
        await bot.stop()
