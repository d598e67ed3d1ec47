"""The configured spaces: the bot is in every room of each, also in rooms that are added later.

Source: Matrix client-server API, sections "Spaces", "GET /rooms/{roomId}/hierarchy".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

from attrs import define, frozen

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.event import events_in, text_in
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part

log = logging.getLogger(__name__)

HIERARCHY: Final = "/_matrix/client/v1"
"""Beginning of the path of the request, which only exists since that version."""
PAGE: Final = 50
MOST_ROOMS: Final = 500
"""Rooms of one space that the bot joins."""
RETRY: Final = 5.0
"""Seconds before a space that could not be read is read again."""


@frozen
class SpaceRoom:
    """A room of a space."""

    id: str
    alias: str
    """Canonical alias, empty without one."""
    via: list[str]
    """Servers that know the room."""


@define(eq=False)
class Spaces:
    """Looks up the rooms of the spaces, and adds them to the configured rooms."""

    config: MatrixConfig
    wire: Wire
    configured: ConfiguredRooms

    async def run(self) -> None:
        """Look up the rooms when a space changes, and now and then, without end."""
        while True:
            self.configured.space_changed.clear()
            read = await self.refresh()
            pause = self.config.space_interval if read else min(RETRY, self.config.space_interval)
            try:
                async with asyncio.timeout(pause if self.config.spaces else None):
                    await self.configured.space_changed.wait()
            except TimeoutError:
                pass

    async def refresh(self) -> bool:
        """Look up the rooms of all spaces once; return False if one could not be read."""
        read = True
        for space in self.configured.spaces():
            try:
                await self._look(space.ids[-1])
            except (RequestRefused, TryLater, OSError) as error:
                log.info("%s: the rooms of %s are not known: %s", self.config.name, space.name, error)
                read = False
        return read

    async def _look(self, space: str) -> None:
        position, seen = "", 0
        while seen < MOST_ROOMS:
            query = {"limit": str(PAGE), **({"from": position} if position else {})}
            path = f"/rooms/{part(space)}/hierarchy"
            found = await self.wire.call("GET", path, query=query, prefix=HIERARCHY)
            rooms = [*rooms_in(found)]
            for room in rooms[: MOST_ROOMS - seen]:
                self.configured.add(room.id, room.alias, room.via)
            seen += len(rooms)
            position = text_in(found, "next_batch")
            if not position or not found.get("rooms"):
                return


def rooms_in(answer: JsonObject) -> Iterator[SpaceRoom]:
    """Yield the rooms in an answer of the homeserver that are no spaces."""
    listed = answer.get("rooms")
    rooms = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    via: dict[str, list[str]] = {}
    for room in rooms:
        for event in events_in({"events": [{"sender": "", **e} for e in _children(room)]}, "events"):
            servers = event.content.get("via")
            if event.type == "m.space.child" and event.state_key and isinstance(servers, list):
                via[event.state_key] = [server for server in servers if isinstance(server, str)][:3]
    for room in rooms:
        identifier = text_in(room, "room_id")
        if identifier.startswith("!") and text_in(room, "room_type") != "m.space":
            yield SpaceRoom(identifier, text_in(room, "canonical_alias"), via.get(identifier, []))


def _children(room: JsonObject) -> list[JsonObject]:
    found = room.get("children_state")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
