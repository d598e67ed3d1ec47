"""What an adapter must be, and what the core offers it. An adapter knows a protocol and no feature."""

from __future__ import annotations

import abc
import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import frozen

from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Cursor, Mark, Message, Outgoing, Person, Room


class Colour(enum.Enum):
    """Health of a part: green works, yellow is on its way, red needs somebody."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@frozen
class Health:
    """How a part is doing, in one sentence for the operator."""

    colour: Colour
    text: str


class LoginRefused(Exception):
    """The server does not accept our name or password: this adapter ends, others go on."""


class Undeliverable(Exception):
    """A room does not take a line or a topic, and trying again is no use; the message is a sentence that says why."""


class Hub(Protocol):
    """What the core offers an adapter."""

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        """Take a message, a position or something heard into the inbox, in order of arrival.

        Never blocks; returns False where the item was dropped. With a position the core forgets the messages handed in
        before it, and what was answered: hand it in when those answers have left. A mark behind the messages says when
        they are on their way.

        Every line that may be a command is handed in as a :class:`~ptgbot.chat.message.Message`; the core itself makes
        ``HeardKind.LINE`` of it. Hand in a :class:`~ptgbot.chat.heard.Heard` only for the other kinds, only for rooms
        that :meth:`listens` names, and never for what the bot itself did.
        """

    def listens(self, room: Room) -> bool:
        """Say whether any feature wants to hear what happens in a room besides commands. Cheap: asked for each line."""

    def clock(self) -> datetime:
        """Return the time now (UTC, aware)."""

    def position(self, network: str) -> str | None:
        """Return the committed position of an adapter, if it has ever handed one in."""

    def report(self, network: str, text: str) -> None:
        """Tell the operators of this installation one sentence."""


class Adapter(abc.ABC):
    """A connection to one network. Made once, lives until the program stops."""

    name: str
    """Name of the network, unique in the configuration."""

    @abc.abstractmethod
    async def run(self, hub: Hub) -> None:
        """Connect, hand messages to ``hub``, come back when the connection is lost, for ever.

        Returns only where it can go on no more (a console that was closed). Raises LoginRefused where the server
        refuses the login. Cancelling it closes the connection cleanly.
        """

    @abc.abstractmethod
    def send(self, outgoing: Outgoing) -> None:
        """Queue an answer and return at once; an answer beyond the bounds is dropped and counted."""

    async def deliver(self, outgoing: Outgoing) -> None:
        """Send one announcement and return once the server has it for certain.

        It leaves at the normal pace behind everything more urgent, is never dropped for other answers and never
        expires: the caller sets the deadline. Cancelling takes back what has not left yet. The caller has at most one
        delivery in flight for each network, and calls again with the same ``transaction`` after an OSError: a network
        that recognises the transaction shows the line once, others show it at least once.

        Raises:
            OSError: not now, such as a connection lost before the server confirmed. Try again later.
            TryLater: not now; ``seconds`` says when to try again.
            Undeliverable: never, such as an unknown room, a ban or a refusal of the server.
        """
        raise Undeliverable(f"{self.name} delivers no announcements")

    def topic(self, target: str) -> str | None:
        """Return the topic of a room as the server told it last, without formatting.

        Return the empty string where no topic is set, and None while it is not known: not connected, not in the room,
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

    def members(self, target: str) -> Sequence[Person]:
        """Return who is in a room, without the bot itself; empty while that is not known."""
        return ()

    @abc.abstractmethod
    def address(self, key: str) -> str | None:
        """Return the target for a private message to the person with this key, None if not of this network."""

    @abc.abstractmethod
    def room(self, name: str) -> str | None:
        """Return the target for a room of the configuration by its name there, None where we are not in it now."""

    @abc.abstractmethod
    def health(self) -> Health:
        """Return how the connection is doing."""

    def counts(self) -> Mapping[str, int]:
        """Return what went wrong since the start, by what it was: ``unsent`` answers, ``unreadable`` lines."""
        return {}

    async def drain(self) -> None:  # noqa: B027 - nothing to wait for unless an adapter queues
        """Wait until everything queued has been sent; the caller limits the time."""


@frozen
class Place:
    """A channel or room where people can take part, for the site."""

    room: str
    """Its name as people know it."""
    url: str
    """Opens it in a program of theirs (ircs, matrix.to)."""
    web: str = ""
    """Opens it in a browser; empty where that is not offered."""


@frozen
class Finding:
    """What a look at a network found, in one sentence."""

    text: str
    good: bool = True
    """False where somebody has to do something before the bot works."""


@frozen
class AdapterKind:
    """A protocol, found through the entry-point group ``ptgbot.adapters`` under its name.

    ``config`` is an attrs class with a ``name`` attribute: one instance for each ``[[NAME]]`` table. ``make`` gets
    the instance and whether it is the first table of its kind.
    """

    config: type[Any]
    make: Callable[[Any, bool], Adapter]
    check: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Problems of a configuration, each a sentence; without connecting to anything."""
    rooms: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Names of the channels and rooms of a configuration, as :meth:`Adapter.room` takes them."""
    features: Callable[[Any], Sequence[str]] = lambda _config: ()
    """Names of the features that a configuration switches on in its rooms."""
    places: Callable[[Any], Sequence[Place]] = lambda _config: ()
    """Channels and rooms of a configuration that may be shown to everybody."""
    look: Callable[[Any], Awaitable[Sequence[Finding]]] | None = None
    """Log in, look around and leave again, without joining or saying anything. Raises nothing that is expected."""
