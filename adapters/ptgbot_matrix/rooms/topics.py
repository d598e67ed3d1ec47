"""Setting the topic of a room.

Source: Matrix client-server API, section "m.room.topic".
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from ptgbot.chat.text import clean, cut
from ptgbot_matrix.rooms.setting import StateSetter
from ptgbot_matrix.rooms.timeline import TimelineReader

TOPIC: Final = "m.room.topic"
TOPIC_LIMIT: Final = 2000
"""Bytes that a topic of ours may have. The specification only limits the whole event, to 65,536 bytes (section "Size
limits"); this is far more than clients show of a topic."""


@frozen
class RoomTopics:
    """The topics of the rooms that we are in."""

    states: StateSetter
    timelines: TimelineReader

    def get(self, room: str) -> str | None:
        """Return the topic of a room, None if we are not in it."""
        return self.timelines.rooms[room].topic if self.timelines.is_in(room) else None

    async def set(self, room: str, text: str) -> None:
        """Set the topic of a room.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused the topic, or we cannot be in the room.
        """
        topic = cut(clean(text), TOPIC_LIMIT)
        await self.states.set(room, TOPIC, {"topic": topic}, "set the topic of")
        if self.timelines.is_in(room):
            self.timelines.rooms[room].topic = topic
