"""A chat without a network in which the status has rooms, groups and trusted people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field

from ptgbot.chat.commands import Decision, Deliver
from ptgbot.chat.groups import ALL, Group, Groups
from ptgbot.chat.inbox import Verdict
from ptgbot.chat.message import Message, Person, Reply, Role, Room, Target, Tell
from ptgbot.core import record_of
from ptgbot.feature import Look, Outcome, load_features
from ptgbot.router import Router
from ptgbot.status.feature import StatusFeature
from ptgbot.status.settings import PublisherSettings, StatusSettings, Trust
from ptgbot.store.edits import Json, Tree
from ptgbot.store.history import History
from ptgbot.store.record import Batch
from ptgbot.store.state import StoredState
from ptgbot.testing import CHANNEL, START, person

EVERYWHERE: Final = (Target("irc", "#gathering"), Target("irc", "#infra"), Target("mx", "#hall:example.org"))
PRIVATE: Final = (Target("irc", "#infra"),)
INFRA: Final = Room("irc", "#infra", "#infra")
MIRA: Final = person("mira", "mira")
"""Trusted everywhere."""
ADA: Final = person("ada", "ada")
"""Trusted for the group infra only."""
KURT: Final = Person("@kurt:example.org", "kurt", "@kurt:example.org")
"""Trusted everywhere, on Matrix."""
GUEST: Final = person("guest")
"""Has no account."""
SETTINGS: Final = StatusSettings(
    trusted=("irc/Mira", "@kurt:example.org"),
    trust=(Trust(("infra",), ("irc/ada",)),),
    services=("gerrit", "zuul", "wiki"),
    operators="irc/#ops",
)
GROUPS: Final = Groups((Group(ALL, EVERYWHERE, True), Group("infra", PRIVATE), Group("web", EVERYWHERE[:1], True)))


@define
class Desk:
    """Types lines to every feature with the groups, and keeps their state."""

    settings: StatusSettings = SETTINGS
    at: datetime = START
    site: str = ""
    state: StoredState = field(init=False)
    decision: Decision | None = field(default=None, init=False)
    feature: StatusFeature = field(factory=StatusFeature, init=False)
    router: Router = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with an empty record."""
        features = load_features()
        self.state = StoredState({one.name: one.empty() for one in features})
        self.router = Router(features, {"status": self.settings}, self.site, groups=GROUPS)

    def __call__(
        self,
        text: str,
        by: Person = MIRA,
        *,
        room: Room = CHANNEL,
        role: Role = Role.ATTENDEE,
        private: bool = False,
        minutes: float = 1,
    ) -> list[str]:
        """Type a line and return the answers to its sender. A minute passes before."""
        self.at += timedelta(minutes=minutes)
        where = Room(room.network, by.nick, by.nick) if private else room
        message = Message(self.at, where, by, role, text, private)
        found = self.router.decide(self.state.working, message, History(self.state.log))
        self._take(found[1] if found else None, message, found[0] if found else "")
        answers = self.decision.answers if self.decision else ()
        return [one.text for one in answers if isinstance(one, Reply)]

    @property
    def tree(self) -> Tree:
        """The status' part of the state."""
        tree = self.state.committed["status"]
        assert isinstance(tree, dict)
        return tree

    @property
    def delivered(self) -> tuple[Deliver, ...]:
        """The effects of the last decision."""
        return self.decision.deliver if self.decision else ()

    @property
    def lines(self) -> list[str]:
        """The lines for rooms of the last decision."""
        return [str(one.body) for one in self.delivered if one.kind == "say"]

    @property
    def tells(self) -> dict[str, str]:
        """The private messages of the last decision."""
        answers = self.decision.answers if self.decision else ()
        return {one.key: one.text for one in answers if isinstance(one, Tell)}

    def outcome(self, about: str, reached: int, late: tuple[str, ...] = (), **failed: str) -> None:
        """Report the end of an effect on publishers, or that those in ``late`` are late."""
        names = {f"{name} {name}": why for name, why in failed.items()}
        tardy = {name: names.pop(name) for name in [f"{one} {one}" for one in late]}
        self.report(Outcome(about, reached, names, tardy))

    def report(self, outcome: Outcome) -> None:
        """Report the end of an effect."""
        context = self.router.context(self.feature, History(self.state.log))
        self._take(self.feature.outcome(self.tree, outcome, context), None, "status")

    def wait(self, **passed: float) -> int:
        """Let time pass, tick, and return how often the feature decided. ``decision`` is the last decision."""
        self.at += timedelta(**passed)
        self.decision = None
        for number in range(50):
            due = self.feature.due(self.tree, self.settings)
            if due is None or due > self.at:
                return number
            context = self.router.context(self.feature, History(self.state.log))
            self._take(self.feature.tick(self.tree, self.at, context), None, "status")
        raise AssertionError("it never ends")

    def slices(self) -> dict[str, Json]:
        """Return all slices of the status by name."""
        look = Look(self.tree, {}, self.at, self.settings)
        found: dict[str, Json] = {}
        for kind in self.feature.slices:
            keys: Any = kind.keys(look) if kind.keys else [""]
            found |= {f"{kind.name}:{key}" if key else kind.name: kind.make(look, key).value for key in keys}
        return found

    def public(self) -> str:
        """Return everything that leaves the chat for everybody: slices, and bodies for publishers, as text."""
        bodies: list[Mapping[str, Any]] = [vars_of(one) for one in self.delivered if one.kind != "say"]
        return json.dumps([self.slices(), bodies], ensure_ascii=False)

    def _take(self, decision: Decision | None, message: Message | None, feature: str) -> None:
        self.decision = decision
        if decision is None or not decision.edits:
            return
        typed = message or Message(self.at, CHANNEL, GUEST, Role.ATTENDEE, "")
        batch = Batch(self.state.seq + 1, [record_of(self.state.number + 1, Verdict(typed, feature, decision))])
        self.state.attempt(batch.edits)
        self.state.commit(batch)


def vars_of(deliver: Deliver) -> Mapping[str, Any]:
    """Return what leaves the bot of an effect."""
    return {"to": [one.room for one in deliver.targets], "body": deliver.body}


def publishers(*names: str) -> tuple[PublisherSettings, ...]:
    """Return settings of publishers of some kind."""
    return tuple(PublisherSettings("webhook", name, f"https://{name}.example.org/", Path("secret")) for name in names)


@pytest.fixture
def desk() -> Desk:
    """Return a chat with an empty record."""
    return Desk()
