"""The adapter: lives of the connection, one behind the other, and the answers that outlast them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import attrs

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, LoginRefused
from ptgbot.chat.message import Outgoing
from ptgbot.chat.racing import first_of
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.encryption import DeviceLost
from ptgbot_matrix.life import Life
from ptgbot_matrix.posts import Posts
from ptgbot_matrix.speaking import Piece


class MatrixAdapter(Adapter):
    """One Matrix account."""

    def __init__(self, config: MatrixConfig, first: bool) -> None:
        self.name = config.name
        self._config = config
        self._first = first
        self._life: Life | None = None
        self._refused = ""
        self._unreadable = 0
        self.posts = Posts(config, self.ready, self.pieces, self.write, self._left)

    async def run(self, hub: Hub) -> None:
        """Stay logged in until cancelled. Raises LoginRefused."""
        self._refused = ""
        while True:
            life = self._life = Life(self._config, hub, self.posts.put, self.posts.wake)
            try:
                await first_of(life=life.run(), posts=self.posts.run())
            except LoginRefused as refused:
                self._refused = str(refused)
                raise
            except DeviceLost as lost:
                hub.report(self.name, f"we log in as a new device: {lost}")
                life.forget_login()
            finally:
                self._unreadable += life.unread
                self._life = None

    def send(self, outgoing: Outgoing) -> None:
        """Queue an answer; the position of the message it answers waits until it has left."""
        # A copy of our own: its identity tells when this very answer has left.
        outgoing = attrs.evolve(outgoing, transaction=outgoing.transaction or f"ptg-{uuid.uuid4()}")
        through = self._life.answering(outgoing) if self._life else None
        if not self.posts.put(outgoing):
            if through:
                through()
        elif through and self._life:
            self._life.hold(outgoing, through)

    def address(self, key: str) -> str | None:
        """Return the Matrix id of a key, which only the first account of a configuration answers for."""
        if not (self._first and key.startswith("@") and ":" in key):
            return None
        return self._life.directs.person(key) if self._life else key

    def counts(self) -> Mapping[str, int]:
        """Return how many answers never left and how many encrypted messages could not be read."""
        now = self._life.unread if self._life else 0
        return {"unsent": self.posts.dropped.total(), "unreadable": self._unreadable + now}

    def room(self, name: str) -> str | None:
        """Return the id of a room that we are in, by the alias or id that the configuration has."""
        return self._life.places.joined_as(name) if self._life else None

    def health(self) -> Health:
        """Return how the connection is doing."""
        life = self._life
        if self._refused:
            return Health(Colour.RED, self._refused)
        if life is None:
            return Health(Colour.YELLOW, "not started")
        if not life.up:
            return Health(Colour.YELLOW, f"not connected: {life.trouble.text or 'on its way'}")
        missing = [f"{place.name}{f' ({place.problem})' if place.problem else ''}" for place in life.places.missing()]
        if missing:
            return Health(Colour.YELLOW, f"not in {', '.join(missing)}")
        if life.unsigned:
            return Health(Colour.YELLOW, f"as {self._config.user}: {life.unsigned}")
        return Health(Colour.GREEN, f"as {self._config.user}")

    async def drain(self) -> None:
        """Wait until everything queued has been sent."""
        await self.posts.drain()

    # What the queues ask

    def ready(self, target: str) -> bool:
        """Say whether something can leave now."""
        return self._life is not None and self._life.up

    def pieces(self, outgoing: Outgoing) -> Sequence[Piece]:
        """Return the event that says an answer."""
        return self._life.delivery.pieces(outgoing) if self._life else ()

    async def write(self, piece: Piece) -> None:
        """Send an event. Raises OSError, TryLater."""
        if self._life is None:
            raise ConnectionError("not connected")
        await self._life.delivery.write(piece)

    def _left(self, outgoing: Outgoing) -> None:
        if self._life:
            self._life.left(outgoing)
