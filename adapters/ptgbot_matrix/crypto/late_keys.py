"""Encrypted messages whose keys are missing. They are kept for a while, because a key may come with a later sync."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from attrs import define, field, frozen

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.timeline import Readable, Undecrypted
from ptgbot_matrix.session.sync_tokens import SyncBatch

log = logging.getLogger(__name__)

MOST_WAITING: Final = 500
"""Messages that wait at most; further ones are dropped."""
KEY_PATIENCE: Final = 60.0
"""Seconds in which the key of a message may still come."""
NO_KEY: Final = "I can't decrypt what you wrote: your client gave me no key. Please type it again."


@frozen
class _Waiting:
    """A message that cannot be decrypted yet. Its batch is held open."""

    message: Undecrypted
    batch: SyncBatch
    until: float
    release: Callable[[], None]


@frozen
class Decrypted:
    """A message whose key has arrived."""

    entries: Sequence[Readable]
    """What the message says."""
    batch: SyncBatch
    """The batch that the message came with."""
    release: Callable[[], None]
    """To be called behind the message; its answer then holds the batch itself."""


@define(eq=False)
class LateKeys:
    """The messages that wait for their keys."""

    config: MatrixConfig
    configured: ConfiguredRooms
    decrypt: Callable[[Undecrypted], Sequence[Readable] | None]
    """Returns what a message says, None while its key is missing."""
    say: Callable[[Outgoing, SyncBatch], None]
    """Queues a line of ours that belongs to a batch."""
    clock: Callable[[], float] = time.monotonic
    unreadable: int = field(default=0, init=False)
    """Messages whose key never came."""
    _waiting: list[_Waiting] = field(factory=list, init=False)

    def put(self, message: Undecrypted, batch: SyncBatch) -> None:
        """Keep a message that cannot be decrypted."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(_Waiting(message, batch, self.clock() + KEY_PATIENCE, batch.hold()))

    @property
    def is_due(self) -> bool:
        """Whether any message has waited too long."""
        return any(self.clock() >= waiting.until for waiting in self._waiting)

    def retry(self) -> list[Decrypted]:
        """Return the messages that can be decrypted now, and give up those that have waited too long."""
        before, self._waiting = self._waiting, []
        decrypted = []
        for waiting in before:
            if (entries := self.decrypt(waiting.message)) is not None:
                decrypted.append(Decrypted(entries, waiting.batch, waiting.release))
            elif self.clock() < waiting.until:
                self._waiting.append(waiting)
            else:
                self._give_up(waiting)
        return decrypted

    def _give_up(self, waiting: _Waiting) -> None:
        room, event = waiting.message.room, waiting.message.event
        self.unreadable += 1
        log.warning("%s: no key came for a message of %s", self.config.name, event.sender)
        if self.configured.of(room) is None:
            self.say(Outgoing(Kind.ANNOUNCE, room, NO_KEY, None, f"ptg-unread-{event.id}"), waiting.batch)
        waiting.release()
