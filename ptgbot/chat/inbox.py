"""The ordered queue of the core: decides on the working state, commits a batch, releases its answers."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import attrs
import structlog
from attrs import define, field, frozen
from structlog.contextvars import bound_contextvars

from ptgbot.chat.commands import Ask, Decision, Fetched
from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Answer, Cursor, Mark, Message, Person, Reply, Role, Room
from ptgbot.chat.text import count, encodable
from ptgbot.store.edits import Edit, Json

log = structlog.get_logger()

COMMAND = "command"
"""The kind of verdict that answers a typed line."""
BATCH = 64
"""Largest number of items decided on between two writes."""
NOT_SAVED = "Nothing was saved: the disk of the bot does not take it. The operators see it; please try again later."
FAILED = "That command failed inside the bot. Nothing was changed; the operators see what happened."

FACTS_FAILED = "the feature failed on these facts; the operators see what happened"


@frozen
class Tick:
    """A moment that a feature waited for has come."""

    at: datetime


@frozen
class Result:
    """The result of a command's request, on its way back to the command."""

    message: Message
    fetched: Fetched


@frozen
class Learned:
    """Facts that a source hands to its feature.

    ``taken`` is called with None once they are in the journal, or with a sentence that says why they are not.
    """

    feature: str
    facts: Sequence[tuple[str, Json]]
    """Keys and values."""
    at: datetime
    taken: Callable[[str | None], None]
    """May be called more than once; the first call counts."""


@frozen
class Settled:
    """The end of one row of a delivered effect."""

    row: int
    at: datetime
    why: str = ""
    """A sentence that says why it failed; empty if it was delivered."""
    is_late: bool = False
    """Whether the row is only late and tried further; ``why`` says why it was not delivered yet."""
    line: str = ""
    """Id of the line in its network; empty if there is none."""


@frozen
class Kept:
    """Edits of the core's own part of the state. ``taken`` is called as for :class:`Learned`."""

    edits: Sequence[Edit]
    at: datetime
    taken: Callable[[str | None], None]


Nobody = Tick | Learned | Settled | Kept
"""Items that no person caused."""
Item = Message | Cursor | Mark | Result | Heard | Nobody

NOBODY = Message(datetime.min.replace(tzinfo=UTC), Room("", "", ""), Person("", ""), Role.ATTENDEE, "")
"""Takes the place of the message of a decision that no message caused."""


def message_of(heard: Heard) -> Message:
    """Return the message to which the answers to an event belong."""
    return Message(heard.at, heard.room, heard.person or NOBODY.person, heard.role, heard.text, id=heard.id)


@frozen
class Verdict:
    """A decision, with the feature that made it and the message it is about."""

    message: Message
    feature: str
    decision: Decision
    kind: str = COMMAND
    """The kind of its record in the journal."""
    failed: bool = False
    """Whether the feature failed, so that the decision only says so."""


class State(Protocol):
    """The part of the state that the inbox needs; the service implements it with the store."""

    def decide(self, message: Message, fetched: Fetched | None) -> Sequence[Verdict]:
        """Decide on a message and put the edits into the working state.

        Raises:
            EditConflict: an edit does not fit the working state.
        """

    def heard(self, heard: Heard) -> Sequence[Verdict]:
        """Let the features that listen decide on an event."""

    def caused(self, item: Nobody) -> Sequence[Verdict]:
        """Let features decide on an item that no person caused."""

    def known(self, message: Message) -> Sequence[Answer] | None:
        """Return the answers to a message that was handled before, None if it is new."""

    async def commit(
        self, verdicts: Sequence[Verdict], cursors: Mapping[str, Cursor], handled: Sequence[Verdict]
    ) -> None:
        """Make a batch durable.

        Args:
            verdicts: the decisions of the batch.
            cursors: the newest position of each network.
            handled: verdicts whose messages need not be sent again by their server.

        Raises:
            NotSaved: nothing was written, and the edits have been reverted.
        """

    async def forget(self, verdict: Verdict) -> None:
        """Erase a person from the state and all files.

        Raises:
            NotSaved: nothing was written.
        """

    def discard(self) -> None:
        """Revert what was decided but not committed."""


class NotSaved(Exception):
    """The state could not be written. All edits of the batch have been reverted."""


Release = Callable[[Message, Sequence[Answer]], None]
Asker = Callable[[Message, str, Ask], None]


