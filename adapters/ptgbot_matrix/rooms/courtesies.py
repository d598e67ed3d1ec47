"""Read receipts and typing notices: what people expect of each other. Nothing depends on them.

Source: Matrix client-server API, sections "Receipts", "Typing Notifications".
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from attrs import define, field

from ptgbot.chat.message import Message
from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire, part

log = logging.getLogger(__name__)

SHOWN: Final = 10_000
"""Milliseconds for which people see that the bot is typing, unless its answer comes before."""
MOST_WAITING: Final = 100
SIGNS: Final = "+~#!"
"""Signs that commands begin with."""


@define(eq=False)
class Courtesies:
    """Sends receipts and typing notices, one after the other, and never again if one fails."""

    config: MatrixConfig
    wire: Wire
    _waiting: asyncio.Queue[tuple[str, str, JsonObject]] = field(init=False)
    _typing: set[str] = field(factory=set, init=False)
    """Rooms in which people see us typing."""

    def __attrs_post_init__(self) -> None:
        self._waiting = asyncio.Queue(MOST_WAITING)

    def took(self, message: Message) -> None:
        """Note that a message was handed to the core. A message that looks like a command will be answered."""
        room = message.room.id
        if self.config.read_receipts:
            self._put("POST", f"/rooms/{part(room)}/receipt/m.read/{part(message.id)}", {})
        if self.config.typing and (message.private or message.text.lstrip()[:1] in [*SIGNS]):
            self._typing.add(room)
            self._put("PUT", self._path(room), {"typing": True, "timeout": SHOWN})

    def answered(self, room: str) -> None:
        """Note that an answer has left."""
        if room in self._typing:
            self._typing.discard(room)
            self._put("PUT", self._path(room), {"typing": False})

    async def run(self) -> None:
        """Send what waits, without end."""
        while True:
            method, path, body = await self._waiting.get()
            try:
                await self.wire.call(method, path, body)
            except (RequestRefused, TryLater, OSError) as error:
                log.debug("a courtesy was left out: %s", error)

    def _put(self, method: str, path: str, body: JsonObject) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait((method, path, body))

    def _path(self, room: str) -> str:
        return f"/rooms/{part(room)}/typing/{part(self.config.user)}"
