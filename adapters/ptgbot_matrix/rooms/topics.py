"""Setting the topic of a room.

Source: Matrix client-server API, sections "m.room.topic", "PUT /rooms/{roomId}/state/{eventType}/{stateKey}".
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.text import clean, cut
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.timeline import TimelineReader
from ptgbot_matrix.session.login import TOKEN_LOST
from ptgbot_matrix.session.wire import RequestRefused, Wire, part

TOPIC: Final = "m.room.topic"
TOPIC_LIMIT: Final = 2000
"""Bytes that a topic of ours may have. The specification only limits the whole event, to 65,536 bytes (section "Size
limits"); this is far more than clients show of a topic."""


@frozen
class RoomTopics:
    """The topics of the rooms that we are in."""

    wire: Wire
    user: str
    """Matrix id of our account."""
    configured: ConfiguredRooms
    timelines: TimelineReader

    def get(self, room: str) -> str | None:
        """Return the topic of a room, None if we are not in it."""
        return self.timelines.rooms[room].topic if self.timelines.is_in(room) else None

    async def set(self, room: str, text: str) -> None:
        """Set the topic of a room; an event id in the homeserver's response confirms it.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused the topic, or we cannot be in the room.
        """
        self.configured.require(room)
        topic = cut(clean(text), TOPIC_LIMIT)
        try:
            await self.wire.put(f"/rooms/{part(room)}/state/{TOPIC}/", {"topic": topic})
        except RequestRefused as refused:
            if refused.code in TOKEN_LOST:
                raise ConnectionError(str(refused)) from refused
            raise Undeliverable(self._why(room, refused)) from refused
        if self.timelines.is_in(room):
            self.timelines.rooms[room].topic = topic

    def _why(self, room: str, refused: RequestRefused) -> str:
        if not self.timelines.is_in(room):
            return f"not in {room}: {refused}"
        levels, name = self.timelines.rooms[room].levels, self.timelines.name(room)
        if levels.may_set(self.user, TOPIC):
            return f"the homeserver refused a topic of {name}: {refused}"
        ours, needed = levels.of(self.user), levels.needed(TOPIC)
        return f"not allowed to set the topic of {name}: our power level is {ours:g}, {needed} is needed"
