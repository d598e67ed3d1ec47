"""Hands the contents of a sync to the core, in the order in which they happened."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from attrs import define, field, frozen

from ptgbot.chat.adapter import Hub
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Mark, Message, Outgoing, Person
from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.crypto.encryption import Encryption
from ptgbot_matrix.crypto.late_keys import LateKeys
from ptgbot_matrix.event import Event, table_in, text_in
from ptgbot_matrix.recent import Recent
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.edits import AnsweredMessages
from ptgbot_matrix.rooms.greeting import Greeting
from ptgbot_matrix.rooms.invites import Invites, read_invite
from ptgbot_matrix.rooms.spaces import Spaces
from ptgbot_matrix.rooms.timeline import (
    Arrived,
    Edited,
    Joined,
    ReceivedMessage,
    TimelineEntry,
    TimelineReader,
    Undecrypted,
)
from ptgbot_matrix.session.login import TOKEN_LOST
from ptgbot_matrix.session.persistent import PersistentSession
from ptgbot_matrix.session.sync import SyncResult, Timeline, events_left_out, members_at
from ptgbot_matrix.session.sync_tokens import SyncBatch, SyncTokens
from ptgbot_matrix.session.wire import RequestRefused, Wire, part

log = logging.getLogger(__name__)
T = TypeVar("T")

AT_ONCE: Final = 100
"""Messages handed in before we wait until the core has taken them."""


def _nothing() -> None:
    """Do nothing."""


@frozen
class Decryption:
    """The two parts that decrypt: one at once, the other when a key arrives late."""

    encryption: Encryption
    late_keys: LateKeys


@define(eq=False)
class Intake:
    """Handles one sync after the other."""

    config: MatrixConfig
    hub: Hub
    wire: Wire
    session: PersistentSession
    configured: ConfiguredRooms
    spaces: Spaces
    timelines: TimelineReader
    invites: Invites
    greeting: Greeting
    tokens: SyncTokens
    answered: AnsweredMessages
    threads: Recent
    """Gets the root of the thread of each message that stands in one."""
    decryption: Decryption | None
    say: Callable[[Outgoing, SyncBatch], None]
    """Queues a line of ours that belongs to a batch."""
    took: Callable[[Message], None] = lambda _message: None
    """Called with each message that was handed to the core."""
    senders: Recent = field(factory=Recent, init=False)
    """Matrix ids of the senders of messages, by event id."""

    async def take(self, result: SyncResult) -> None:
        """Hand in the contents of a sync. Of the very first sync only state and invitations count."""
        if result.is_full:
            await self._resolve_rooms()
        batch = self.tokens.begin(result.next_batch)
        for room, events in result.left.items():
            self._leave(room, events)
        if self.decryption:
            await self._follow_keys(self.decryption, result)
        for timeline in result.joined:
            await self._fill_gap(timeline, result)
            entries = self._read(timeline, result.is_full)
            if result.since is not None:
                await self._hand_in(entries, batch)
            if result.is_full or timeline.prev_batch or any(isinstance(entry, Arrived) for entry in entries):
                await self._reconnect(timeline.room, result.next_batch)
        for room, stripped_state in result.invited.items():
            if invite := read_invite(self.config.user, room, stripped_state):
                self.invites.put(invite, batch.hold())
        self.hub.receive(Mark(self.config.name, batch.release))

    async def until_committed(self) -> None:
        """Wait until the core has written everything handed in, and the sync token after it."""
        await self._until_taken()  # by then the mark behind the messages has handed in the token
        await self._until_taken()

    async def _resolve_rooms(self) -> None:
        """Look up the ids of the configured rooms before anything is read.

        In a room that is not known to be configured, a message counts as private.
        """
        try:
            await self.configured.resolve()
            await self.spaces.refresh()
        except (OSError, TryLater) as error:
            log.warning("%s: not every room is known yet: %s", self.config.name, error)

    def _leave(self, room: str, events: list[Event]) -> None:
        self.timelines.rooms.pop(room, None)
        last = next((event for event in reversed(events) if event.is_member(self.config.user)), None)
        by = last.sender if last else "somebody"
        if by != self.config.user:
            self.configured.removed(room, by)

    async def _follow_keys(self, decryption: Decryption, result: SyncResult) -> None:
        await decryption.encryption.follow(result)
        if not (table_in(result.raw, "to_device").get("events") or decryption.late_keys.is_due):
            return
        for decrypted in decryption.late_keys.retry():
            await self._hand_in(decrypted.entries, decrypted.batch)
            self.hub.receive(Mark(self.config.name, decrypted.release))

    async def _fill_gap(self, timeline: Timeline, result: SyncResult) -> None:
        since, known = result.since, result.is_full or self.timelines.is_in(timeline.room)
        if since is None or not timeline.prev_batch or not known:
            return
        request = functools.partial(events_left_out, self.wire, timeline, since, self.config.backlog)
        timeline.gap.extend(await self.session.until_answered(request))

    def _read(self, timeline: Timeline, anew: bool) -> Sequence[TimelineEntry]:
        try:
            return list(self.timelines.take(timeline, anew=anew))
        except Exception:
            # Nothing that a server sends in one room may stop us in the others.
            log.exception("%s: what came in %s could not be read", self.config.name, timeline.room)
            return ()

    async def _hand_in(self, entries: Sequence[TimelineEntry], batch: SyncBatch) -> None:
        for number, entry in enumerate(entries, 1):
            match entry:
                case ReceivedMessage():
                    self._receive(entry, batch)
                case Heard():
                    await self._hear(entry, batch)
                case Edited():
                    if reply := self.answered.reply_to(entry):
                        self.say(reply, batch)
                case Arrived():
                    self.configured.wake()
                    self.invites.check(entry.room, functools.partial(self._welcome, entry, batch), batch.hold())
                case Joined():
                    self.invites.check(entry.room, _nothing, batch.hold())
                case Undecrypted():
                    if self.decryption:
                        self.decryption.late_keys.put(entry, batch)
            if number % AT_ONCE == 0:
                await self._until_taken()

    def _welcome(self, arrived: Arrived, batch: SyncBatch) -> None:
        if line := self.greeting.for_arrival(arrived):
            self.say(line, batch)

    async def _reconnect(self, room: str, position: str) -> None:
        """Tell the listeners in a room that events were missed, and who is there now."""
        if not self.timelines.is_heard(room):
            return
        members = await self._until_known(functools.partial(members_at, self.wire, room, position))
        if members is not None:
            self.hub.receive(self.timelines.reconnect(room, members))

    async def _hear(self, heard: Heard, batch: SyncBatch) -> None:
        if heard.kind is HeardKind.EDIT and not await self._is_sender(heard):
            return
        if heard.kind is HeardKind.ACTION:
            self._remember_sender(heard.id, heard.person)
        batch.ids.add(heard.id)
        self.hub.receive(heard)

    async def _is_sender(self, edit: Heard) -> bool:
        """Say whether an edit comes from the sender of the message. Servers pass on edits by others, too."""
        sender = self.senders.get(edit.about)
        if sender is None:
            path = f"/rooms/{part(edit.room.id)}/event/{part(edit.about)}"
            sender = text_in(await self._until_known(functools.partial(self.wire.get, path)) or {}, "sender")
        return edit.person is not None and edit.person.account == sender

    async def _until_known(self, request: Callable[[], Awaitable[T]]) -> T | None:
        """Repeat a request until it succeeds; return None if the homeserver refuses it."""

        async def once() -> T | None:
            try:
                return await request()
            except RequestRefused as refused:
                if refused.code in TOKEN_LOST:
                    raise
                return None

        return await self.session.until_answered(once)

    def _remember_sender(self, event: str, person: Person | None) -> None:
        self.senders.put(event, (person.account if person else None) or "")

    def _receive(self, received: ReceivedMessage, batch: SyncBatch) -> None:
        batch.ids.add(received.message.id)
        self._remember_sender(received.message.id, received.message.person)
        if received.thread:
            self.threads.put(received.message.id, received.thread)
        self.hub.receive(received.message)
        self.took(received.message)

    async def _until_taken(self) -> None:
        taken = asyncio.Event()
        if self.hub.receive(Mark("", taken.set)):
            await taken.wait()
