"""The console adapter: one person at a terminal who can speak as anybody."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import aclosing
from typing import TextIO

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, Undeliverable
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot.chat.text import clean, cut
from ptgbot_console.config import ConsoleConfig
from ptgbot_console.prompt import Action, Prompt
from ptgbot_console.terminal import Screen, read_lines

TOPIC_LIMIT = 390
"""Bytes of the longest topic, as on a common IRC server."""
ERASE = "\r\x1b[K"
"""Back to the start of the line and clear it (ECMA-48 EL): an answer takes the place of the prompt."""


class Console(Adapter):
    """A terminal, or a pipe, as chat network with one channel. It ends with its input."""

    def __init__(self, config: ConsoleConfig, first: bool, source: int, target: int) -> None:
        """Take the file descriptors to read lines from and to write answers to."""
        self.name = config.name
        self._first = first
        self._source = source
        self._screen = Screen(target)
        self._prompt = Prompt(config.nick, config.channel)
        self._interactive = _is_terminal(source) and _is_terminal(target)
        self._asking = False
        self._topic = ""
        self._health = Health(Colour.YELLOW, "not reading yet")

    async def run(self, hub: Hub) -> None:
        """Hand in typed lines until the input ends, ``/quit`` is typed or the output is closed."""
        self._health = Health(Colour.GREEN, "reading what is typed")
        reading = asyncio.create_task(self._read(hub), name=f"{self.name}: read")
        closed = asyncio.create_task(self._screen.closed.wait(), name=f"{self.name}: closed")
        try:
            await asyncio.wait([reading, closed], return_when=asyncio.FIRST_COMPLETED)
        finally:
            closed.cancel()
            reading.cancel()
            self._stop_asking()
            await asyncio.gather(reading, closed, return_exceptions=True)
            self._health = Health(Colour.RED, "closed")
        if not reading.cancelled():
            reading.result()

    def send(self, outgoing: Outgoing) -> None:
        """Print an answer, preceded by its room and the person it is for."""
        if outgoing.kind is Kind.REACH:
            return
        whom = outgoing.target if outgoing.kind is Kind.TELL else self._asker(outgoing)
        place = f"[{self._prompt.channel}]" if outgoing.target == self._prompt.channel else "[private]"
        start = " ".join(filter(None, (place, whom and f"{whom}:")))
        for line in _sentence(outgoing).split("\n"):
            self._show(f"{clean(start)} {clean(line)}")

    async def deliver(self, outgoing: Outgoing) -> None:
        """Print a line and wait until it has been written.

        Raises:
            Undeliverable: the target is not the channel.
        """
        self._must_be_here(outgoing.target)
        self.send(outgoing)
        await self.drain()

    def topic(self, target: str) -> str | None:
        """Return the topic of the channel, None for any other room."""
        return self._topic if target == self._prompt.channel else None

    async def set_topic(self, target: str, text: str) -> None:
        """Set the topic of the channel and print it.

        Raises:
            Undeliverable: the target is not the channel.
        """
        self._must_be_here(target)
        self._topic = cut(clean(text), self.topic_limit(target))
        self.send(Outgoing(Kind.TOPIC, target, self._topic))
        await self.drain()

    def topic_limit(self, _target: str) -> int:
        """Return the longest topic in bytes."""
        return TOPIC_LIMIT

    def members(self, target: str) -> Sequence[Person]:
        """Return the person who types, the only one known in the channel."""
        return [self._person()] if target == self._prompt.channel else []

    def _must_be_here(self, target: str) -> None:
        if target != self._prompt.channel:
            raise Undeliverable(f"there is no room {target} here, only {self._prompt.channel}")

    def address(self, key: str) -> str | None:
        """Return the nick in a key of this network, None for a key of another network."""
        nick, _, network = key.partition("@")
        return nick if nick and network == ("" if self._first else self.name) else None

    def room(self, name: str) -> str | None:
        """Return the name of the channel, None for any other name."""
        return name if name == self._prompt.channel else None

    def health(self) -> Health:
        """Return whether lines are read."""
        return self._health

    async def drain(self) -> None:
        """Wait until every answer has been written."""
        await self._screen.drain()

    async def _read(self, hub: Hub) -> None:
        if self._interactive:
            self._show(f"You are {self._prompt.nick} in {self._prompt.channel}. /help says what to type.")
        self._ask()
        async with aclosing(read_lines(self._source)) as lines:
            async for line in lines:
                self._asking = False
                if line is None:
                    self._show("That line is too long for a chat; it was left out.")
                elif self._typed(hub, line) is Action.QUIT:
                    return
                self._ask()

    def _typed(self, hub: Hub, line: str) -> Action:
        step = self._prompt.typed(line)
        self._prompt = step.prompt
        if step.action is Action.SHOW:
            self._show(step.text)
        elif step.action is Action.TALK and line.strip():
            self._hand_in(hub, self._message(hub, step.text))
        elif step.action is Action.ACT:
            self._happened(hub, HeardKind.ACTION, step.text)
        elif step.action is Action.TOPIC:
            self._topic = cut(step.text, TOPIC_LIMIT)
            self._happened(hub, HeardKind.TOPIC, self._topic)
        return step.action

    def _hand_in(self, hub: Hub, item: Message | Heard) -> None:
        if not hub.receive(item):
            self._show("That was too much at once; the line was left out.")

    def _happened(self, hub: Hub, kind: HeardKind, text: str) -> None:
        room = Room(self.name, self._prompt.channel, self._prompt.channel)
        if hub.listens(room) and not self._prompt.private:
            role = self._prompt.standing.role
            self._hand_in(hub, Heard(hub.clock(), kind, room, self._person(), role, text))

    def _message(self, hub: Hub, text: str) -> Message:
        nick, private = self._prompt.nick, self._prompt.private
        room = nick if private else self._prompt.channel
        role = Role.ATTENDEE if private else self._prompt.standing.role
        return Message(hub.clock(), Room(self.name, room, room), self._person(), role, text, private)

    def _person(self) -> Person:
        nick = self._prompt.nick
        return Person(nick.lower() if self._first else f"{nick.lower()}@{self.name}", nick)

    def _asker(self, outgoing: Outgoing) -> str:
        if outgoing.message is None or outgoing.kind in (Kind.ANNOUNCE, Kind.TOPIC):
            return ""
        return outgoing.message.person.nick

    def _show(self, text: str) -> None:
        if not self._asking:
            self._screen.write(f"{text}\n")
        else:
            self._screen.write(f"{ERASE}{text}\n{self._prompt}")

    def _ask(self) -> None:
        if self._interactive:
            self._screen.write(str(self._prompt))
            self._asking = True

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking = False
            self._screen.write("\n")


def _sentence(outgoing: Outgoing) -> str:
    if outgoing.kind is Kind.DONE:
        return "done"
    return f"topic: {outgoing.text}" if outgoing.kind is Kind.TOPIC else outgoing.text


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _descriptor(stream: TextIO | None) -> int:
    """Return the descriptor of a standard stream, -1 if the shell closed the stream.

    Plain 0 or 1 would be wrong: by now they may belong to somebody else's socket.
    """
    return stream.fileno() if stream is not None else -1


def make(config: ConsoleConfig, first: bool) -> Console:
    """Return a console on standard input and output."""
    return Console(config, first, _descriptor(sys.__stdin__), _descriptor(sys.__stdout__))
