"""One ordered queue: decide on the working state, commit a batch, release its answers."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs
import structlog
from attrs import define, field, frozen

from ptgbot.chat.commands import Decision, Fetch, Fetched
from ptgbot.chat.message import Answer, Cursor, Mark, Message, Reply
from ptgbot.chat.text import count, encodable

log = structlog.get_logger()

BATCH = 64
"""Messages decided on between two writes."""
NOT_SAVED = "Nothing was saved: the disk of the bot does not take it. The operators see it; please try again later."
FAILED = "That command failed inside the bot. Nothing was changed; the operators see what happened."


@frozen
class Tick:
    """Time alone changed something that is shown."""

    at: datetime


@frozen
class Result:
    """What a feature's fetch brought, on its way back to the command."""

    message: Message
    fetched: Fetched


Item = Message | Cursor | Mark | Tick | Result


@frozen
class Verdict:
    """A decision and whose it was."""

    message: Message
    feature: str
    decision: Decision


class State(Protocol):
    """What the inbox needs of the state; the service ties it to the store."""

    def decide(self, message: Message, fetched: Fetched | None) -> Verdict | None:
        """Decide on the working state and put the edits in. Raises EditConflict."""

    def known(self, message: Message) -> Sequence[Answer] | None:
        """Return the answers of a message that was handled before, None for a new one."""

    async def commit(
        self, verdicts: Sequence[Verdict], cursors: Mapping[str, Cursor], handled: Sequence[Verdict]
    ) -> None:
        """Make the batch durable. Raises Exception, having taken the edits back."""

    async def forget(self, verdict: Verdict) -> None:
        """Take a person out of everything. Raises Exception."""

    def discard(self) -> None:
        """Take back what was decided but never committed."""

    def ticked(self, at: datetime) -> None:
        """Show what time alone has changed."""


class NotSaved(Exception):
    """The state could not be written; every edit of the batch has been taken back."""


Release = Callable[[Message, Sequence[Answer]], None]
Fetcher = Callable[[Message, Fetch], None]


@define
class Inbox:
    """The queue and its one consumer.

    ``release`` sends answers, ``fetch`` starts a fetch whose :class:`Result` comes back through :meth:`put`.
    """

    state: State
    release: Release
    fetch: Fetcher
    per_person: int = 200
    """Unread lines of one person; more are dropped, and the person told once."""
    bound: int = 20_000
    """Unread items in all."""
    dropped: int = 0
    failures: int = 0
    saved: bool = True
    """False from a failed write until the next one that works."""
    _queue: collections.deque[Item] = field(factory=collections.deque, init=False)
    _unread: collections.Counter[tuple[str, str]] = field(factory=collections.Counter, init=False)
    _told: set[tuple[str, str]] = field(factory=set, init=False)
    _filled: asyncio.Event = field(factory=asyncio.Event, init=False)
    _idle: asyncio.Event = field(factory=asyncio.Event, init=False)
    _fetching: list[Message] = field(factory=list, init=False)
    """Messages whose fetch is on its way, so that their answers are still to come."""
    _marks: list[Mark] = field(factory=list, init=False)

    def put(self, item: Item) -> bool:
        """Take an item in. Never blocks; False where it was dropped because there is too much."""
        if isinstance(item, Message):
            item = _fit(item)
            if not self._admit(item):
                return False
        self._queue.append(item)
        self._filled.set()
        self._idle.clear()
        return True

    def _admit(self, message: Message) -> bool:
        sender = (message.room.network, message.person.key)
        if self._unread[sender] >= self.per_person or len(self._queue) >= self.bound:
            self.dropped += 1
            if sender not in self._told:
                self._told.add(sender)
                lines = count(self.per_person, "line")
                self.release(message, [Reply(f"You are faster than I can read: {lines} wait, more are dropped.")])
            return False
        self._unread[sender] += 1
        return True

    async def run(self) -> None:
        """Work the queue for ever."""
        while True:
            if not self._queue:
                self._filled.clear()
                self._idle.set()
                await self._filled.wait()
            batch = [self._take() for _ in range(min(BATCH, len(self._queue)))]
            try:
                await self._work(batch)
            except Exception:
                self.failures += 1
                log.exception("a batch failed", items=len(batch))
                self.state.discard()
            await asyncio.sleep(0)

    async def idle(self) -> None:
        """Wait until nothing is left to do."""
        if self._queue or not self._idle.is_set():
            await self._idle.wait()

    def _take(self) -> Item:
        item = self._queue.popleft()
        if isinstance(item, Message):
            sender = (item.room.network, item.person.key)
            self._unread[sender] -= 1
            if not self._unread[sender]:
                del self._unread[sender]
                self._told.discard(sender)
        return item

    async def _work(self, items: Sequence[Item]) -> None:
        batch = _Batch()
        for item in items:
            verdict = self._consider(item, batch)
            if verdict is None:
                continue
            if verdict.decision.forget:
                await self._finish(batch)
                batch = _Batch()
                await self._forget(verdict)
                continue
            batch.add(verdict)
        await self._finish(batch)

    def _consider(self, item: Item, batch: _Batch) -> Verdict | None:
        if isinstance(item, Cursor):
            batch.cursor(item)
            return None
        if isinstance(item, Mark):
            batch.marks.append(item)
            return None
        if isinstance(item, Tick):
            self.state.ticked(item.at)
            return None
        message, fetched = (item, None) if isinstance(item, Message) else (item.message, item.fetched)
        if isinstance(item, Result):
            batch.fetched.append(message)
        elif message.id:
            if batch.has(message) or message in self._fetching:
                return None
            answers = self.state.known(message)
            if answers is not None:
                batch.again.append((message, answers))
                return None
        return self._decide(message, fetched)

    def _decide(self, message: Message, fetched: Fetched | None) -> Verdict | None:
        try:
            return self.state.decide(message, fetched)
        except Exception:
            self.failures += 1
            log.exception("a command failed", room=message.room.name, command=message.text[:80])
            return Verdict(message, "", Decision(answers=[Reply(FAILED)]))

    async def _forget(self, verdict: Verdict) -> None:
        try:
            await self.state.forget(verdict)
        except NotSaved:
            self.saved = False
            self.release(verdict.message, [Reply(NOT_SAVED)])
        else:
            self.release(verdict.message, verdict.decision.answers)

    async def _finish(self, batch: _Batch) -> None:
        try:
            if batch.needs_writing:
                await self.state.commit(batch.verdicts, batch.cursors, batch.handled)
                self.saved = True
        except NotSaved:
            self.saved = False
            self._release_unsaved(batch)
        else:
            for verdict in batch.verdicts:
                self._release(verdict)
        for message, answers in batch.again:
            self.release(message, answers)
        self._fetching = [message for message in self._fetching if message not in batch.fetched]
        self._marks += batch.marks
        self._pass_marks()

    def _pass_marks(self) -> None:
        """Say so where nothing before a mark is open any more. A fetch begun behind it delays it too; no harm."""
        busy = {message.room.network for message in self._fetching}
        passed = [mark for mark in self._marks if mark.network not in busy]
        self._marks = [mark for mark in self._marks if mark.network in busy]
        for mark in passed:
            mark.passed()

    def _release(self, verdict: Verdict) -> None:
        if verdict.decision.fetch:
            self._fetching.append(verdict.message)
            self.fetch(verdict.message, verdict.decision.fetch)
        self.release(verdict.message, verdict.decision.answers)

    def _release_unsaved(self, batch: _Batch) -> None:
        """Nothing was written: those who changed something are told, questions are answered from what is left."""
        for verdict in batch.verdicts:
            if verdict.decision.edits:
                self.release(verdict.message, [Reply(NOT_SAVED)])
                continue
            anew = self._decide(verdict.message, None)
            if anew and not anew.decision.edits and not anew.decision.fetch:
                self.release(anew.message, anew.decision.answers)
        self.state.discard()


