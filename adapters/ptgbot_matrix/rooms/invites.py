"""Invitations: direct chats are always accepted, rooms if the configuration names them, others are declined.

Source: Matrix client-server API, sections "Joining rooms", "Stripped state".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.event import events_in
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.directs import DirectChats
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part

log = logging.getLogger(__name__)

TRIES: Final = 10
"""How often we try to answer an invitation."""
RETRY_PAUSE: Final = 2.0
"""Seconds before the next try after an error."""


@frozen
class Invite:
    """Somebody invites us to a room."""

    room: str
    by: str
    """Matrix id of whoever invites us."""
    direct: bool
    """Whether they call it a direct chat."""


def read_invite(user: str, room: str, stripped_state: JsonObject) -> Invite | None:
    """Return the invitation of ``user`` in an entry of a sync's ``invite`` part, None if there is none."""
    for event in events_in(stripped_state, "invite_state", "events"):
        if event.is_member(user) and event.membership == "invite":
            return Invite(room, event.sender, event.content.get("is_direct") is True)
    return None


@define(eq=False)
class Invites:
    """Answers invitations one by one, so that five hundred at once delay nobody else's commands."""

    wire: Wire
    configured: ConfiguredRooms
    directs: DirectChats
    pause: float
    """Seconds between two answers."""
    _waiting: asyncio.Queue[tuple[Invite, int, Callable[[], None]]] = field(factory=asyncio.Queue, init=False)

    def put(self, invite: Invite, answered: Callable[[], None]) -> None:
        """Queue an invitation; ``answered`` is called when it has been answered or given up."""
        self._waiting.put_nowait((invite, 1, answered))

    async def run(self) -> None:
        """Answer invitations for ever."""
        while True:
            invite, tries, answered = await self._waiting.get()
            try:
                await self._answer(invite)
            except RequestRefused as refused:  # in most cases the invitation was withdrawn
                log.info("the invitation of %s could not be answered: %s", invite.by, refused)
                answered()
            except (TryLater, OSError) as error:
                if tries >= TRIES:
                    answered()
                else:
                    self._waiting.put_nowait((invite, tries + 1, answered))
                await asyncio.sleep(error.seconds if isinstance(error, TryLater) else RETRY_PAUSE)
            else:
                answered()
            await asyncio.sleep(self.pause)

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
