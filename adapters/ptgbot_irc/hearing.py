"""Turns lines into events other than messages: joins, leaves, nick changes, actions, topics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from attrs import define

from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Person, Role, Room
from ptgbot_irc.line import Line
from ptgbot_irc.reading import Reader
from ptgbot_irc.session import Session
from ptgbot_irc.text import action, clean


@define(eq=False)
class RoomEvents:
    """Reads the events in the configured rooms of one connection for which ``listens`` is true.

    Events that the bot itself causes are left out. Call :meth:`hear` before the session takes the line, because a
    person who leaves is unknown afterwards.
    """

    session: Session
    reader: Reader
    listens: Callable[[Room], bool]

    def hear(self, line: Line, at: datetime) -> Iterator[Heard]:
        """Yield the events of a line, one for each room; a message yields none.

        ``at`` is the time of arrival (UTC).
        """
        match line.command, line.params:
            case "PRIVMSG", (target, text, *_) if (said := action(text)) is not None:
                yield from self._acted(line, target, said, at)
            case "JOIN", (channels, *_):
                yield from self._moved(HeardKind.JOIN, line, channels.split(","), at)
            case "PART", (channels, *reason):
                yield from self._moved(HeardKind.LEAVE, line, channels.split(","), at, "".join(reason))
            case "QUIT", reason:
                yield from self._moved(HeardKind.LEAVE, line, self._shared(line), at, "".join(reason))
            case "NICK", (new, *_):
                yield from self._moved(HeardKind.NICK, line, self._shared(line), at, new)
            case "KICK", (channel, nick, *reason):
                yield from self._removed(channel, nick, "".join(reason), at)
            case "TOPIC", (channel, topic):
                yield from self._renamed(line, channel, topic, at)

    def returned(self, channel: str, at: datetime) -> Heard | None:
        """Return the event that we are in a room again, with all its members; None if no feature listens there.

        ``at`` is the time of arrival (UTC).
        """
        room = self._heard(channel)
        return Heard(at, HeardKind.RECONNECT, room, members=tuple(self.members(channel))) if room else None

    def returns(self, line: Line) -> bool:
        """Say whether a line ends the NAMES list after our own JOIN. Call it before the session takes the line."""
        channel = self.session.membership.channel(line.param(1)) if line.command == "366" else None
        return channel is not None and not channel.complete

    def members(self, name: str) -> Sequence[Person]:
        """Return the people in a channel besides us and bots; empty until NAMES has ended."""
        channel = self.session.membership.channel(name)
        if channel is None or not channel.complete:
            return ()
        return [self.reader.person(one.nick) for one in channel.members.values() if self.reader.is_human(one.nick)]

    def _heard(self, channel: str) -> Room | None:
        room = self.reader.room(channel)
        return room if room is not None and self.listens(room) else None

    def _shared(self, line: Line) -> Iterable[str]:
        return [channel.name for channel in self.session.membership.having(line.nick)]

    def _acted(self, line: Line, target: str, said: str, at: datetime) -> Iterator[Heard]:
        channel = self.session.features.channel_of(target)
        if channel is None or not self.reader.is_live(line, channel) or not self.reader.is_person(line):
            return
        if room := self._heard(channel):
            role = self.session.membership.role(channel, line.nick)
            person = self.reader.sender(line)
            yield Heard(at, HeardKind.ACTION, room, person, role, clean(said), line.tags.get("msgid", ""))

    def _moved(
        self, kind: HeardKind, line: Line, channels: Iterable[str], at: datetime, text: str = ""
    ) -> Iterator[Heard]:
        if not self.reader.is_person(line):
            return
        for channel in channels:
            if room := self._heard(channel):
                role = self.session.membership.role(channel, line.nick)
                yield Heard(at, kind, room, self.reader.sender(line), role, clean(text))

    def _removed(self, name: str, nick: str, reason: str, at: datetime) -> Iterator[Heard]:
        """Yield a kick as a leave.

        Its person is the one who was kicked, so tags of the line, which name the kicker, are ignored.
        """
        channel = self.session.membership.channel(name)
        member = channel.members.get(self.session.features.fold(nick)) if channel else None
        room = self._heard(name)
        if member is not None and room is not None and self.reader.is_human(nick):
            role = self.session.membership.role(name, nick)
            yield Heard(at, HeardKind.LEAVE, room, self.reader.person(member.nick), role, clean(reason))

    def _renamed(self, line: Line, channel: str, topic: str, at: datetime) -> Iterator[Heard]:
        """Yield a new topic. A topic set by a server or by services has no person."""
        room = self._heard(channel)
        if room is None or self.session.is_own(line.nick):
            return
        person = self.reader.sender(line) if self.reader.is_person(line) else None
        role = self.session.membership.role(channel, line.nick) if person else Role.ATTENDEE
        yield Heard(at, HeardKind.TOPIC, room, person, role, clean(topic))
