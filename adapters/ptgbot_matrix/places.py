"""The configured rooms: which id stands for which, and being in them.

Source: Matrix client-server API, sections "Joining rooms", "GET /directory/room/{roomAlias}", "Room upgrades".
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import define, field

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig, RoomConfig
from ptgbot_matrix.event import Event, text_in
from ptgbot_matrix.room import RoomState
from ptgbot_matrix.wire import Refused, Wire, part

log = logging.getLogger(__name__)

_WORDS: Final = {
    "M_FORBIDDEN": "the room is by invitation only, or we are banned",
    "M_NOT_FOUND": "there is no such room",
    "M_UNKNOWN": "the room can't be joined at the moment",
}


@define(eq=False)
class Place:
    """One configured room. After an upgrade it has several ids; the last is where we want to be."""

    config: RoomConfig
    ids: list[str] = field(factory=list)
    via: list[str] = field(factory=list)
    """Servers that know the room."""
    due: float = float("-inf")
    """When to try to join it (again), on the monotonic clock."""
    problem: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.config.id


@define(eq=False)
class Places:
    """Finds and joins the configured rooms and keeps us there."""

    config: MatrixConfig
    wire: Wire
    joined: Callable[[str], bool]
    """Says whether we are in a room with this id."""
    report: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    places: Sequence[Place] = field(init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.places = [Place(room) for room in self.config.all_rooms]

    def of(self, room: str) -> Place | None:
        """Return the configured room that an id stands for."""
        return next((place for place in self.places if room in place.ids), None)

    def joined_as(self, name: str) -> str | None:
        """Return the id of a configured room, by its name there, if we are in it."""
        place = next((place for place in self.places if place.name == name), None)
        return place.ids[-1] if place and place.ids and self.joined(place.ids[-1]) else None

    def missing(self) -> Iterator[Place]:
        """Yield the rooms we are not in."""
        return (place for place in self.places if not place.ids or not self.joined(place.ids[-1]))

    async def resolve(self) -> None:
        """Learn the ids behind aliases that are not known yet. Raises OSError, TryLater."""
        for place in self.places:
            if place.ids:
                continue
            if place.config.id.startswith("!"):
                place.ids.append(place.config.id)
                continue
            try:
                found = await self.wire.get(f"/directory/room/{part(place.config.id)}")
            except Refused as refused:
                self._problem(place, _WORDS.get(refused.code, str(refused)))
                continue
            if room := text_in(found, "room_id"):
                place.ids.append(room)
                servers = found.get("servers")
                place.via = [s for s in servers if isinstance(s, str)][:3] if isinstance(servers, list) else []

    async def run(self) -> None:
        """Join what is to be joined, for ever."""
        while True:
            self._wake.clear()
            for place in [place for place in self.missing() if place.due <= self.clock()]:
                await self._try(place)
            due = min((place.due for place in self.missing()), default=float("inf"))
            try:
                async with asyncio.timeout(None if due == float("inf") else max(due - self.clock(), 0.05)):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def wake(self) -> None:
        """Look again: something changed."""
        self._wake.set()

    def removed(self, room: str, by: str) -> None:
        """Take note that we are not in a room any more."""
        if (place := self.of(room)) and room == place.ids[-1]:
            place.due = self.clock() + self.config.rejoin_interval
            self._problem(place, f"{by} removed us")
        self._wake.set()

    def upgraded(self, state: RoomState, tombstone: Event) -> None:
        """Follow the upgrade of a room, if whoever sent the tombstone may upgrade it."""
        place, new = self.of(state.id), text_in(tombstone.content, "replacement_room")
        if place is None or not new.startswith("!") or new in place.ids:
            return
        if not state.levels.may_set(tombstone.sender, "m.room.tombstone"):
            self.report(f"{place.name}: {tombstone.sender} says that it was replaced, but may not do that")
            return
        log.info("%s was replaced by %s", place.name, new)
        place.ids.append(new)
        place.via = [tombstone.sender.partition(":")[2]]
        place.due = self.clock()
        self._wake.set()

    async def _try(self, place: Place) -> None:
        place.due = self.clock() + self.config.rejoin_interval
        try:
            await self.resolve()
            if place.ids and not self.joined(place.ids[-1]):
                await self._join(place)
        except Refused as refused:
            self._problem(place, _WORDS.get(refused.code, str(refused)))
        except TryLater as later:
            place.due = self.clock() + later.seconds
        except OSError as error:
            place.problem = str(error)

    async def _join(self, place: Place) -> None:
        via = "&".join(f"{key}={part(server)}" for server in place.via for key in ("via", "server_name"))
        await self.wire.post(f"/join/{part(place.ids[-1])}" + (f"?{via}" if via else ""), {})
        place.problem = ""

    def _problem(self, place: Place, problem: str) -> None:
        if place.problem != problem:
            place.problem = problem
            self.report(f"{place.name}: {problem}")
