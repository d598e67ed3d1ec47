"""The model of a meeting: pure data, and the functions that return the meeting after an event.

:func:`said` is the function for a line; ``ptgbot.meetings.commands`` has the commands in it, and
``ptgbot.meetings.extensions`` tells how other parts of the feature join in. Nothing here knows a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
from attrs import field, frozen

from ptgbot.chat.commands import Deliver
from ptgbot.meetings.items import Item, link_keys
from ptgbot.meetings.people import Chair, People, Speaker, is_among
from ptgbot.meetings.votes import Vote
from ptgbot.store.edits import Tree

LENGTH: Final = 60
"""Minutes of a meeting whose length nobody told."""
OFF: Final = "[off]"
"""A line that begins with this mark is counted, but its text is never kept."""
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]")
_PLAIN: Final = (
    *("network", "channel", "meeting_topic", "meeting_name", "length", "bot_nick", "log", "made"),
    *("shown_topic", "lurks", "restricted", "anybody_agrees", "extra"),
)
"""Fields of a meeting that stand in the state as they are."""


@frozen
class Line:
    """A line of the chat, as a meeting sees it."""

    at: datetime
    """When it was said (UTC, aware)."""
    who: Speaker
    text: str
    action: bool = False
    """Whether it is a ``/me`` line."""
    own: bool = False
    """Whether the bot said it. Such a line is logged; it is never counted, and never a command."""
    event: str = ""
    """The protocol's id of the message, empty where the protocol has none."""
    present: frozenset[str] | None = None
    """Folded names of everybody in the rooms of the meeting; None if unknown, or if no command of the line asks."""


@frozen
class Say:
    """A line of the bot to everybody in the meeting."""

    text: str


@frozen
class ChannelTopic:
    """A new topic of the channel; None gives the topic back that was there before the meeting."""

    text: str | None


@frozen
class Noted:
    """A line was understood, and nothing is said about it: a reaction, where the network has them."""


@frozen
class Saved:
    """The minutes must be written now. The meeting goes on."""


@frozen
class Ended:
    """The meeting is over."""


Effect = Say | ChannelTopic | Noted | Saved | Ended | Deliver
"""What a line asks for. :class:`~ptgbot.chat.commands.Deliver` is for extensions, such as web hooks."""


