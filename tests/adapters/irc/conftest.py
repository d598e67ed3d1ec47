"""The adapter against a real server, with a hub that only takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from attrs import define, field

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Cursor, Kind, Mark, Message, Outgoing
from ptgbot_irc import IrcAdapter, IrcConfig
from tests.servers.irc_servers import PATIENCE, IrcServer


@define(eq=False)
class Notes:
    """A hub that takes notes and answers nothing."""

    messages: list[Message] = field(factory=list)
    reports: list[str] = field(factory=list)
    answer: Callable[[Message], None] = lambda _message: None
    _changed: asyncio.Condition = field(factory=asyncio.Condition)
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    def receive(self, item: Message | Cursor | Mark) -> bool:
        assert isinstance(item, Message)
        self.messages.append(item)
        self.answer(item)
        self._tell()
        return True

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def position(self, network: str) -> str | None:
        return None

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

    adapter: IrcAdapter
    notes: Notes
    task: asyncio.Task[None]

    def reply(self, message: Message, text: str) -> None:
        self.adapter.send(Outgoing(Kind.REPLY, message.room.id, text, message))

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
async def start_bot() -> AsyncIterator[StartBot]:
    """Start an adapter; without other wishes at once as fast as a test wants it."""
    bots: list[Bot] = []

    async def start(
        server: IrcServer, *channels: str, wait: bool = True, first: bool = True, **settings: object
    ) -> Bot:
        chosen: dict[str, object] = {
            "name": "test",
            "server": server.host,
            "port": server.port,
            "tls": False,
            "channels": channels or ("#c",),
            "messages_per_second": 0,
            "retry_first": 0.05,
            "retry_limit": 0.2,
            "rejoin_interval": 0.2,
            "join_pause": 0,
            **settings,
        }
        adapter = IrcAdapter(IrcConfig(**chosen), first)  # type: ignore[arg-type]
        notes = Notes()
        bot = Bot(adapter, notes, asyncio.create_task(adapter.run(notes), name="bot"))
        bots.append(bot)
        if wait:
            await bot.until_health(Colour.GREEN)
        return bot

    yield start
    for bot in bots:
        await bot.stop()
