"""Sends answers into their room, or into a direct chat that is opened for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

import attrs
from attrs import define, field

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.answer_event import AnswerEvent, event_for
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.crypto.encryption import Encryption
from ptgbot_matrix.event import text_in
from ptgbot_matrix.recent import Recent
from ptgbot_matrix.rooms.directs import DirectChats
from ptgbot_matrix.session.login import TOKEN_LOST
from ptgbot_matrix.session.wire import RequestRefused, ServerTrouble, Wire, part

log = logging.getLogger(__name__)

OPENED: Final = "I opened a direct chat with you for that: please accept my invitation."
STILL_OPEN: Final = "I will tell you in our direct chat: please accept my invitation to it."


@define(eq=False)
class Delivery:
    """Turns answers into events and sends them."""

    config: MatrixConfig
    wire: Wire
    directs: DirectChats
    is_in: Callable[[str], bool]
    """Says whether we are in the room with an id."""
    encryption: Encryption | None
    threads: Recent
    """Event ids of the roots of threads, by the id of a message that stands in one."""
    sent: Callable[[str], None] = lambda _room: None
    """Called with the id of a room in which an event of ours was sent."""
    announced: Recent = field(factory=Recent, init=False)
    """Event ids of announcements, by transaction id."""

    def events(self, outgoing: Outgoing) -> Sequence[AnswerEvent]:
        """Return the event for an answer, no event if we are no longer in its room."""
        if outgoing.target.startswith("!") and not self.is_in(outgoing.target):
            log.info("%s: not in %s any more, an answer is dropped", self.config.name, outgoing.target)
            return ()
        thread = self.threads.get(outgoing.message.id) if outgoing.message else None
        return (event_for(outgoing, thread or "", self.config.max_bytes),)

    async def write(self, event: AnswerEvent) -> None:
        """Send an event. A final refusal is logged, and the event dropped, unless a caller waits for it.

        Raises:
            OSError: the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused an event that a caller waits for.
        """
        try:
            await self._write(event)
        except RequestRefused as refused:
            if refused.code in TOKEN_LOST:
                raise ConnectionError(str(refused)) from refused
            if event.awaited:
                raise Undeliverable(f"the homeserver refused a line to {event.target}: {refused}") from refused
            log.warning("%s: the homeserver refused an answer to %s: %s", self.config.name, event.target, refused)

    async def _write(self, event: AnswerEvent) -> None:
        if event.kind is Kind.REACH:
            await self._reach(event)
            return
        room = event.target if event.target.startswith("!") else (await self.directs.open(event.target))[0]
        if event.kind is Kind.TOPIC:
            await self.wire.put(f"/rooms/{part(room)}/state/{event.type}/", event.content)
            return
        await self._send(room, event)

    async def _send(self, room: str, event: AnswerEvent) -> None:
        kind, content = event.type, event.content
        if self.encryption:
            kind, content = await self.encryption.encrypt(room, kind, content)
        answer = await self.wire.put(f"/rooms/{part(room)}/send/{kind}/{part(event.transaction)}", content)
        identifier = text_in(answer, "event_id")
        if not identifier:
            raise ServerTrouble("the homeserver's answer names no event")
        if event.awaited:
            self.announced.put(event.transaction, identifier)
        self.sent(room)

    async def _reach(self, event: AnswerEvent) -> None:
        """Open the direct chat of a person who will get private messages, and tell them so where they asked."""
        users = event.content["m.mentions"].get("user_ids")
        if not users:  # somebody behind a relay bot, whom no direct chat reaches
            return
        person = users[0]
        room, made = await self.directs.open(person)
        membership = "" if made else await self.directs.invite_again(person, room)
        if membership != "join":
            text = OPENED if membership != "invite" else STILL_OPEN
            await self._send(event.target, attrs.evolve(event, content={**event.content, "body": text}))
