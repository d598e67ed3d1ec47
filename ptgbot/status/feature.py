"""The status' side of the feature contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ptgbot.chat.commands import Context, Decision
from ptgbot.chat.dispatch import dispatch, read_call
from ptgbot.chat.message import Message, Person
from ptgbot.feature import Deliverer, Feature, Outcome, PersonalData, Pin, Topic
from ptgbot.status import model, reminders, subscribing
from ptgbot.status.commands import COMMANDS
from ptgbot.status.layers import layers, pins
from ptgbot.status.personal import moved, places_of
from ptgbot.status.persons import PERSONS
from ptgbot.status.publishers import publish
from ptgbot.status.settings import StatusSettings
from ptgbot.status.slices import SLICES
from ptgbot.status.telling import settled
from ptgbot.status.wiki import SUBCOMMANDS
from ptgbot.store.edits import Edit, Tree


class StatusFeature(Feature[StatusSettings]):
    """The feature for alerts, notices, plans, successes and thanks."""

    name = "status"
    settings = StatusSettings
    rank = 110
    commands = COMMANDS
    phrases = subscribing.PHRASES
    slices = (*SLICES, *PERSONS)
    deliverers = (Deliverer(model.PUBLISH, publish),)
    verb = "status-record"  # `ptgbot status` tells how the bot is
    subcommands = SUBCOMMANDS
    site = "ptgbot_site.status"

    def empty(self) -> Tree:
        """Return a record without entries."""
        return model.empty()

    def complete(self, tree: Tree) -> None:
        """Add the keys that a state of an earlier version lacks."""
        for key, value in model.empty().items():
            tree.setdefault(key, value)

    def decide(self, tree: Tree, message: Message, context: Context[StatusSettings]) -> Decision | None:
        """Decide on a message; return None if it is conversation, or a command of another feature."""
        _, call = read_call(self, tree, message, context)
        return subscribing.decided(tree, call) or dispatch(self, tree, message, context)

    def due(self, tree: Tree, settings: StatusSettings) -> datetime | None:
        """Return the next moment at which somebody is reminded or asked."""
        return reminders.due(tree, settings)

    def tick(self, tree: Tree, at: datetime, context: Context[StatusSettings]) -> Decision | None:
        """Remind rooms of a plan, begin it, or ask about an old alert or plan."""
        return reminders.tick(tree, at, context.settings, context.groups)

    def outcome(self, tree: Tree, outcome: Outcome, context: Context[StatusSettings]) -> Decision | None:
        """Tell the author which rooms and publishers were reached."""
        return settled(tree, outcome)

    def subscribers(self, tree: Tree, line: str, settings: StatusSettings) -> Sequence[str]:
        """Return the keys of the people who subscribed to such news."""
        return subscribing.wanting(tree, line)

    def topics(self, tree: Tree, settings: StatusSettings) -> Sequence[Topic]:
        """Return the layers of open alerts on the topics of their rooms."""
        return layers(tree, settings)

    def pins(self, tree: Tree, settings: StatusSettings) -> Sequence[Pin]:
        """Return the lines of open alerts, which are pinned in their rooms."""
        return pins(tree, settings)

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return the places of a person: their name at entries, thanks to them, their subscription."""
        return PersonalData([*places_of(tree, person)])

    def move(self, tree: Tree, former: str, key: str) -> Sequence[Edit]:
        """Return the edits that give the entries of one key to another."""
        return moved(tree, former, key)

    def metrics(self, tree: Tree, settings: StatusSettings) -> Mapping[str, float]:
        """Return the number of open alerts and plans."""
        return {"open_alerts": len(model.open_alerts(tree)), "open_plans": len(model.open_plans(tree))}


FEATURE = StatusFeature()
