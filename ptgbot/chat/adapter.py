"""What an adapter must be, and what the core offers it. An adapter knows a protocol and no feature."""

from __future__ import annotations

import abc
import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import frozen

from ptgbot.chat.message import Cursor, Mark, Message, Outgoing


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


class Hub(Protocol):
    """What the core offers an adapter."""

    def receive(self, item: Message | Cursor | Mark) -> bool:
        """Take a message or a position into the inbox, in order. Never blocks; False where it was dropped.

        With a position the core forgets the messages handed in before it, and what was answered: hand it in when
        those answers have left. A mark behind the messages says when they are on their way.
        """

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
        """Queue an answer and return at once; what does not fit the bounds is dropped and counted."""

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
