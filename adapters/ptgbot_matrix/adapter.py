"""The adapter of one Matrix account: one connection after the other, and the queues of answers that outlast them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import attrs

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, LoginRefused
from ptgbot.chat.message import Outgoing, Person
from ptgbot.chat.racing import first_of
from ptgbot_matrix.answer_event import AnswerEvent
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.connection import MatrixConnection
from ptgbot_matrix.queues import AnswerQueues
from ptgbot_matrix.rooms.topics import TOPIC_LIMIT
from ptgbot_matrix.session.login import DeviceLost


class MatrixAdapter(Adapter):
    """The adapter of one Matrix account."""

    def __init__(self, config: MatrixConfig, first: bool) -> None:
        self.name = config.name
        self._config = config
        self._first = first
        self._connection: MatrixConnection | None = None
        self._refused = ""
        self._unreadable = 0
        self.queues = AnswerQueues(config, self._ready, self._events, self._write)

    async def run(self, hub: Hub) -> None:
        """Stay logged in until cancelled.

        Raises:
            LoginRefused: the homeserver does not accept our name, password or token.
        """
        self._refused = ""
        while True:
            connection = self._connection = MatrixConnection(self._config, hub, self.queues)
            try:
                await first_of(connection=connection.run(), queues=self.queues.run())
            except LoginRefused as refused:
                self._refused = str(refused)
                raise
            except DeviceLost as lost:
                hub.report(self.name, f"we log in as a new device: {lost}")
                connection.forget_login()
            finally:
                self._unreadable += connection.unreadable
                self._connection = None

    def send(self, outgoing: Outgoing) -> None:
        """Queue an answer."""
        if not outgoing.transaction:
            outgoing = attrs.evolve(outgoing, transaction=f"ptg-{uuid.uuid4()}")
        if self._connection:
            self._connection.send(outgoing)
        else:
            self.queues.put(outgoing)

    async def deliver(self, outgoing: Outgoing) -> str | None:
        """Send one announcement under its transaction id, so that a second try shows it once. Return its event id.

        That holds for one device, as long as the homeserver remembers the transaction id.

        Raises:
            OSError: there is no connection, or the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused the event, or we cannot be in the room.
        """
        return await (await self._behind_answers()).deliver(outgoing)

    def topic(self, target: str) -> str | None:
        """Return the topic in the state of a room without formatting, None while we are not in it."""
        return self._connection.topics.get(target) if self._connection and self._connection.session.up else None

    async def set_topic(self, target: str, text: str) -> None:
        """Set the topic of a room; the homeserver's response confirms it.

        Raises:
            OSError: there is no connection, or the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused the topic, or we cannot be in the room.
        """
        await (await self._behind_answers()).topics.set(target, text)

    def topic_limit(self, target: str) -> int:
        """Return the longest topic in bytes. The limit is ours; Matrix only limits the size of an event."""
        return TOPIC_LIMIT

    def pinned(self, target: str) -> Sequence[str] | None:
        """Return the event ids in the ``m.room.pinned_events`` of a room, None while we are not in it."""
        return self._connection.pins.get(target) if self._connection and self._connection.session.up else None

    async def ask_pinned(self, target: str) -> Sequence[str]:
        """Ask the homeserver for the event ids that are pinned in a room.

        Raises:
            OSError: there is no connection, or the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused, or we cannot be in the room.
        """
        return await (await self._behind_answers()).pins.ask(target)

    async def set_pinned(self, target: str, lines: Sequence[str]) -> None:
        """Set the event ids that are pinned in a room; the homeserver's response confirms it.

        Raises:
            OSError: there is no connection, or the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused, or we cannot be in the room.
        """
        await (await self._behind_answers()).pins.set(target, lines)

    def members(self, target: str) -> Sequence[Person]:
        """Return the people in a room in which a feature listens.

        For other rooms the homeserver is not asked for members.
        """
        return self._connection.timelines.members(target) if self._connection and self._connection.session.up else ()

    def address(self, key: str) -> str | None:
        """Return the Matrix id in a person's key, None for a key of another network.

        Only the first Matrix account of a configuration answers for Matrix ids.
        """
        if not (self._first and key.startswith("@") and ":" in key):
            return None
        return self._connection.directs.person(key) if self._connection else key

    def is_connected(self) -> bool:
        """Say whether we are logged in and the homeserver answers."""
        return self._connection is not None and self._connection.session.up

    def waiting(self) -> int:
        """Return the number of answers that wait to be sent."""
        return self.queues.waiting()

    def adopt(self, config: MatrixConfig) -> None:
        """Take changed rooms: new ones are joined, those that are not named any more are left."""
        self._config = config
        if self._connection:
            self._connection.adopt(config)

    def counts(self) -> Mapping[str, int]:
        """Return the number of answers that were dropped unsent and of encrypted messages that could not be read."""
        now = self._connection.unreadable if self._connection else 0
        return {"unsent": self.queues.dropped.total(), "unreadable": self._unreadable + now}

    def room(self, name: str) -> str | None:
        """Return the id of a room by the alias or id in the configuration, None if we are not in it."""
        return self._connection.configured.joined_as(name) if self._connection else None

    def health(self) -> Health:
        """Return the state of the connection."""
        connection = self._connection
        if self._refused:
            return Health(Colour.RED, self._refused)
        if connection is None:
            return Health(Colour.YELLOW, "not started")
        if not connection.session.up:
            return Health(Colour.YELLOW, f"not connected: {connection.session.trouble.text or 'on its way'}")
        missing = [
            f"{room.name}{f' ({room.problem})' if room.problem else ''}" for room in connection.configured.missing()
        ]
        if missing:
            return Health(Colour.YELLOW, f"not in {', '.join(missing)}")
        if connection.untrusted:
            return Health(Colour.YELLOW, f"as {self._config.user}: {connection.untrusted}")
        return Health(Colour.GREEN, f"as {self._config.user}")

    async def drain(self) -> None:
        """Wait until all queued answers have been sent; the caller limits the time."""
        await self.queues.drain()

    async def _behind_answers(self) -> MatrixConnection:
        """Wait until answers to people have left, and return the connection. Raises ConnectionError."""
        self._connected()
        await self.queues.urgent.wait()
        return self._connected()

    def _connected(self) -> MatrixConnection:
        if self._connection is None or not self._connection.session.up:
            raise ConnectionError(f"{self.name} is not connected")
        return self._connection

    def _ready(self, _target: str) -> bool:
        return self._connection is not None and self._connection.session.up

    def _events(self, outgoing: Outgoing) -> Sequence[AnswerEvent]:
        return self._connection.delivery.events(outgoing) if self._connection else ()

    async def _write(self, event: AnswerEvent) -> None:
        if self._connection is None:
            raise ConnectionError("not connected")
        await self._connection.delivery.write(event)
