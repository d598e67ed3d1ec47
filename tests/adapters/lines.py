"""A small adapter, complete: people connect with netcat, their first line is their nick, every other line is said.

It is the example of ``docs/adapter.rst`` and the subject of ``test_lines.py``.
"""

from __future__ import annotations

import asyncio
import contextlib

from attrs import field, frozen

from ptgbot.chat.adapter import Adapter, AdapterKind, Colour, Health, Hub
from ptgbot.chat.limits import above
from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot.chat.text import clean

LONGEST = 1000
"""Bytes of a line."""


# config
@frozen(kw_only=True)
class LinesConfig:
    """The ``[[lines]]`` table."""

    name: str = field(default="lines", metadata={"help": "Name of this network."})
    port: int = field(validator=above(0), metadata={"help": "Port of 127.0.0.1 at which people connect."})
    room: str = field(default="#hall", metadata={"help": "Name of the only room."})


# adapter
class Lines(Adapter):
    """A network of one room, in which everybody is an attendee."""

    def __init__(self, config: LinesConfig, first: bool) -> None:
        """Take the table, and whether it is the first of its kind: people of the first are known by nick alone."""
        self.name = config.name
        self._config = config
        self._first = first
        self._people: dict[str, asyncio.StreamWriter] = {}
        self._health = Health(Colour.YELLOW, "not listening yet")

    async def run(self, hub: Hub) -> None:
        """Listen until cancelled."""
        server = await asyncio.start_server(
            lambda reader, writer: self._met(hub, reader, writer), "127.0.0.1", self._config.port, limit=LONGEST
        )
        self._health = Health(Colour.GREEN, "listening")
        try:
            async with server:
                await server.serve_forever()
        finally:
            self._health = Health(Colour.RED, "closed")
            for writer in self._people.values():
                writer.close()

    async def _met(self, hub: Hub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nick = ""
        # A line beyond LONGEST is a ValueError, and a lost connection an OSError: both end the talk.
        with contextlib.suppress(OSError, ValueError):
            nick = clean((await reader.readline()).decode(errors="replace").strip())
            if nick and nick not in self._people:
                self._people[nick] = writer
                while line := await reader.readline():
                    self._said(hub, nick, line.decode(errors="replace").strip())
                self._people.pop(nick)
        writer.close()

    def _said(self, hub: Hub, nick: str, text: str) -> None:
        room = Room(self.name, self._config.room, self._config.room)
        hub.receive(Message(hub.clock(), room, Person(self._key(nick), nick), Role.ATTENDEE, text))

    def _key(self, nick: str) -> str:
        return nick.lower() if self._first else f"{nick.lower()}@{self.name}"

    def send(self, outgoing: Outgoing) -> None:
        """Write an answer to the person it is for, or to everybody in the room."""
        if outgoing.kind is Kind.REACH:
            return
        text = "done" if outgoing.kind is Kind.DONE else outgoing.text
        for nick, writer in self._people.items():
            if outgoing.target in (self._config.room, nick):
                writer.write(f"{clean(text)}\n".encode())

    def address(self, key: str) -> str | None:
        """Return the nick of a key of this network."""
        return next((nick for nick in self._people if self._key(nick) == key), None)

    def room(self, name: str) -> str | None:
        """Return the room by its name."""
        return name if name == self._config.room else None

    def health(self) -> Health:
        """Return whether people can connect."""
        return self._health


# kind
ADAPTER = AdapterKind(LinesConfig, Lines, rooms=lambda config: [config.room])
"""The entry point: ``lines = "ptgbot_lines:ADAPTER"`` in the group ``ptgbot.adapters``."""
