"""The way of an answer to the homeserver: into the room, or into a direct chat that is opened for it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

import attrs
from attrs import define, field

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.directs import Directs
from ptgbot_matrix.encryption import Encryption
from ptgbot_matrix.session import LOST
from ptgbot_matrix.speaking import Piece, piece
from ptgbot_matrix.wire import Refused, Wire, part

log = logging.getLogger(__name__)

OPENED: Final = "I opened a direct chat with you for that: please accept my invitation."
STILL_OPEN: Final = "I will tell you in our direct chat: please accept my invitation to it."


@define(eq=False)
class Delivery:
    """Makes events of answers and sends them."""

    config: MatrixConfig
    wire: Wire
    directs: Directs
    is_in: Callable[[str], bool]
    """Says whether we are in a room."""
    encryption: Encryption | None
    threads: OrderedDict[str, str] = field(factory=OrderedDict, init=False)
    """First messages of threads, by the id of a message that stands in one."""

    def pieces(self, outgoing: Outgoing) -> Sequence[Piece]:
        """Return the event that says an answer; nothing for a room that we are not in."""
        if outgoing.target.startswith("!") and not self.is_in(outgoing.target):
            log.info("%s: not in %s any more, an answer is dropped", self.config.name, outgoing.target)
            return ()
        thread = self.threads.get(outgoing.message.id, "") if outgoing.message else ""
        return (piece(outgoing, thread, self.config.max_bytes),)

    async def write(self, one: Piece) -> None:
        """Send an event. Raises OSError, TryLater."""
        try:
            await self._write(one)
        except Refused as refused:
            if refused.code in LOST:
                raise ConnectionError(str(refused)) from refused
            log.warning("%s: the homeserver refused an answer to %s: %s", self.config.name, one.target, refused)

    async def _write(self, one: Piece) -> None:
        if one.kind is Kind.REACH:
            await self._reach(one)
            return
        room = one.target if one.target.startswith("!") else (await self.directs.open(one.target))[0]
        if one.kind is Kind.TOPIC:
            await self.wire.put(f"/rooms/{part(room)}/state/{one.type}/", one.content)
            return
        await self._send(room, one)

    async def _send(self, room: str, one: Piece) -> None:
        kind, content = one.type, one.content
        if self.encryption:
            kind, content = await self.encryption.seal(room, kind, content)
        await self.wire.put(f"/rooms/{part(room)}/send/{kind}/{part(one.transaction)}", content)

    async def _reach(self, one: Piece) -> None:
        """Open the direct chat of somebody who will be told things there, and say so where they asked."""
        person = one.content["m.mentions"]["user_ids"][0]
        room, made = await self.directs.open(person)
        membership = "" if made else await self.directs.invite_again(person, room)
        if membership != "join":
            text = OPENED if membership != "invite" else STILL_OPEN
            await self._send(one.target, attrs.evolve(one, content={**one.content, "body": text}))