@frozen
class Meeting:
    """A meeting. Every value may go into the state as JSON, and comes back equal."""

    network: str
    channel: str
    """Name of the room, for people."""
    owner: Chair
    started: datetime
    """When the line with ``#startmeeting`` was said (UTC)."""
    meeting_topic: str | None = None
    meeting_name: str = ""
    chairs: tuple[Chair, ...] = ()
    """The chairs besides the owner."""
    length: int = LENGTH
    """Planned length in minutes."""
    ended: datetime | None = None
    """When the meeting ended (UTC), None while it runs."""
    bot_nick: str | None = None
    people: People = field(factory=People)
    log: Mapping[str, Any] = field(factory=dict)
    """Every line, by its number from ``"1"`` on: ``{at, nick, key, text, kind, event}``. The kinds are ``line``,
    ``action``, ``bot``, ``off`` (off the record, without text) and ``removed`` (removed by its author, without text).
    """
    items: Mapping[str, Item] = field(factory=dict)
    """The items by id; :attr:`ordered` has them in their order."""
    made: int = 0
    """Number of items ever made, undone ones included, so that no id is used twice."""
    vote: Vote | None = None
    topics_given: tuple[str, ...] = ()
    """Each topic that the channel was given."""
    shown_topic: str | None = None
    """The topic that the channel should have now, None for its own."""
    lurks: bool = False
    restricted: bool = False
    anybody_agrees: bool = False
    """Whether everybody may use ``#agreed``."""
    extra: Mapping[str, Tree] = field(factory=dict)
    """The state of extensions, by their names."""

    # Facts

    @property
    def lines(self) -> int:
        """The number of lines in the log."""
        return len(self.log)

    @property
    def is_over(self) -> bool:
        """Whether the meeting has ended."""
        return self.ended is not None

    @property
    def due(self) -> datetime:
        """The planned end. From then on everybody may end the meeting."""
        return self.started + timedelta(minutes=self.length)

    @property
    def ordered(self) -> list[Item]:
        """The items in the order of their lines."""
        return sorted(self.items.values(), key=lambda item: item.order)

    @property
    def topic(self) -> Item | None:
        """The item of the present topic, None before the first."""
        return next((item for item in reversed(self.ordered) if item.type == "topic"), None)

    @property
    def chair_nicks(self) -> list[str]:
        """The nicks of the owner and the chairs, sorted."""
        return sorted({self.owner.nick, *(chair.nick for chair in self.chairs)})

    def is_chair(self, speaker: Speaker) -> bool:
        """Say whether a speaker is the owner or a chair."""
        return is_among((self.owner, *self.chairs), speaker)

    # Changes

    def logged(self, line: Line) -> Meeting:
        """Return the meeting with one more line in its log, counted for its speaker."""
        kind, text = _kind(line), line.text
        row = {
            "at": line.at.isoformat(),
            "nick": line.who.nick,
            "key": line.who.key,
            "text": "" if kind == "off" else text,
            "kind": kind,
            "event": line.event,
        }
        log = {**self.log, str(self.lines + 1): row}
        if line.own:
            return attrs.evolve(self, log=log)
        owner, chairs = self.owner.bound(line.who), tuple(chair.bound(line.who) for chair in self.chairs)
        return attrs.evolve(self, log=log, people=self.people.spoke(line.who), owner=owner, chairs=chairs)

    def with_item(self, kind: str, line: Line, text: str, more: Mapping[str, Any] | None = None) -> Meeting:
        """Return the meeting with one more item, made by the newest line of the log."""
        return self.with_item_at(self.lines, kind, line, text, more)

    def with_item_at(
        self, number: int, kind: str, line: Line, text: str, more: Mapping[str, Any] | None = None
    ) -> Meeting:
        """Return the meeting with one more item, made by the line ``number`` of the log."""
        if more is None:
            more = link_keys(text) if kind == "link" else {}
        item = Item(f"i{self.made + 1}", kind, line.who.nick, text, line.at, number, line.who.key, more)
        return attrs.evolve(self, items={**self.items, item.id: item}, made=self.made + 1)

    def without_item(self, item: Item) -> Meeting:
        """Return the meeting without an item."""
        rest = {identifier: each for identifier, each in self.items.items() if identifier != item.id}
        return attrs.evolve(self, items=rest)

    def with_extra(self, name: str, state: Tree) -> Meeting:
        """Return the meeting with another state of an extension; an empty one leaves no trace."""
        rest = {each: kept for each, kept in self.extra.items() if each != name}
        return attrs.evolve(self, extra={**rest, name: state} if state else rest)

    def given_topic(self, effect: ChannelTopic) -> Meeting:
        """Return the meeting after the channel was given a topic."""
        given = (*self.topics_given, effect.text) if effect.text is not None else self.topics_given
        return attrs.evolve(self, topics_given=given, shown_topic=effect.text)

    def renamed(self, former: str, speaker: Speaker) -> Meeting:
        """Return the meeting after somebody changed the nick: chairs, counts and votes are kept.

        Args:
            former: the person's key before.
            speaker: the person after.
        """
        people = self.people.renamed(former, speaker)
        owner, *chairs = (_moved(chair, former, speaker.key) for chair in (self.owner, *self.chairs))
        vote = self.vote and self.vote.moved(former, speaker.key)
        return attrs.evolve(self, people=people, owner=owner, chairs=tuple(chairs), vote=vote)

    # The form in the state

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {
            "network": self.network,
            "channel": self.channel,
            "owner": self.owner.to_json(),
            "started": self.started.isoformat(),
            "meeting_topic": self.meeting_topic,
            "meeting_name": self.meeting_name,
            "chairs": [chair.to_json() for chair in self.chairs],
            "length": self.length,
            "ended": self.ended.isoformat() if self.ended else None,
            "bot_nick": self.bot_nick,
            "people": self.people.to_json(),
            "log": dict(self.log),
            "items": {identifier: item.to_json() for identifier, item in self.items.items()},
            "made": self.made,
            "vote": self.vote.to_json() if self.vote else None,
            "topics_given": [*self.topics_given],
            "shown_topic": self.shown_topic,
            "lurks": self.lurks,
            "restricted": self.restricted,
            "anybody_agrees": self.anybody_agrees,
            "extra": {**self.extra},
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Meeting:
        """Parse the form that :meth:`to_json` returns."""
        return cls(
            owner=Chair.from_json(tree["owner"]),
            started=datetime.fromisoformat(tree["started"]),
            chairs=tuple(Chair.from_json(row) for row in tree["chairs"]),
            ended=datetime.fromisoformat(tree["ended"]) if tree["ended"] else None,
            people=People.from_json(tree["people"]),
            items={identifier: Item.from_json(identifier, row) for identifier, row in tree["items"].items()},
            vote=Vote.from_json(tree["vote"]) if tree["vote"] else None,
            topics_given=tuple(tree["topics_given"]),
            **{key: tree[key] for key in _PLAIN},
        )


def _kind(line: Line) -> str:
    if line.own:
        return "bot"
    if is_off(line.text):
        return "off"
    return "action" if line.action else "line"


def is_off(text: str) -> bool:
    """Say whether a line is off the record."""
    return text.lstrip().lower().startswith(OFF)


def _moved(chair: Chair, former: str, key: str) -> Chair:
    return attrs.evolve(chair, key=key) if chair.key == former else chair


def name_of(text: str) -> str:
    """Return the name of a meeting: lower case, every character outside ``a-z0-9`` as ``_``."""
    return _NOT_IN_NAMES.sub("_", text.strip().lower())


def channel_topic(meeting: Meeting, topic: Item | None) -> ChannelTopic:
    """Return the topic that the channel gets for a topic of the meeting, None for its own."""
    if topic is None:
        return ChannelTopic(None)
    above = meeting.meeting_topic
    return ChannelTopic(f"{topic.text} (Meeting topic: {above})" if above else topic.text)


def stamp(at: datetime) -> str:
    """Return a moment (UTC) as the JSON has it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