@define
class Inbox:
    """The queue and its only consumer.

    ``release`` sends answers. ``ask`` starts a request, whose :class:`Result` is handed to :meth:`put`.
    """

    state: State
    release: Release
    ask: Asker
    per_person: int = 200
    """Most unread lines of one person. More are dropped, and the person is told once."""
    bound: int = 20_000
    """Most unread items altogether."""
    dropped: int = 0
    failures: int = 0
    saved: bool = True
    """False from a failed write until the next one that works."""
    observe: Callable[[Message, str], None] = lambda _message, _result: None
    """Called for each command whose answers leave, with ``changed``, ``answered``, ``unsaved`` or ``failed``."""
    _queue: collections.deque[Item] = field(factory=collections.deque, init=False)
    _unread: collections.Counter[tuple[str, str]] = field(factory=collections.Counter, init=False)
    _told: set[tuple[str, str]] = field(factory=set, init=False)
    _filled: asyncio.Event = field(factory=asyncio.Event, init=False)
    _idle: asyncio.Event = field(factory=asyncio.Event, init=False)
    _asking: list[Message] = field(factory=list, init=False)
    """Messages whose requests are pending, so that their answers are still to come."""
    _marks: list[Mark] = field(factory=list, init=False)

    def put(self, item: Item) -> bool:
        """Queue an item. Never blocks; returns False if it was dropped because too much is queued."""
        if isinstance(item, Message):
            item = _fit(item)
            if not self._admit(item):
                return False
        elif isinstance(item, Heard) and len(self._queue) >= self.bound:
            self.dropped += 1
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

    def __len__(self) -> int:
        return len(self._queue)

    async def run(self) -> None:
        """Handle the queue in batches, without end.

        A batch that fails is logged and reverted; the next one is handled.
        """
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
                for item in batch:
                    if isinstance(item, Learned):
                        item.taken(FACTS_FAILED)
            await asyncio.sleep(0)

    async def idle(self) -> None:
        """Wait until the queue is empty and everything is handled."""
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
            for verdict in self._consider(item, batch):
                if verdict.decision.forget:
                    await self._finish(batch)
                    batch = _Batch()
                    await self._forget(verdict)
                else:
                    batch.add(verdict)
        await self._finish(batch)

    def _consider(self, item: Item, batch: _Batch) -> Sequence[Verdict]:
        match item:
            case Cursor():
                batch.cursor(item)
            case Mark():
                batch.marks.append(item)
            case Heard():
                if item.id and self._is_handled(message_of(item), batch):
                    return ()
                return self._guarded(item, lambda: self.state.heard(item))
            case Result(message, fetched):
                batch.fetched.append(message)
                return self._decide(message, fetched)
            case Message():
                return self._considered(item, batch)
            case Learned() | Kept():
                return self._reported(item, batch)
            case _:
                batch.caused.append(item)
                return self._guarded(item, lambda: self.state.caused(item))
        return ()

    def _considered(self, message: Message, batch: _Batch) -> Sequence[Verdict]:
        """Decide on a message. If it was handled before, its answers are sent again instead."""
        if message.id and self._is_handled(message, batch):
            return ()
        return self._decide(message, None)

    def _is_handled(self, message: Message, batch: _Batch) -> bool:
        """Say whether a message was handled before. If its answers are known, they are sent again."""
        if batch.has(message) or any(_same_message(message, asking) for asking in self._asking):
            return True
        answers = self.state.known(message)
        if answers is None:
            return False
        batch.repeat(message, answers)
        return True

    def _guarded(self, item: Heard | Nobody, decide: Callable[[], Sequence[Verdict]]) -> Sequence[Verdict]:
        """Decide on an item that nobody waits for. An exception is counted and logged."""
        try:
            return decide()
        except Exception:
            self.failures += 1
            log.exception("a feature failed", item=type(item).__name__)
            return ()

    def _reported(self, item: Learned | Kept, batch: _Batch) -> Sequence[Verdict]:
        """Decide on facts. If that fails, their sender is told at once, because they will not be in the journal."""
        failures = self.failures
        verdicts = self._guarded(item, lambda: self.state.caused(item))
        if self.failures > failures:
            item.taken(FACTS_FAILED)
        else:
            batch.caused.append(item)
        return verdicts

    def _decide(self, message: Message, fetched: Fetched | None) -> Sequence[Verdict]:
        try:
            with bound_contextvars(message=message.trace):
                return self.state.decide(message, fetched)
        except Exception:
            self.failures += 1
            # Only the word: behind it may stand a code that no log may have.
            word = message.text[:80].partition(" ")[0]
            log.exception("a command failed", message=message.trace, room=message.room.name, command=word)
            return [Verdict(message, "", Decision(answers=[Reply(FAILED)]), failed=True)]

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
        except NotSaved as error:
            self.saved = False
            self._release_unsaved(batch)
            batch.tell_causes(str(error))
        else:
            # Answers of one room leave in the order of its commands, also those that are sent again after a crash.
            for number, verdict in enumerate(batch.verdicts):
                self._release_again(batch, number)
                self._release(verdict)
            self._release_again(batch, len(batch.verdicts))
            batch.tell_causes(None)
        self._asking = [message for message in self._asking if message not in batch.fetched]
        self._marks += batch.marks
        self._pass_marks()

    def _pass_marks(self) -> None:
        """Call the marks before which nothing is open.

        A fetch begun after a mark delays it, too, which does no harm.
        """
        busy = {message.room.network for message in self._asking}
        passed = [mark for mark in self._marks if mark.network not in busy]
        self._marks = [mark for mark in self._marks if mark.network in busy]
        for mark in passed:
            mark.passed()

    def _release_again(self, batch: _Batch, before: int) -> None:
        """Send the remembered answers again that belong before a verdict of the batch."""
        for number in [each for each in batch.again if each <= before]:
            for message, answers in batch.again.pop(number):
                self.release(message, answers)

    def _release(self, verdict: Verdict) -> None:
        if verdict.decision.ask:
            self._asking.append(verdict.message)
            self.ask(verdict.message, verdict.feature, verdict.decision.ask)
        self.release(verdict.message, verdict.decision.answers)
        if verdict.kind == COMMAND:
            self.observe(verdict.message, _result(verdict))

    def _release_unsaved(self, batch: _Batch) -> None:
        """Answer a batch that was not written: changes with a refusal, questions from the state without the changes."""
        for number, message, changed in batch.commands():
            self._release_again(batch, number)
            if changed:
                self.release(message, [Reply(NOT_SAVED)])
                self.observe(message, "unsaved")
                continue
            for anew in self._decide(message, None):
                if anew.kind != COMMAND:
                    continue
                if anew.decision.changes:
                    # It was answered without a change only because of the changes that are lost.
                    self.release(anew.message, [Reply(NOT_SAVED)])
                else:
                    self._release(anew)
        self._release_again(batch, len(batch.verdicts))
        self.state.discard()


