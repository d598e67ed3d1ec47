"""Pinned events of rooms.

Source: Matrix client-server API, section "m.room.pinned_events". The event has the whole list, and a change cannot
depend on the former list: everybody reads it first, and of two changes at the same moment the later one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from ptgbot_matrix.event import texts_in
from ptgbot_matrix.rooms.setting import StateSetter
from ptgbot_matrix.rooms.timeline import TimelineReader

PINNED: Final = "m.room.pinned_events"


@frozen
class RoomPins:
    """The pinned events of the rooms that we are in."""

    states: StateSetter
    timelines: TimelineReader

    def get(self, room: str) -> Sequence[str] | None:
        """Return the ids of the pinned events as the last sync told them, None if we are not in the room."""
        return self.timelines.rooms[room].pinned if self.timelines.is_in(room) else None

    async def ask(self, room: str) -> Sequence[str]:
        """Return the ids of the pinned events as the homeserver has them now.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused, or we cannot be in the room.
        """
        return self._noted(room, texts_in(await self.states.ask(room, PINNED), "pinned"))

    async def set(self, room: str, events: Sequence[str]) -> None:
        """Set the ids of the pinned events.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused, or we cannot be in the room.
        """
        await self.states.set(room, PINNED, {"pinned": [*events]}, "pin lines in")
        self._noted(room, tuple(events))

    def _noted(self, room: str, events: tuple[str, ...]) -> Sequence[str]:
        if self.timelines.is_in(room):
            self.timelines.rooms[room].pinned = events
        return events
