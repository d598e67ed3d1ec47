"""Invitations: direct chats always, rooms where the configuration names them, no others.

Source: Matrix client-server API, section "Joining rooms", "stripped state".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from attrs import define, field, frozen

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.directs import Directs
from ptgbot_matrix.event import events_in
from ptgbot_matrix.places import Places
from ptgbot_matrix.wire import Json, Refused, Wire, part

log = logging.getLogger(__name__)

TRIES = 10
"""Until an invitation that can't be accepted is left to itself."""
PATIENCE = 2.0


@frozen
class Invite:
    """Somebody wants us in a room."""

    room: str
    by: str
    direct: bool


def read(user: str, room: str, raw: Json) -> Invite | None:
    """Return the invitation of ``user`` in an entry of a sync's ``invite`` part."""
    for event in events_in(raw, "invite_state", "events"):
        if event.is_member(user) and event.membership == "invite":
            return Invite(room, event.sender, event.content.get("is_direct") is True)
    return None


@define(eq=False)
class Invites:
    """Answers invitations one by one, so that five hundred at once cost nobody else a second."""

    wire: Wire
    places: Places
    directs: Directs
    pause: float
    _waiting: asyncio.Queue[tuple[Invite, int, Callable[[], None]]] = field(factory=asyncio.Queue, init=False)

    def put(self, invite: Invite, through: Callable[[], None]) -> None:
        """Take an invitation; ``through`` is called when it has been answered."""
        self._waiting.put_nowait((invite, 1, through))

    async def run(self) -> None:
        """Answer, for ever."""
        while True:
            invite, tries, through = await self._waiting.get()
            try:
                await self._answer(invite)
            except Refused as refused:  # withdrawn, mostly
                log.info("the invitation of %s could not be answered: %s", invite.by, refused)
                through()
            except (TryLater, OSError) as error:
                if tries >= TRIES:
                    through()
                else:
                    self._waiting.put_nowait((invite, tries + 1, through))
                await asyncio.sleep(error.seconds if isinstance(error, TryLater) else PATIENCE)
            else:
                through()
            await asyncio.sleep(self.pause)

    async def _answer(self, invite: Invite) -> None:
        if not invite.direct and self.places.of(invite.room) is None:
            await self.places.resolve()
        if self.places.of(invite.room) is not None:
            await self.wire.post(f"/join/{part(invite.room)}", {})
        elif invite.direct:
            await self.wire.post(f"/join/{part(invite.room)}", {})
            await self.directs.add(invite.by, invite.room)
        else:
            log.info("%s invited us to %s, which no configuration names", invite.by, invite.room)
            await self.wire.post(f"/rooms/{part(invite.room)}/leave", {})
