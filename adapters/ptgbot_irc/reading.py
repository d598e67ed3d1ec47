"""Turns lines into messages: sender, room, rights and text."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from weakref import WeakKeyDictionary

from attrs import define, field

from ptgbot.chat.addressing import Addressed, said_to
from ptgbot.chat.bridged import Bridges
from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.chat.text import wildcards
from ptgbot_irc.config import ChannelConfig
from ptgbot_irc.line import Line
from ptgbot_irc.names import is_nick
from ptgbot_irc.session import Session
from ptgbot_irc.text import clean, is_ctcp


@define(eq=False)
class Reader:
    """Reads the messages in the lines of one connection."""

    network: str
    session: Session
    first: bool
    """True on the first IRC network of the configuration: keys of people are bare nicks there."""
    rooms: Iterable[ChannelConfig] = ()
    ignore: Iterable[str] = ()
    """Nicks of bridges and other bots."""
    bots: Container[str] = ()
    """Nicks that have the mode of a bot."""
    bridges: Bridges = field(factory=Bridges)
    """The puppets and relay bots of bridges."""
    ids: WeakKeyDictionary[Message, str] = field(factory=WeakKeyDictionary, init=False)
    """The server's ids of messages that are not answered yet, for the reply tag."""
    addressed: Addressed = field(factory=Addressed, init=False)
    """Stops conversations with other bots that are not known as such."""
    _known: tuple[tuple[str, str], Mapping[str, Room]] = field(default=(("", ""), {}), init=False)
    """The rooms by their folded names, with the casemapping and our nick for which they were made."""

    def adopt(self, rooms: Iterable[ChannelConfig], ignore: Iterable[str], bridges: Bridges) -> None:
        """Take changed channels, nicks of bots, and bridges."""
        self.rooms, self.ignore, self.bridges, self._known = rooms, ignore, bridges, (("", ""), {})

    def read(self, line: Line, at: datetime) -> Message | None:
        """Return the message in a line with the rights that its sender has now, None if the line is no command to us.

        Notices, our own lines, CTCP requests (``/me`` included), history and the messages of bots are never commands
        (RFC 1459 section 4.4.2; https://ircv3.net/specs/extensions/bot-mode). ``at`` is the time of arrival (UTC).
        """
        relay = self._is_relay(line)
        if line.command != "PRIVMSG" or len(line.params) < 2 or not (relay or self.is_person(line)):
            return None
        target, text = line.params[0], line.params[1]
        if is_ctcp(text) or "batch" in line.tags:
            return None
        channel = self.session.features.channel_of(target)
        if channel is not None:
            message = self._said(line, channel, clean(text), at)
        elif self.session.is_own(target):
            room = Room(self.network, line.nick, line.nick)
            message = Message(at, room, self.sender(line), Role.ATTENDEE, clean(text), private=True)
        else:
            return None
        message = message and self.bridges.admit(message, line.nick, relay=relay)
        if message is None:
            return None
        own = self.session.identity.nick
        message = self.addressed.taken(message, said_to(message.text, [own], fold=self.session.features.fold))
        if line.tags.get("msgid"):
            self.ids[message] = line.tags["msgid"]
        return message

    def _said(self, line: Line, channel: str, text: str, at: datetime) -> Message | None:
        room = self.room(channel)
        if room is None or not self.is_live(line, channel):
            return None
        role = self.session.membership.role(channel, line.nick)
        return Message(at, room, self.sender(line), role, text)

    def room(self, channel: str) -> Room | None:
        """Return the configured room with this name in any case, None if there is none."""
        basis, known = self._known
        present = (self.session.features.casemapping, self.session.identity.nick)
        if basis != present:
            known = {self.session.features.fold(room.name): self._room(room) for room in self.rooms}
            self._known = (present, known)
        return known.get(self.session.features.fold(channel))

    def _room(self, room: ChannelConfig) -> Room:
        features = None if room.features is None else frozenset(room.features)
        return Room(self.network, room.name, room.name, features, nick=self.session.identity.nick)

    def _is_relay(self, line: Line) -> bool:
        """Say whether a line comes from a relay bot: not from ourselves, and not from an ignored nick."""
        if "!" not in line.source or self.session.is_own(line.nick) or self._is_ignored(line.nick):
            return False
        return self.bridges.is_relay(line.tags.get("account", ""), line.source)

    def is_person(self, line: Line) -> bool:
        """Say whether a line comes from a human: not from a server, a known bot or ourselves."""
        return "!" in line.source and "bot" not in line.tags and self.is_human(line.nick)

    def is_human(self, nick: str) -> bool:
        """Say whether a nick belongs to a human: not to us, a known bot or an ignored nick."""
        known = self.session.is_own(nick) or nick in self.bots or self._is_ignored(nick)
        return is_nick(nick) and not known

    def _is_ignored(self, nick: str) -> bool:
        fold = self.session.features.fold
        return wildcards(map(fold, self.ignore)).fullmatch(fold(nick)) is not None

    def is_live(self, line: Line, channel: str) -> bool:
        """Say whether a line was sent after our own JOIN, by the server's clock, and is not played back from history.
        """
        here = self.session.membership.channel(channel)
        older = here and here.joined_at and line.tags.get("time", here.joined_at) < here.joined_at
        return not older and "batch" not in line.tags

    def sender(self, line: Line) -> Person:
        """Return the person who sent a line, with the account that the line's ``account`` tag names.

        Source: https://ircv3.net/specs/extensions/account-tag.
        """
        # The account of this line only: whoever takes a nick would inherit what was remembered for it.
        return self.person(line.nick, line.tags.get("account") or None)

    def person(self, nick: str, account: str | None = None) -> Person:
        """Return the person with a nick on this network, and the account if it is known."""
        key = nick.lower() if self.first else f"{nick.lower()}@{self.network}"
        return Person(key, nick, account, self.session.features.casemapping)
