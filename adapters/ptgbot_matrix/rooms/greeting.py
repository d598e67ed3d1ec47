"""The first line that the bot says in a room that it has just joined."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.timeline import Arrived, TimelineReader

CANNOT_READ: Final = "This room is encrypted, and I can't read that here. Please type{where} instead."


@frozen
class Greeting:
    """Chooses the first line. Its transaction id contains the id of our join, so that it is said once."""

    config: MatrixConfig
    configured: ConfiguredRooms
    timelines: TimelineReader
    encrypts: bool
    """Whether we can read encrypted rooms."""

    def for_arrival(self, arrived: Arrived) -> Outgoing | None:
        """Return the line, None if the bot says nothing."""
        if arrived.encrypted and not self.encrypts:
            text = CANNOT_READ.format(where=self._elsewhere())
            return Outgoing(Kind.ANNOUNCE, arrived.room, text, None, f"ptg-sealed-{arrived.event}")
        if self.configured.of(arrived.room) is None and not arrived.created_by_us and self.config.greeting:
            return Outgoing(Kind.ANNOUNCE, arrived.room, self.config.greeting, None, f"ptg-hello-{arrived.event}")
        return None

    def _elsewhere(self) -> str:
        readable = [room.name for room in self.configured.all if not any(map(self.timelines.is_encrypted, room.ids))]
        return f" in {', '.join(readable)}" if readable else " in a chat that is not encrypted"
