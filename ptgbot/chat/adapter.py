"""The interface of adapters, and what the core offers them. An adapter knows a protocol and no feature."""

from __future__ import annotations

import abc
import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Cursor, Mark, Message, Outgoing, Person, Room


class Colour(enum.Enum):
    """Health of a part: green works, yellow is recovering, red needs a person."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@frozen
class Health:
    """The health of a part, with one sentence for the operator."""

    colour: Colour
    text: str


class LoginRefused(Exception):
    """The server does not accept our name or password. This adapter ends; others continue."""


class Undeliverable(Exception):
    """A room does not take a line, a topic or a pin, and a retry is useless. The message is a sentence that says why.
    """


class Hub(Protocol):
    """What the core offers to an adapter."""

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        """Put a message, a position, a mark or an event into the inbox, in the order of arrival. Never blocks.

        Return False if the item was dropped because the inbox is full.

        A :class:`~ptgbot.chat.message.Cursor` lets the core forget the messages before it and their answers, so hand it
        in only after those answers have left. A :class:`~ptgbot.chat.message.Mark` tells when they are on their way.

        Hand in every line that may be a command as a :class:`~ptgbot.chat.message.Message`; the core makes
        ``HeardKind.LINE`` of it. Hand in a :class:`~ptgbot.chat.heard.Heard` only for the other kinds, only for rooms
        that :meth:`listens` names, and never for what the bot itself did.
        """

    def listens(self, room: Room) -> bool:
        """Say whether a feature wants to hear events other than commands in a room.

        Called for each line, so it is cheap.
        """

    def clock(self) -> datetime:
        """Return the present time (UTC, aware)."""

    def position(self, network: str) -> str | None:
        """Return the committed position of an adapter, None if it has never handed one in."""

    def introduction(self) -> str:
        """Return who this bot is in a few words: the gathering, how to reach who runs it, its site; may be empty."""

    def report(self, network: str, text: str) -> None:
        """Tell the operators of this installation one sentence about a network."""


class Adapter(abc.ABC):
    """A connection to one network. It lives until the program stops, the network is taken out of the configuration, or
    its settings change in a way that needs a new connection."""

    name: str
    """Name of the network, unique in the configuration."""

    @abc.abstractmethod
    async def run(self, hub: Hub) -> None:
        """Connect, hand messages to ``hub``, and reconnect whenever the connection is lost.

        Returns only if the adapter cannot continue, such as a console whose input has ended. Cancelling it closes the
        connection cleanly.

        Raises:
            LoginRefused: the server does not accept our name or password.
        """

    @abc.abstractmethod
    def send(self, outgoing: Outgoing) -> None:
        """Queue an answer and return at once. An answer beyond the bounds of the queue is dropped and counted."""

    async def deliver(self, outgoing: Outgoing) -> str | None:
        """Send one announcement and return once the server certainly has it.

        Return the id by which the line can be pinned, None if the network has no such ids.

        It leaves at the normal pace behind everything more urgent, is never dropped for other answers and never
        expires: the caller sets the deadline. Cancelling takes back what has not left yet. The caller has at most one
        delivery in flight for each network, and calls again with the same ``transaction`` after an OSError. A network
        that recognises the transaction shows the line once, others show it at least once.

        Raises:
            OSError: not now, such as a connection lost before the server confirmed. Try again later.
            TryLater: not now; ``seconds`` says when to try again.
            Undeliverable: never, such as an unknown room, a ban or a refusal of the server.
        """
        raise Undeliverable(f"{self.name} delivers no announcements")

    def topic(self, target: str) -> str | None:
        """Return the topic of a room as the server last told it, without formatting.

        Return the empty string if no topic is set, and None while it is unknown: not connected, not in the room,
        or not told since the connection came back.
        """
        return None

    async def set_topic(self, target: str, text: str) -> None:
        """Set the topic of a room and return once the server has confirmed it.

        The text is cut to :meth:`topic_limit` by :func:`ptgbot.chat.text.cut`. Afterwards :meth:`topic` returns the
        topic as the server has it, which may differ from the text. Cancelling takes back what has not left yet.

        Raises:
            OSError: not now, such as a lost connection. Try again later.
            TryLater: not now; ``seconds`` says when to try again.
            Undeliverable: the server refused, such as ``not an operator in #nova (+t)``.
        """
        raise Undeliverable(f"{self.name} has no topics")

    def topic_limit(self, target: str) -> int:
        """Return the longest topic of a room, in bytes of UTF-8."""
        return 0

    def pinned(self, target: str) -> Sequence[str] | None:
        """Return the ids of the lines that are pinned in a room, as far as the server has told.

        Return None while that is unknown, and always if the network pins no lines.
        """
        return None

    async def ask_pinned(self, target: str) -> Sequence[str]:
        """Ask the server for the ids of the lines that are pinned in a room. :meth:`pinned` returns them from then on.

        Raises:
            OSError: not now, such as a lost connection. Ask again later.
            TryLater: not now; ``seconds`` says when to ask again.
            Undeliverable: the server refused.
        """
        raise Undeliverable(f"{self.name} pins no lines")

    async def set_pinned(self, target: str, lines: Sequence[str]) -> None:
        """Pin these lines in a room and no others, given their ids, and return once the server has confirmed it.

        Raises:
            OSError: not now, such as a lost connection. Try again later.
            TryLater: not now; ``seconds`` says when to try again.
            Undeliverable: the server refused, such as for a missing right.
        """
        raise Undeliverable(f"{self.name} pins no lines")

    def members(self, target: str) -> Sequence[Person]:
        """Return the people in a room without the bot itself; empty while unknown."""
        return ()

    @abc.abstractmethod
    def address(self, key: str) -> str | None:
        """Return the target for a private message to the person with this key, None if the key is of another network.
        """

    @abc.abstractmethod
    def room(self, name: str) -> str | None:
        """Return the target for a configured room by its name, None while we are not in it."""

    @abc.abstractmethod
    def health(self) -> Health:
        """Return the state of the connection."""

    def is_connected(self) -> bool:
        """Say whether the adapter is logged in on its network."""
        return True

    def waiting(self) -> int:
        """Return the number of answers that wait to be sent."""
        return 0

    def adopt(self, config: Any) -> None:  # noqa: B027 - nothing to do for an adapter without live keys
        """Take a changed configuration, in which only keys of :attr:`AdapterKind.live` differ.

        New rooms are joined, rooms that are not named any more are left, and the others are not disturbed.
        """

    def counts(self) -> Mapping[str, int]:
        """Return the number of failures since the start by kind, such as ``unsent`` answers and ``unreadable`` lines.
        """
        return {}

    async def drain(self) -> None:  # noqa: B027 - nothing to wait for unless an adapter queues
        """Wait until all queued answers have been sent; the caller limits the time."""


@frozen
class Place:
    """A public channel or room where people can take part, as the site shows it."""

    room: str
    """Its name as people know it."""
    url: str
    """Address that opens it in a chat program (ircs, matrix.to)."""
    web: str = ""
    """Address that opens it in a browser; empty if there is none."""


@frozen
class Finding:
    """One finding of ``ptgbot check`` about a network, as a sentence."""

    text: str
    good: bool = True
    """False if a person has to act before the bot works."""


@frozen
class AdapterKind:
    """A protocol, found by its name through the entry-point group ``ptgbot.adapters``.

    ``config`` is an attrs class with a ``name`` attribute: one instance for each ``[[NAME]]`` table. ``make`` gets
    the instance and whether it is the first table of its kind.
    """

    config: type[Any]
    make: Callable[[Any, bool], Adapter]
    check: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Return the problems of a configuration, one sentence each; opens no connection and no file with a secret."""
    secrets: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Return the problems of the passwords and keys of a configuration, one sentence each. Tools that log in nowhere do
    not call it: their user may not read those files."""
    rooms: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Names of the channels and rooms of a configuration, as :meth:`Adapter.room` takes them."""
    features: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Names of the features that a configuration switches on in its rooms."""
    places: Callable[[Any], Sequence[Place]] = lambda _config: ()
    """Channels and rooms of a configuration that may be shown to everybody."""
    folders: Callable[[Any], Sequence[Path]] = lambda _config: ()
    """Folders in which an adapter keeps what a backup must have, such as keys."""
    live: frozenset[str] = frozenset()
    """Keys of a configuration that :meth:`Adapter.adopt` changes while the adapter runs. After a change of another one
    the adapter is cancelled, and a new one is made."""
    quiet: Callable[[Any], Any] = lambda config: config
    """Return a configuration with which the adapter says nothing by itself, such as a greeting."""
    look: Callable[[Any], Awaitable[Sequence[Finding]]] | None = None
    """Log in, inspect the network and leave, without joining or saying anything. Expected failures are findings.

    The bot itself may be logged in meanwhile.
    """