def _result(verdict: Verdict) -> str:
    if verdict.failed:
        return "failed"
    return "changed" if verdict.decision.changes else "answered"


def _same_message(one: Message, other: Message) -> bool:
    """Say whether two messages are the same one, which the server sent twice."""
    return bool(one.id) and (one.room.network, one.id) == (other.room.network, other.id)


def _together(lines: Sequence[Message]) -> Message:
    """Return the message that its lines with a command each come from."""
    first = lines[0]
    said = None if first.said is None else "\n".join(line.said or "" for line in lines)
    return attrs.evolve(first, text="\n".join(line.text for line in lines), said=said)


def _fit(message: Message) -> Message:
    """Return a message whose names can be encoded as UTF-8. Its text is cleaned later, when it is parsed."""
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
    """Items that are decided and written together."""

    verdicts: list[Verdict] = field(factory=list)
    handled: list[Verdict] = field(factory=list)
    cursors: dict[str, Cursor] = field(factory=dict)
    again: dict[int, list[tuple[Message, Sequence[Answer]]]] = field(factory=dict)
    """Messages that were handled before, with their answers, by the number of verdicts that precede them."""
    marks: list[Mark] = field(factory=list)
    fetched: list[Message] = field(factory=list)
    """Messages whose requests have been answered."""
    caused: list[Nobody] = field(factory=list)
    """Items that no person caused, whose senders are told when they are on record."""

    def add(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        # A message that waits for something is not handled yet: after a crash the server must send it again.
        if verdict.message.id and not verdict.decision.ask:
            self.handled.append(verdict)

    def repeat(self, message: Message, answers: Sequence[Answer]) -> None:
        """Note a message whose remembered answers are sent again behind those of the verdicts so far."""
        self.again.setdefault(len(self.verdicts), []).append((message, answers))

    def has(self, message: Message) -> bool:
        return any(_same_message(message, verdict.message) for verdict in self.handled)

    def commands(self) -> Iterator[tuple[int, Message, bool]]:
        """Yield each message with commands, as it came, and whether one of them changes something.

        The number before it is that of its first verdict in the batch.
        """
        commands = [(number, verdict) for number, verdict in enumerate(self.verdicts) if verdict.kind == COMMAND]
        while commands:
            number, head = commands[0]
            first = head.message
            ours = [v for _, v in commands if v is head or _same_message(v.message, first)]
            commands = [one for one in commands if one[1] is not head and not _same_message(one[1].message, first)]
            yield number, _together([v.message for v in ours]), any(v.decision.changes for v in ours)

    def cursor(self, cursor: Cursor) -> None:
        """Note a position and forget the messages before it: the server will not send them again."""
        former = self.cursors.get(cursor.network)
        if former and cursor.passed is not None:
            cursor = attrs.evolve(cursor, passed=None if former.passed is None else former.passed | cursor.passed)
        self.cursors[cursor.network] = cursor
        self.handled = [v for v in self.handled if not _is_passed(v.message, cursor)]

    @property
    def needs_writing(self) -> bool:
        settles = any(isinstance(item, Settled) for item in self.caused)
        return bool(self.cursors or self.handled or settles or any(v.decision.changes for v in self.verdicts))

    def tell_causes(self, problem: str | None) -> None:
        """Tell sources whether their facts are in the journal."""
        for item in self.caused:
            if isinstance(item, Learned | Kept):
                item.taken(problem)


def _is_passed(message: Message, cursor: Cursor) -> bool:
    ours = message.room.network == cursor.network
    return ours and (cursor.passed is None or message.id in cursor.passed)
