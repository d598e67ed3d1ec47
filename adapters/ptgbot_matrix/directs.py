"""Direct chats: which room is whose.

Source: Matrix client-server API, sections "Direct messaging", "POST /createRoom".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from ptgbot_matrix.event import text_in
from ptgbot_matrix.session import LOST
from ptgbot_matrix.wire import Json, Refused, Wire, part


@define(eq=False)
class Directs:
    """Knows and opens direct chats; the account's ``m.direct`` keeps them over restarts."""

    wire: Wire
    user: Callable[[], str]
    joined: Callable[[str], bool]
    encrypted: bool = False
    """Whether chats that we open are encrypted."""
    _rooms: dict[str, list[str]] = field(factory=dict, init=False)
    """By full Matrix id, the newest chat last."""
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def load(self) -> None:
        """Read the account's list. Raises OSError, TryLater."""
        try:
            found = await self.wire.get(self._path())
        except Refused as refused:
            if refused.code in LOST:
                raise
            found = {}  # nobody has written it yet
        for person, rooms in found.items():
            if isinstance(rooms, list):
                self._rooms[person] = [room for room in rooms if isinstance(room, str)]

    def person(self, key: str) -> str:
        """Return the Matrix id of a key, which is that id in lower case."""
        return next((person for person in self._rooms if person.lower() == key), key)

    def room(self, person: str) -> str | None:
        """Return the room in which we can talk to somebody."""
        return next((room for room in reversed(self._rooms.get(person, [])) if self.joined(room)), None)

    async def add(self, person: str, room: str) -> None:
        """Remember a chat. Raises OSError, Refused, TryLater."""
        async with self._turn:
            await self._add(person, room)

    async def open(self, person: str) -> tuple[str, bool]:
        """Return the room of somebody's chat and whether it was made now. Raises OSError, Refused, TryLater."""
        async with self._turn:
            if (known := self.room(person)) is not None:
                return known, False
            made = await self.wire.post("/createRoom", self._wish(person))
            room = text_in(made, "room_id")
            await self._add(person, room)
            return room, True

    async def invite_again(self, person: str, room: str) -> str:
        """See to it that somebody can be in their chat; return their membership. Raises OSError, Refused, TryLater."""
        try:
            found = await self.wire.get(f"/rooms/{part(room)}/state/m.room.member/{part(person)}")
        except Refused:
            found = {}
        membership = text_in(found, "membership")
        if membership not in ("join", "invite"):
            await self.wire.post(f"/rooms/{part(room)}/invite", {"user_id": person})
        return membership

    def _wish(self, person: str) -> Json:
        wish: dict[str, Any] = {"preset": "trusted_private_chat", "is_direct": True, "invite": [person]}
        if self.encrypted:
            algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
            wish["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": algorithm}]
        return wish

    async def _add(self, person: str, room: str) -> None:
        rooms = self._rooms.setdefault(person, [])
        if room not in rooms:
            rooms.append(room)
            content: Mapping[str, Any] = self._rooms
            await self.wire.put(self._path(), content)

    def _path(self) -> str:
        return f"/user/{part(self.user())}/account_data/m.direct"
