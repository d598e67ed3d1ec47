"""A room without a network: lines go through the router and the features that listen, as in the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import attrs
from attrs import define, field

from ptgbot.chat.commands import Fetched, ReadDocument
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.inbox import Verdict
from ptgbot.chat.message import Announce, Done, Message, Person, Reply, Role, Room
from ptgbot.core.deciding import Deciding
from ptgbot.core.pending import Pending
from ptgbot.core.unasked import Unasked
from ptgbot.feature import load_features
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.progress import CORE
from ptgbot.progress import empty as core_empty
from ptgbot.router import Router
from ptgbot.store.edits import Tree
from ptgbot.store.record import Batch
from ptgbot.store.state import StoredState

START = datetime(2024, 11, 20, 14, 0, tzinfo=UTC)
IRC = Room("libera", "#infra", "#infra", nick="ptgbot")
MATRIX = Room("matrix", "!infra:example.org", "#infra:example.org", nick="ptgbot")


def irc(nick: str, account: str | None = None) -> Person:
    """Return a person on IRC."""
    return Person(nick.lower(), nick, account, "rfc1459")


def matrix(nick: str, display: str = "") -> Person:
    """Return a person on Matrix."""
    user = f"@{nick}:example.org"
    return Person(user.lower(), nick, user, display=display)


@define
class Hall:
    """Types lines in rooms and keeps the state; a second passes with each line."""

    settings: MeetingsSettings = field(factory=MeetingsSettings)
    people: dict[str, Sequence[Person]] = field(factory=dict)
    """Who is in each room, by its name."""
    site: str = "https://ptg.example.org/"
    at: datetime = START
    state: StoredState = field(init=False)
    said: list[str] = field(factory=list, init=False)
    """What the bot said after the last line."""
    verdicts: Sequence[Verdict] = field(factory=list, init=False)
    documents: dict[str, Any] = field(factory=dict, init=False)
    deciding: Deciding = field(init=False)
    unasked: Unasked = field(init=False)
    events: int = field(default=0, init=False)
    records: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        features = load_features()
        self.state = StoredState({CORE: core_empty(), **{feature.name: feature.empty() for feature in features}})
        members = lambda room: self.people.get(room.room, ())  # noqa: E731
        router = Router(features, {"meetings": self.settings}, self.site, members=members)
        pending = Pending(self.state)
        self.deciding, self.unasked = Deciding(router, pending), Unasked(router, pending)

    def __call__(
        self,
        text: str,
        by: str | Person = "alice",
        role: Role = Role.ATTENDEE,
        room: Room = IRC,
        *,
        action: bool = False,
        seconds: int = 1,
    ) -> list[str]:
        """Type a line and return what the bot says."""
        who = by if isinstance(by, Person) else irc(by)
        self.at += timedelta(seconds=seconds)
        self.events += 1
        identifier = f"$e{self.events}" if room.network == "matrix" else ""
        if action:
            heard = Heard(self.at, HeardKind.ACTION, room, who, role, text, identifier)
            return self._keep(self.deciding.heard(heard))
        message = Message(self.at, room, who, role, text, id=identifier)
        verdicts = self.deciding.decide(message)
        for verdict in verdicts:
            if isinstance(verdict.decision.ask, ReadDocument):
                known = self.documents.get(verdict.decision.ask.id)
                found = Fetched(known) if known else Fetched(error="there is no document.")
                verdicts = self.deciding.decide(message, found)
        return self._keep(verdicts)

    def happens(self, kind: HeardKind, by: Person, text: str = "", about: str = "", room: Room = IRC) -> list[str]:
        """Let something else happen and return what the bot says."""
        self.at += timedelta(seconds=1)
        return self._keep(self.deciding.heard(Heard(self.at, kind, room, by, text=text, about=about)))

    def ticks(self, minutes: int) -> list[str]:
        """Let time pass and return what is delivered to rooms."""
        from ptgbot.chat.inbox import Tick

        self.at += timedelta(minutes=minutes)
        verdicts = self.unasked.caused(Tick(self.at))
        self._keep(verdicts)
        return [str(deliver.body) for verdict in verdicts for deliver in verdict.decision.deliver]

    @property
    def tree(self) -> Tree:
        """The state of the meetings."""
        return cast("Tree", self.state.committed["meetings"])

    @property
    def minutes(self) -> Mapping[str, Any]:
        """The JSON of the newest meeting that has ended."""
        return cast("Mapping[str, Any]", [*self.documents.values()][-1]["minutes"])

    @property
    def reacted(self) -> bool:
        """Whether the last line was noted without words."""
        return any(answer == Done(quiet=True) for verdict in self.verdicts for answer in verdict.decision.answers)

    def topic(self) -> str | None:
        """Return the topic that the first room should have, None for its own."""
        feature = next(one for one in load_features() if one.name == "meetings")
        layers = feature.topics(self.tree, self.settings)
        return layers[0].text("own") if layers else None

    def reopened(self) -> Hall:
        """Return the room after a restart of the bot: with nothing but the committed state."""
        other = Hall(self.settings, self.people, self.site, self.at)
        other.state.committed = other.state.working = self.state.committed
        other.documents, other.events = self.documents, self.events
        return attrs.evolve(self, at=self.at) if other is self else other

    def _keep(self, verdicts: Sequence[Verdict]) -> list[str]:
        self.verdicts = verdicts
        taken = self.deciding.pending.take()
        if self.unasked.pending is not self.deciding.pending:
            raise AssertionError("two batches")
        batch = Batch(self.state.seq + 1, taken.records, deliver=taken.rows, settled=taken.settling)
        self.records += len(taken.records)
        self.state.commit(batch)
        for verdict in verdicts:
            self.documents |= verdict.decision.documents
        answers = [answer for verdict in verdicts for answer in verdict.decision.answers]
        self.said = [one.text for one in answers if isinstance(one, Announce | Reply)]
        return self.said
