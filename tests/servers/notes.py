"""A hub that only takes notes, and an adapter that runs on it, for tests of adapters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour
from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Cursor, Mark, Message, Room

A = TypeVar("A", bound=Adapter)


@define(eq=False)
class Notes:
    """A hub that takes notes, remembers positions, and answers nothing unless told."""

    patience: float
    """Seconds that a test waits for something to be noted."""
    items: list[Message | Heard] = field(factory=list)
    """Messages and what was heard besides them, in the order of arrival."""
    messages: list[Message] = field(factory=list)
    cursors: list[Cursor] = field(factory=list)
    listening: bool = False
    """Whether a feature wants to hear what happens in the rooms."""
    reports: list[str] = field(factory=list)
    answer: Callable[[Message], None] = lambda _message: None
    _changed: asyncio.Condition = field(factory=asyncio.Condition)
    _tasks: set[asyncio.Task[None]] = field(factory=set)

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        if isinstance(item, Mark):
            item.passed()
        elif isinstance(item, Heard):
            self.items.append(item)
        elif isinstance(item, Cursor):
            self.cursors.append(item)
        else:
            self.items.append(item)
            self.messages.append(item)
            self.answer(item)
        self._tell()
        return True

    def listens(self, _room: Room) -> bool:
        return self.listening

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def position(self, network: str) -> str | None:
        return self.cursors[-1].position if self.cursors else None

    def introduction(self) -> str:
        return "Harbour Gathering, olga@example.org"

    def report(self, network: str, text: str) -> None:
        self.reports.append(text)
        self._tell()

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]

    async def until(self, condition: Callable[[Notes], object]) -> None:
        """Wait until what was noted fulfils a condition."""
        try:
            async with asyncio.timeout(self.patience), self._changed:
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
class Bot(Generic[A]):
    """A running adapter and its notes."""

    adapter: A
    notes: Notes
    task: asyncio.Task[None]

    async def until_health(self, colour: Colour, words: str = "") -> None:
        """Wait until the adapter says how it is."""
        try:
            async with asyncio.timeout(self.notes.patience):
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
