"""Setting a part of the state of a room, with a sentence that says why the homeserver refused it.

Source: Matrix client-server API, section "PUT /rooms/{roomId}/state/{eventType}/{stateKey}".
"""

from __future__ import annotations

from attrs import frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.timeline import TimelineReader
from ptgbot_matrix.session.login import TOKEN_LOST
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part


@frozen
class StateSetter:
    """Reads and sets the state of the rooms that we are in."""

    wire: Wire
    user: str
    """Matrix id of our account."""
    configured: ConfiguredRooms
    timelines: TimelineReader

    async def ask(self, room: str, kind: str) -> JsonObject:
        """Return the content of a state event as the homeserver has it now, empty if there is no such event.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused, or we cannot be in the room.
        """
        self.configured.require(room)
        try:
            return await self.wire.get(f"/rooms/{part(room)}/state/{kind}/")
        except RequestRefused as refused:
            if refused.status == 404:
                return {}
            if refused.code in TOKEN_LOST:
                raise ConnectionError(str(refused)) from refused
            raise Undeliverable(f"the homeserver refused to tell about {room}: {refused}") from refused

    async def set(self, room: str, kind: str, content: JsonObject, doing: str) -> None:
        """Set a state event; an event id in the homeserver's response confirms it.

        ``doing`` are the words for it in the sentence about a refusal, such as ``set the topic of``.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused the event, or we cannot be in the room.
        """
        self.configured.require(room)
        try:
            await self.wire.put(f"/rooms/{part(room)}/state/{kind}/", content)
        except RequestRefused as refused:
            if refused.code in TOKEN_LOST:
                raise ConnectionError(str(refused)) from refused
            raise Undeliverable(self._why(room, kind, doing, refused)) from refused

    def _why(self, room: str, kind: str, doing: str, refused: RequestRefused) -> str:
        if not self.timelines.is_in(room):
            return f"not in {room}: {refused}"
        levels, name = self.timelines.rooms[room].levels, self.timelines.name(room)
        if levels.may_set(self.user, kind):
            return f"the homeserver did not let us {doing} {name}: {refused}"
        ours, needed = levels.of(self.user), levels.needed(kind)
        return f"not allowed to {doing} {name}: our power level is {ours:g}, {needed} is needed"
