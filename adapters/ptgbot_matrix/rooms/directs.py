"""Direct chats: the room that belongs to each person.

Source: Matrix client-server API, sections "Direct messaging", "POST /createRoom".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from ptgbot_matrix.event import text_in
from ptgbot_matrix.session.login import TOKEN_LOST
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part


@define(eq=False)
class DirectChats:
    """Finds and opens direct chats. The account data ``m.direct`` keeps them over restarts."""

    wire: Wire
    user: str
    """Matrix id of our account."""
    is_in: Callable[[str], bool]
    """Says whether we are in the room with an id."""
    enter: Callable[[str, bool], None]
    """Notes that we have made a room, and whether it is encrypted, before a sync tells so."""
    encrypted: bool = False
    """Whether chats that we open are encrypted."""
    _rooms: dict[str, list[str]] = field(factory=dict, init=False)
    """Room ids by full Matrix id, the newest chat last."""
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def load(self) -> None:
        """Read the account data.

        Raises:
            OSError: the homeserver could not be reached.
            RequestRefused: the access token is lost.
            TryLater: the homeserver asks for a pause.
        """
        try:
            found = await self.wire.get(self._path())
        except RequestRefused as refused:
            if refused.code in TOKEN_LOST:
                raise
            found = {}  # the account has never had a direct chat
        for person, rooms in found.items():
            if isinstance(rooms, list):
                self._rooms[person] = [room for room in rooms if isinstance(room, str)]

    def person(self, key: str) -> str:
        """Return the Matrix id of a person from their key, which is the id in lower case."""
        return next((person for person in self._rooms if person.lower() == key), key)

    def room(self, person: str) -> str | None:
        """Return the newest direct chat with a person that we are in, None if there is none."""
        return next((room for room in reversed(self._rooms.get(person, [])) if self.is_in(room)), None)

    async def add(self, person: str, room: str) -> None:
        """Remember a direct chat in the account data.

        Raises:
            OSError: the homeserver could not be reached.
            RequestRefused: the homeserver refuses the account data.
            TryLater: the homeserver asks for a pause.
        """
        async with self._turn:
            await self._add(person, room)

    async def open(self, person: str) -> tuple[str, bool]:
        """Return the room of a person's direct chat, and whether it was just created.

        Raises:
            OSError: the homeserver could not be reached.
            RequestRefused: the homeserver refuses the room.
            TryLater: the homeserver asks for a pause.
        """
        async with self._turn:
            if (known := self.room(person)) is not None:
                return known, False
            made = await self.wire.post("/createRoom", self._wish(person))
            room = text_in(made, "room_id")
            self.enter(room, self.encrypted)
            await self._add(person, room)
            return room, True

    async def invite_again(self, person: str, room: str) -> str:
        """Invite a person to their direct chat unless they are in it or invited. Return their former membership.

        Raises:
            OSError: the homeserver could not be reached.
            RequestRefused: the homeserver refuses the invitation.
            TryLater: the homeserver asks for a pause.
        """
        try:
            found = await self.wire.get(f"/rooms/{part(room)}/state/m.room.member/{part(person)}")
        except RequestRefused:
            found = {}
        membership = text_in(found, "membership")
        if membership not in ("join", "invite"):
            await self.wire.post(f"/rooms/{part(room)}/invite", {"user_id": person})
        return membership

    def _wish(self, person: str) -> JsonObject:
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
        return f"/user/{part(self.user)}/account_data/m.direct"
