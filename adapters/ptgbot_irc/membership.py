"""The members of our channels and their status, read line by line in the server's order.

We do not use pydle's record: it only adds to its lists at each NAMES, so that a former operator stays one, and it
compares nicks letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define, field

from ptgbot.chat.message import Role
from ptgbot_irc.isupport import Features
from ptgbot_irc.line import Line


@define
class Member:
    """A nick in a channel."""

    nick: str
    """As its owner writes it."""
    modes: set[str] = field(factory=set)
    """Modes of the status in the channel (``{"o", "v"}``)."""


Members = dict[str, Member]
"""Folded nick → member."""


@define(eq=False)
class Channel:
    """A channel that we are in."""

    name: str
    joined_at: str = ""
    """The server's time of our own JOIN, where it tells the time: older messages are history."""
    members: Members = field(factory=dict)
    names: Members | None = None
    """The members that a NAMES reply has listed so far; they take the place of ``members`` when the reply ends."""
    complete: bool = False
    """Whether a NAMES reply has ended since our JOIN."""
    topic: str | None = None
    """As the server told it, with formatting; empty where none is set, None until that is known."""

    def records(self) -> Iterable[Members]:
        """Return the records to change. There are two while a NAMES reply is arriving."""
        return (self.members,) if self.names is None else (self.members, self.names)


@define(eq=False)
class Membership:
    """All channels that we are in. ``name in membership`` says whether we are in a channel."""

    features: Features = field(factory=Features)
    channels: dict[str, Channel] = field(factory=dict)

    def __contains__(self, channel: str) -> bool:
        return self.features.fold(channel) in self.channels

    def channel(self, name: str) -> Channel | None:
        """Return the record of a channel, None if we are not in it."""
        return self.channels.get(self.features.fold(name))

    def having(self, nick: str) -> Sequence[Channel]:
        """Return the channels that we share with a nick."""
        folded = self.features.fold(nick)
        return [channel for channel in self.channels.values() if folded in channel.members]

    def role(self, channel: str, nick: str) -> Role:
        """Return the role that a nick's status gives it in a channel now.

        Whoever has the status ``@``, or one above it in the server's PREFIX order, is an admin. Those below it down to
        voice are moderators. Unknown nicks and channels get the role of an attendee.
        Source: https://modern.ircdocs.horse/#prefix-parameter.
        """
        here = self.channel(channel)
        member = here.members.get(self.features.fold(nick)) if here else None
        role = Role.ATTENDEE
        for mode in member.modes if member else ():
            role = max(role, _role(self.features, mode))
        return role

    def take(self, line: Line, own_nick: str) -> None:
        """Update the record from one line of the server. ``own_nick`` is our nick before this line."""
        match line.command, line.params:
            case "JOIN", (channels, *_):
                for name in channels.split(","):
                    self._joined(name, line, own_nick)
            case "PART", (channels, *_):
                for name in channels.split(","):
                    self._left(name, line.nick, own_nick)
            case "KICK", (name, nick, *_):
                self._left(name, nick, own_nick)
            case "QUIT", _:
                for channel in self.channels.values():
                    self._forget(channel, line.nick)
            case "NICK", (new, *_):
                self._renamed(line.nick, new)
            case "MODE", (name, modes, *values):
                self._mode(name, modes, values)
            case "353", (_, _, name, names):
                self._names(name, names)
            case "366", (_, name, *_):
                self._names_end(name)
            case ("332", (_, name, topic)) | ("TOPIC", (name, topic)):
                self._topic(name, topic)
            case "331", (_, name, *_):
                self._topic(name, "")

    def _joined(self, name: str, line: Line, own_nick: str) -> None:
        if self.features.same(line.nick, own_nick):
            self.channels[self.features.fold(name)] = Channel(name, line.tags.get("time", ""))
        channel = self.channel(name)
        if channel:
            for record in channel.records():
                record[self.features.fold(line.nick)] = Member(line.nick)

    def _left(self, name: str, nick: str, own_nick: str) -> None:
        channel = self.channel(name)
        if channel is None:
            return
        if self.features.same(nick, own_nick):
            del self.channels[self.features.fold(name)]
        else:
            self._forget(channel, nick)

    def _forget(self, channel: Channel, nick: str) -> None:
        for record in channel.records():
            record.pop(self.features.fold(nick), None)

    def _renamed(self, old: str, new: str) -> None:
        for channel in self.channels.values():
            for record in channel.records():
                member = record.pop(self.features.fold(old), None)
                if member is not None:
                    record[self.features.fold(new)] = Member(new, member.modes)

    def _mode(self, name: str, modes: str, values: list[str]) -> None:
        channel = self.channel(name)
        if channel is None:
            return
        status = {mode for mode, _sign in self.features.prefixes}
        rest = iter(values)
        adding = True
        for mode in modes:
            if mode in "+-":
                adding = mode == "+"
            elif mode in status:
                self._status(channel, next(rest, ""), mode, adding)
            elif mode in self.features.list_modes + self.features.parameter_modes or (
                adding and mode in self.features.set_modes
            ):
                next(rest, "")

    def _status(self, channel: Channel, nick: str, mode: str, adding: bool) -> None:
        for record in channel.records():
            member = record.get(self.features.fold(nick))
            if member is None:
                continue
            if adding:
                member.modes.add(mode)
            else:
                member.modes.discard(mode)

    def _names(self, name: str, names: str) -> None:
        channel = self.channel(name)
        if channel is None:
            return
        if channel.names is None:
            channel.names = {}
        signs = {sign: mode for mode, sign in self.features.prefixes}
        for entry in names.split():
            source = entry.lstrip("".join(signs))
            shown = entry[: len(entry) - len(source)]
            # The host is there with userhost-in-names.
            nick = source.partition("!")[0]
            channel.names[self.features.fold(nick)] = Member(nick, {signs[sign] for sign in shown})

    def _names_end(self, name: str) -> None:
        channel = self.channel(name)
        if channel is None:
            return
        if channel.names is not None:
            channel.members, channel.names = channel.names, None
        channel.complete = True
        if channel.topic is None:
            # RFC 2812 section 3.2.1: a JOIN is answered with the topic, if there is one, before the names.
            channel.topic = ""

    def _topic(self, name: str, topic: str) -> None:
        channel = self.channel(name)
        if channel is not None:
            channel.topic = topic


def _role(features: Features, mode: str) -> Role:
    order = [letter for letter, _sign in features.prefixes]
    signs = [sign for _letter, sign in features.prefixes]
    rank = order.index(mode)
    if "@" in signs and rank <= signs.index("@"):
        return Role.ADMIN
    if "+" in signs and rank <= signs.index("+"):
        return Role.MODERATOR
    return Role.ATTENDEE
