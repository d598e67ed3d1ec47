"""Messages and answers: who said what in which room, and what is replied."""

from __future__ import annotations

import enum
import itertools
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen

_START: Final = secrets.token_hex(2)
_NUMBERS: Final = itertools.count(1)


def _traced() -> str:
    """Return an id that no other message of this process has, and hardly one of another process."""
    return f"{_START}-{next(_NUMBERS)}"


class Role(enum.IntEnum):
    """Standing of the sender in the room when the line arrived, as the server told it."""

    ATTENDEE = 0
    MODERATOR = 1
    """Voiced or above (IRC), ``moderator_level`` or above (Matrix)."""
    ADMIN = 2
    """Channel operator or above (IRC), ``admin_level`` or above (Matrix)."""


@frozen
class Person:
    """A person who types.

    ``key`` names the person in the state: the lower-cased nick on the first IRC network, ``nick@NETWORK`` on
    further ones, the lower-cased full user id on Matrix. ``nick`` is what others see: the IRC nick or the Matrix
    local part. ``account`` is the services account or Matrix id that the server vouched for on this very line.
    """

    key: str
    nick: str
    account: str | None = None
    casemapping: str = "ascii"
    """Casemapping of the network: ``ascii``, ``rfc1459`` or ``rfc1459-strict`` (IRC ISUPPORT)."""
    linked: str = ""
    """The account on another network that the person has linked with ``+link``; ``key`` is then the same on both."""

    bridged: bool = False
    """Whether the person came over a bridge, so that the server vouches for the bridge only."""
    display: str = ""
    """The display name in the room, where the network has one besides the nick (Matrix). Anybody may take any name."""

    @property
    def is_reachable(self) -> bool:
        """Whether private messages reach the person, not so behind a relay bot, where keys begin with ``<``."""
        return not self.key.startswith("<")

    @property
    def accounts(self) -> tuple[str, ...]:
        """All accounts that a server has vouched for, none if the person came over a bridge."""
        return () if self.bridged else tuple(account for account in (self.account, self.linked) if account)


@frozen
class Room:
    """A channel or room. ``network`` is the name of the adapter, ``id`` the adapter's own name of the room."""

    network: str
    id: str
    name: str
    """Its name for people, such as ``#openinfra-events``."""
    features: frozenset[str] | None = None
    """Names of the features switched on here; None means all."""
    exclamation: bool = False
    """Whether ``!`` may stand for each of the signs that commands begin with."""
    nick: str = ""
    """The nick of the bot in this room, as others see it; empty while unknown."""


@frozen
class Message:
    """One line from a person, as it arrived."""

    at: datetime
    """When it arrived (UTC, aware)."""
    room: Room
    person: Person
    role: Role
    text: str
    private: bool = False
    """Whether only the bot and the person read it; the room is then the person's own."""
    id: str = ""
    """The protocol's id of the message; empty where the protocol never delivers one twice (IRC)."""
    trace: str = field(factory=_traced, eq=False, repr=False, kw_only=True)
    """Names the message in every record of the log that is about it."""
    said: str | None = None
    """What a line that names the bot first, such as ``ptgbot: now``, says to it; None for any other line."""

    @property
    def direct(self) -> bool:
        """Whether the message is for the bot: in private, or because the line names it first."""
        return self.private or self.said is not None


@frozen
class Cursor:
    """The position of an adapter in its server's history. Earlier messages are never sent again."""

    network: str
    position: str
    passed: frozenset[str] | None = None
    """Ids of the messages before it; other handled messages stay remembered. None means all so far."""


@frozen
class Mark:
    """A request of an adapter to be told when all messages before the mark are done.

    ``passed`` is called once everything of ``network`` before the mark is decided and written, fetches included, and
    its answers are on their way. A mark without a network does not wait for fetches.
    """

    network: str
    passed: Callable[[], None]


ITEMS: Final = " | "
"""What separates the items of a list in one line."""


@frozen
class Reply:
    """An answer to the person who asked, in the room where they asked."""

    text: str
    """The whole answer in one line."""
    items: tuple[str, ...] = ()
    """The end of the text as the items of a list, for networks that can show one. See :func:`listed`."""
    people: tuple[str, ...] = ()
    """Keys of people whom the text names by their nicks, for networks that can link people."""
    instead: str = ""
    """What the journal keeps in place of a text that no file may have; empty to keep the text."""


def listed(items: Sequence[str], head: str = "", people: Sequence[str] = ()) -> Reply:
    """Return an answer with a list. A single item without a sentence before it is no list.

    Args:
        items: the items.
        head: a sentence before the list.
        people: keys of people whom the answer names by their nicks.
    """
    is_list = head or len(items) > 1
    return Reply(ITEMS.join([head, *items] if head else items), tuple(items) if is_list else (), tuple(people))


@frozen
class Done:
    """Success without words: a short line or a reaction on IRC, as the channel is configured, a reaction on Matrix."""

    quiet: bool = False
    """Whether nothing is better than a line: then only networks and channels with reactions tell it."""


@frozen
class Tell:
    """A private message that a person subscribed to. It rings: PRIVMSG on IRC, a mention on Matrix."""

    key: str
    text: str


@frozen
class Reach:
    """A request to prepare private messages to the person who asked, where the network needs it (Matrix direct chat).
    """


@frozen
class Target:
    """A room of any network. ``room`` is the adapter's own name of it."""

    network: str
    room: str


@frozen
class Announce:
    """A line to everybody in a room, addressed to nobody."""

    text: str
    to: Target | None = None
    """The room; None means the room of the message."""


Answer = Reply | Done | Tell | Reach | Announce


class Kind(enum.Enum):
    """The kind of an outgoing text. An outbox sends the kinds in this order of urgency."""

    REPLY = "reply"
    DONE = "done"
    REACH = "reach"
    TELL = "tell"
    ANNOUNCE = "announce"
    TOPIC = "topic"


@frozen
class Outgoing:
    """One answer on its way to one target of one adapter."""

    kind: Kind
    target: str
    """Id of a room, or for ``TELL`` the address that the adapter gave for the person's key."""
    text: str
    message: Message | None = None
    """The message it answers, if any."""
    transaction: str = ""
    """Stable over redelivery (``EVENT-N``), empty where the protocol has none."""
    more: str = ""
    """Address of a page that shows more; it is sent when the text must be cut."""
    items: tuple[str, ...] = ()
    """The end of the text as the items of a list, as in :class:`Reply`."""
    quiet: bool = False
    """Whether a success must not become a line, as in :class:`Done`."""
    people: tuple[str, ...] = ()
    """Keys of people whom the text names, as in :class:`Reply`."""
