"""Invitations: direct chats of two people are accepted, rooms if the configuration names them, others are declined.

Whoever invites us says whether the room is a direct chat (``is_direct``). That counts only if nobody else is in it.
Source: Matrix client-server API, sections "Joining rooms", "Stripped state", "GET /rooms/{roomId}/members".
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import define, field, frozen

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.event import events_in, text_in
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.directs import DirectChats
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part

log = logging.getLogger(__name__)

TRIES: Final = 10
"""How often we try to answer an invitation."""
RETRY_PAUSE: Final = 2.0
"""Seconds before the next try after an error."""


_Job = Callable[[], Awaitable[None]]


@frozen
class Invite:
    """Somebody invites us to a room."""

    room: str
    by: str
    """Matrix id of whoever invites us."""
    direct: bool
    """Whether they call it a direct chat, and not everybody may join it."""


def read_invite(user: str, room: str, stripped_state: JsonObject) -> Invite | None:
    """Return the invitation of ``user`` in an entry of a sync's ``invite`` part, None if there is none."""
    events = [*events_in(stripped_state, "invite_state", "events")]
    public = any(e.type == "m.room.join_rules" and text_in(e.content, "join_rule") == "public" for e in events)
    for event in events:
        if event.is_member(user) and event.membership == "invite":
            return Invite(room, event.sender, event.content.get("is_direct") is True and not public)
    return None


@define(eq=False)
class Invites:
    """Answers invitations one by one, so that five hundred at once delay nobody else's commands."""

    wire: Wire
    configured: ConfiguredRooms
    directs: DirectChats
    pause: float
    """Seconds between two answers."""
    user: str
    """Matrix id of our account."""
    is_ignored: Callable[[str], bool]
    """Says whether a Matrix id is that of a bot or a bridge."""
    _waiting: asyncio.Queue[tuple[_Job, int, Callable[[], None]]] = field(factory=asyncio.Queue, init=False)

    def put(self, invite: Invite, answered: Callable[[], None]) -> None:
        """Queue an invitation; ``answered`` is called when it has been answered or given up."""
        self._waiting.put_nowait((functools.partial(self._answer, invite), 1, answered))

    def check(self, room: str, welcome: Callable[[], None], checked: Callable[[], None]) -> None:
        """Queue a look at who is in a direct chat. The bot leaves it if there are more than two people.

        ``welcome`` is called if there are not, ``checked`` in any case.
        """
        self._waiting.put_nowait((functools.partial(self._check, room, welcome), 1, checked))

    async def run(self) -> None:
        """Do what is queued, without end."""
        while True:
            job, tries, done = await self._waiting.get()
            try:
                await job()
            except RequestRefused as refused:  # in most cases the invitation was withdrawn
                log.info("an invitation could not be answered: %s", refused)
                done()
            except (TryLater, OSError) as error:
                if tries >= TRIES:
                    done()
                else:
                    self._waiting.put_nowait((job, tries + 1, done))
                await asyncio.sleep(error.seconds if isinstance(error, TryLater) else RETRY_PAUSE)
            else:
                done()
            await asyncio.sleep(self.pause)

    async def _check(self, room: str, welcome: Callable[[], None]) -> None:
        if self.configured.of(room) is None:
            found = await self.wire.get(f"/rooms/{part(room)}/members", {"not_membership": "leave"})
            there = {e.state_key for e in events_in(found, "chunk") if e.membership in ("join", "invite")}
            others = [user for user in there if user and user != self.user and not self.is_ignored(user)]
            if len(others) > 1:
                log.info("%s has %d people besides us and is not configured: we leave it", room, len(others))
                await self.wire.post(f"/rooms/{part(room)}/leave", {})
                return
        welcome()

    async def _answer(self, invite: Invite) -> None:
        if not invite.direct and self.configured.of(invite.room) is None:
            await self.configured.resolve()
        if self.configured.of(invite.room) is not None:
            await self.wire.post(f"/join/{part(invite.room)}", {})
        elif invite.direct:
            await self.wire.post(f"/join/{part(invite.room)}", {})
            await self.directs.add(invite.by, invite.room)
        else:
            log.info("%s invited us to %s, which no configuration names", invite.by, invite.room)
            await self.wire.post(f"/rooms/{part(invite.room)}/leave", {})
