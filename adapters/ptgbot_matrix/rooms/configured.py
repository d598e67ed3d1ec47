"""The configured rooms: the room id behind each alias, joining, and rejoining.

Source: Matrix client-server API, sections "Joining rooms", "GET /directory/room/{roomAlias}", "Room upgrades".
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import define, field

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig, RoomConfig
from ptgbot_matrix.event import Event, text_in
from ptgbot_matrix.rooms.state import RoomState
from ptgbot_matrix.session.wire import RequestRefused, Wire, part

log = logging.getLogger(__name__)

_PROBLEMS: Final = {
    "M_FORBIDDEN": "the room is by invitation only, or we are banned",
    "M_NOT_FOUND": "there is no such room",
    "M_UNKNOWN": "the room can't be joined at the moment",
}
"""Sentences for the error codes of a homeserver."""


@define(eq=False)
class ConfiguredRoom:
    """One configured room."""

    config: RoomConfig
    ids: list[str] = field(factory=list)
    """Its room ids: one more after each upgrade. The last is the room where we want to be."""
    via: list[str] = field(factory=list)
    """Servers that know the room."""
    due: float = float("-inf")
    """When to try to join it (again), on the monotonic clock."""
    problem: str = ""
    """Why we are not in it, as a sentence; empty if nothing is known."""
    is_space: bool = False
    """Whether it is a space, whose rooms count as configured, too."""
    refused: bool = False
    """Whether the problem is a refusal or a removal, and not an error that may pass."""
    is_given_up: bool = False
    """Whether the configuration does not name it any more, so that we are about to leave it."""

    @property
    def name(self) -> str:
        """Its alias or id in the configuration."""
        return self.config.id


@define(eq=False)
class ConfiguredRooms:
    """Finds and joins the configured rooms, and rejoins them after a removal."""

    config: MatrixConfig
    wire: Wire
    is_in: Callable[[str], bool]
    """Says whether we are in the room with an id."""
    report: Callable[[str], None]
    """Tells the operators one sentence."""
    clock: Callable[[], float] = time.monotonic
    all: list[ConfiguredRoom] = field(init=False)
    given: Sequence[RoomConfig] = field(init=False)
    """The rooms in the configuration, without those of spaces."""
    space_changed: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set when the rooms of a space may have changed."""
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self.given = self.config.all_rooms
        self.all = [ConfiguredRoom(room) for room in self.config.all_rooms]
        self.all += [ConfiguredRoom(RoomConfig(id=space, features=()), is_space=True) for space in self.config.spaces]

    def adopt(self, config: MatrixConfig) -> None:
        """Take changed rooms: new ones are joined, those that are not named any more are left."""
        self.config = config
        wanted = {room.id: room for room in config.all_rooms}
        known = {configured.name: configured for configured in self.all}
        for name, configured in known.items():
            named = name in {room.id for room in self.given}
            configured.is_given_up = named and name not in wanted
            configured.config = wanted.get(name, configured.config)
        self.all += [ConfiguredRoom(room) for name, room in wanted.items() if name not in known]
        self.given = config.all_rooms
        self._wake.set()

    def spaces(self) -> Iterator[ConfiguredRoom]:
        """Yield the spaces whose ids are known."""
        return (configured for configured in self.all if configured.is_space and configured.ids)

    def add(self, room: str, alias: str, via: list[str]) -> None:
        """Add a room of a space, unless it is known.

        Args:
            room: its id.
            alias: its canonical alias, empty without one.
            via: servers that know it.
        """
        if self.of(room) is not None:
            return
        try:
            config = RoomConfig(id=alias or room)
        except ValueError:  # an alias that is none
            config = RoomConfig(id=room)
        self.all.append(ConfiguredRoom(config, [room], via))
        self._wake.set()

    def of(self, room: str) -> ConfiguredRoom | None:
        """Return the configured room with a room id, None if there is none."""
        return next((configured for configured in self.all if room in configured.ids), None)

    def joined_as(self, name: str) -> str | None:
        """Return the id of the room with this name in the configuration, None if we are not in it."""
        found = next((configured for configured in self.all if configured.name == name), None)
        return found.ids[-1] if found and found.ids and self.is_in(found.ids[-1]) else None

    def missing(self) -> Iterator[ConfiguredRoom]:
        """Yield the rooms that we are not in."""
        return (one for one in self.all if not one.is_given_up and (not one.ids or not self.is_in(one.ids[-1])))

    def require(self, room: str) -> None:
        """Return if we are in the room with this id, else raise.

        Raises:
            OSError: we are about to join it.
            Undeliverable: it is not a configured room, or we were removed from it or not let in.
        """
        if self.is_in(room):
            return
        configured = self.of(room)
        if configured is None or configured.refused or room != configured.ids[-1]:
            why = f"{configured.name}: {configured.problem}" if configured and configured.problem else room
            raise Undeliverable(f"not in {why}")
        raise ConnectionError(f"not in {configured.name} yet")

    async def resolve(self) -> None:
        """Look up the ids behind aliases that are not known yet.

        Raises:
            OSError: the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
        """
        for configured in self.all:
            if configured.ids:
                continue
            if configured.name.startswith("!"):
                configured.ids.append(configured.name)
                continue
            try:
                found = await self.wire.get(f"/directory/room/{part(configured.name)}")
            except RequestRefused as refused:
                self._set_problem(configured, _PROBLEMS.get(refused.code, str(refused)))
                continue
            if room := text_in(found, "room_id"):
                configured.ids.append(room)
                servers = found.get("servers")
                configured.via = [s for s in servers if isinstance(s, str)][:3] if isinstance(servers, list) else []

    async def run(self) -> None:
        """Join the missing rooms, without end."""
        while True:
            self._wake.clear()
            for configured in [configured for configured in self.all if configured.is_given_up]:
                await self._leave(configured)
            for configured in [configured for configured in self.missing() if configured.due <= self.clock()]:
                await self._try(configured)
            due = min((configured.due for configured in self.missing()), default=float("inf"))
            try:
                async with asyncio.timeout(None if due == float("inf") else max(due - self.clock(), 0.05)):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def wake(self) -> None:
        """Look for missing rooms now, because something has changed."""
        self._wake.set()
        self.space_changed.set()

    def removed(self, room: str, by: str) -> None:
        """Note that somebody has removed us from a room."""
        if (configured := self.of(room)) and room == configured.ids[-1]:
            configured.due = self.clock() + self.config.rejoin_interval
            self._set_problem(configured, f"{by} removed us")
        self._wake.set()

    def upgraded(self, state: RoomState, tombstone: Event) -> None:
        """Follow the upgrade of a room, if the sender of the tombstone has the right to upgrade it."""
        configured, new = self.of(state.id), text_in(tombstone.content, "replacement_room")
        if configured is None or not new.startswith("!") or new in configured.ids:
            return
        if not state.levels.may_set(tombstone.sender, "m.room.tombstone"):
            self.report(f"{configured.name}: {tombstone.sender} says that it was replaced, but may not do that")
            return
        log.info("%s was replaced by %s", configured.name, new)
        configured.ids.append(new)
        configured.via = [tombstone.sender.partition(":")[2]]
        configured.due = self.clock()
        self._wake.set()

    async def _try(self, configured: ConfiguredRoom) -> None:
        configured.due = self.clock() + self.config.rejoin_interval
        try:
            await self.resolve()
            if configured.ids and not self.is_in(configured.ids[-1]):
                await self._join(configured)
        except RequestRefused as refused:
            self._set_problem(configured, _PROBLEMS.get(refused.code, str(refused)))
        except TryLater as later:
            configured.due = self.clock() + later.seconds
        except OSError as error:
            configured.problem, configured.refused = str(error), False

    async def _leave(self, configured: ConfiguredRoom) -> None:
        """Leave a room. Until then it counts as configured, so that no line in it is taken for a private one."""
        try:
            if configured.ids and self.is_in(configured.ids[-1]):
                await self.wire.post(f"/rooms/{part(configured.ids[-1])}/leave", {})
        except (RequestRefused, TryLater, OSError) as error:
            self.report(f"{configured.name} could not be left: {error}")
        self.all.remove(configured)

    async def _join(self, configured: ConfiguredRoom) -> None:
        via = "&".join(f"{key}={part(server)}" for server in configured.via for key in ("via", "server_name"))
        await self.wire.post(f"/join/{part(configured.ids[-1])}" + (f"?{via}" if via else ""), {})
        configured.problem, configured.refused = "", False

    def _set_problem(self, configured: ConfiguredRoom, problem: str) -> None:
        configured.refused = True
        if configured.problem != problem:
            configured.problem = problem
            self.report(f"{configured.name}: {problem}")
