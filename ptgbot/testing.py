"""A chat without a network: for tests of features, ours and other people's. Also a pytest plugin.

``chat("#nova now live migration", by="mira")`` types a line and returns what the bot answers::

    def test_now_is_shown(chat: Chat) -> None:
        chat("~add nova", role=Role.ADMIN)
        assert chat("#nova now live migration") == []
        assert chat("+now nova") == ["#nova: now live migration."]
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, Undeliverable
from ptgbot.chat.addressing import said_to
from ptgbot.chat.commands import Decision, Fetched
from ptgbot.chat.inbox import Verdict
from ptgbot.chat.message import Done, Message, Outgoing, Person, Reply, Role, Room, Tell
from ptgbot.chat.text import cut
from ptgbot.core import record_of
from ptgbot.feature import AnyFeature, load_features
from ptgbot.router import Router
from ptgbot.store.edits import Edit, Tree
from ptgbot.store.history import History
from ptgbot.store.record import Batch
from ptgbot.store.state import StoredState

START = datetime(2026, 11, 16, 9, 5, tzinfo=UTC)
"""A Monday morning, when tests begin."""
CHANNEL = Room("irc", "#gathering", "#gathering")


def person(name: str, account: str | None = None, casemapping: str = "rfc1459") -> Person:
    """Return a person on the first IRC network."""
    return Person(name.lower(), name, account, casemapping)


@define
class Chat:
    """Types lines to the features and keeps their state, as the core does, without inbox and disk."""

    features: Sequence[AnyFeature] = field(factory=load_features)
    settings: Mapping[str, Any] = field(factory=dict)
    at: datetime = START
    document: StoredState = field(init=False)
    decision: Decision | None = field(default=None, init=False)
    """What the last line came to; None where it was conversation."""

    def __attrs_post_init__(self) -> None:
        empty: Tree = {feature.name: feature.empty() for feature in self.features}
        self.document = StoredState(empty)

    def __call__(
        self,
        text: str,
        by: str | Person = "mira",
        role: Role = Role.ATTENDEE,
        *,
        private: bool = False,
        room: Room = CHANNEL,
        fetched: Fetched | None = None,
    ) -> list[str]:
        """Type a line and return the answers to its sender. A minute passes. The bot's name is ``ptgbot``."""
        who = by if isinstance(by, Person) else person(by)
        where = Room(room.network, who.nick, who.nick) if private else room
        self.at += timedelta(minutes=1)
        message = Message(self.at, where, who, role, text, private, said=said_to(text, ["ptgbot"]))
        router = Router(self.features, self.settings)
        found = router.decide(self.document.working, message, History(self.document.log), fetched)
        self.decision = found[1] if found else None
        if found:
            self._commit(Verdict(message, *found))
        return [answer.text for answer in self.answers if isinstance(answer, Reply)]

    def op(self, text: str, by: str | Person = "olga", **more: Any) -> list[str]:
        """Type a line as an operator of the channel and return the answers."""
        return self(text, by, Role.ADMIN, **more)

    @property
    def answers(self) -> Sequence[object]:
        """All answers to the last line."""
        return self.decision.answers if self.decision else ()

    @property
    def tells(self) -> dict[str, str]:
        """Private messages caused by the last line, by the keys of their receivers."""
        return {answer.key: answer.text for answer in self.answers if isinstance(answer, Tell)}

    @property
    def done(self) -> bool:
        """Whether the last line worked without an answer."""
        return any(isinstance(answer, Done) for answer in self.answers)

    @property
    def edits(self) -> Sequence[Edit]:
        """The edits made by the last line."""
        return self.decision.edits if self.decision else ()

    @property
    def tree(self) -> Tree:
        """The state of the first feature."""
        return cast("Tree", self.document.committed[self.features[0].name])

    def _commit(self, verdict: Verdict) -> None:
        if not verdict.decision.edits:
            return
        record = record_of(self.document.number + 1, verdict)
        batch = Batch(self.document.seq + 1, [record])
        self.document.attempt(batch.edits)
        self.document.commit(batch)


@define(eq=False)
class FakeAdapter(Adapter):
    """A network in memory. ``sent`` keeps the answers; ``hub`` takes messages."""

    name: str = "irc"
    sent: list[Outgoing] = field(factory=list, init=False)
    delivered: list[Outgoing] = field(factory=list, init=False)
    refusals: dict[str, Exception] = field(factory=dict, init=False)
    """Rooms where every delivery and every new topic raises this exception."""
    topics: dict[str, str | None] = field(factory=lambda: {CHANNEL.id: ""}, init=False)
    """Topics of the rooms; None where not known. Other rooms do not exist."""
    topic_bytes: int = field(default=390, init=False)
    people: dict[str, Sequence[Person]] = field(factory=dict, init=False)
    """Who is in each room."""
    hub: Hub | None = field(default=None, init=False)

    async def run(self, hub: Hub) -> None:
        """Take the hub and wait to be cancelled."""
        self.hub = hub
        await asyncio.Event().wait()

    def send(self, outgoing: Outgoing) -> None:
        """Keep an answer."""
        self.sent.append(outgoing)

    async def deliver(self, outgoing: Outgoing) -> None:
        """Keep a delivery.

        Raises:
            Exception: the exception in ``refusals`` for the room.
            Undeliverable: the room is unknown.
        """
        self._refuse(outgoing.target)
        self.delivered.append(outgoing)

    def topic(self, target: str) -> str | None:
        """Return the topic of a room."""
        return self.topics.get(target)

    async def set_topic(self, target: str, text: str) -> None:
        """Set a topic.

        Raises:
            Exception: the exception in ``refusals`` for the room.
            Undeliverable: the room is unknown.
        """
        self._refuse(target)
        self.topics[target] = cut(text, self.topic_limit(target))

    def topic_limit(self, _target: str) -> int:
        """Return the same limit for every room, in bytes."""
        return self.topic_bytes

    def members(self, target: str) -> Sequence[Person]:
        """Return the people of a room."""
        return self.people.get(target, ())

    def _refuse(self, target: str) -> None:
        if target in self.refusals:
            raise self.refusals[target]
        if target not in self.topics:
            raise Undeliverable(f"there is no room {target}")

    def address(self, key: str) -> str | None:
        """Return the target for a key that names no other network."""
        return key if "@" not in key else None

    def room(self, name: str) -> str | None:
        """Return the name of the only channel, None for any other."""
        return CHANNEL.id if name == CHANNEL.name else None

    def health(self) -> Health:
        """Return green."""
        return Health(Colour.GREEN, "in memory")


def pytest_configure(config: Any) -> None:
    """Offer the fixture ``chat`` if this module is in ``pytest_plugins``."""
    import pytest

    class Fixtures:
        @pytest.fixture
        def chat(self) -> Chat:
            """Return a chat with an empty gathering."""
            return Chat()

    config.pluginmanager.register(Fixtures(), "ptgbot-chat")