def _fit(message: Message) -> Message:
    """Return a message all of whose names can be written; its text is cleaned when it is read."""
    person, room = message.person, message.room
    if all(name.isascii() for name in (message.id, person.key, person.nick, room.id, room.name)):
        return message
    return attrs.evolve(
        message,
        id=encodable(message.id),
        person=attrs.evolve(person, key=encodable(person.key), nick=encodable(person.nick)),
        room=attrs.evolve(room, id=encodable(room.id), name=encodable(room.name)),
    )


@define
class _Batch:
    """What is decided together and written together."""

    verdicts: list[Verdict] = field(factory=list)
    handled: list[Verdict] = field(factory=list)
    cursors: dict[str, Cursor] = field(factory=dict)
    again: list[tuple[Message, Sequence[Answer]]] = field(factory=list)
    marks: list[Mark] = field(factory=list)
    fetched: list[Message] = field(factory=list)
    """Messages whose fetch has come back."""

    def add(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        # One that waits for a fetch is not handled yet: after a crash the server must send it again.
        if verdict.message.id and not verdict.decision.fetch:
            self.handled.append(verdict)

    def has(self, message: Message) -> bool:
        ours = (message.room.network, message.id)
        return any((v.message.room.network, v.message.id) == ours for v in self.handled)

    def cursor(self, cursor: Cursor) -> None:
        """The server will not send again what stands before its cursor: no need to remember it."""
        former = self.cursors.get(cursor.network)
        if former and cursor.passed is not None:
            cursor = attrs.evolve(cursor, passed=None if former.passed is None else former.passed | cursor.passed)
        self.cursors[cursor.network] = cursor
        self.handled = [v for v in self.handled if not _is_passed(v.message, cursor)]

    @property
    def needs_writing(self) -> bool:
        return bool(self.cursors or self.handled or any(v.decision.edits for v in self.verdicts))


def _is_passed(message: Message, cursor: Cursor) -> bool:
    ours = message.room.network == cursor.network
    return ours and (cursor.passed is None or message.id in cursor.passed)
