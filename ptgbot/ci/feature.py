"""The CI board's side of the feature contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ptgbot.chat.commands import Call, Command, Context, Decision
from ptgbot.chat.message import Person
from ptgbot.ci import alerts, commands, pages, telling, watching
from ptgbot.ci.alert_slice import ALERTS, gauges
from ptgbot.ci.following import COMMANDS, SOURCES
from ptgbot.ci.opening import LOOK
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.tools import TOOLS
from ptgbot.feature import Fact, Feature, Outcome, PersonalData
from ptgbot.store.edits import Edit, Tree


class CiFeature(Feature[CiSettings]):
    """The CI board."""

    name = "ci"
    settings = CiSettings
    rank = 170
    commands = commands.COMMANDS
    sources = (*SOURCES, pages.SOURCE)
    slices = (*pages.SLICES, ALERTS)
    routes = pages.ROUTES
    bulk_commands = COMMANDS
    tools = TOOLS
    site = "ptgbot_site.ci"
    projects = pages.PROJECTS

    def empty(self) -> Tree:
        """Return the state without alerts."""
        return alerts.empty()

    def complete(self, tree: Tree) -> None:
        """Add the keys that a state of an earlier version lacks."""
        for key, value in alerts.empty().items():
            tree.setdefault(key, value)

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return the places of a person: what they watch, and their name at acknowledgements."""
        return PersonalData(watching.places_of(tree, person))

    def move(self, tree: Tree, former: str, key: str) -> Sequence[Edit]:
        """Return the edits that give what a person watches to their other key."""
        return watching.moved(tree, former, key)

    def refusal(self, tree: Tree, command: Command[CiSettings], call: Call[CiSettings]) -> str | None:
        """Return why the sender may not acknowledge alerts, None for everything else."""
        return commands.refusal(command, call)

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[CiSettings]) -> Decision | None:
        """Open and close alerts by what the source has seen, and note the revision of the pages."""
        looks = [fact for fact in facts if fact.key == LOOK]
        return telling.learned(tree, looks, context) if looks else pages.learned(tree, facts)

    def due(self, tree: Tree, settings: CiSettings) -> datetime | None:
        """Return when somebody is told of an alert next, or an acknowledgement ends."""
        return telling.due(tree, settings)

    def tick(self, tree: Tree, at: datetime, context: Context[CiSettings]) -> Decision | None:
        """Tell what waits, and end acknowledgements."""
        return telling.tick(tree, at, context)

    def outcome(self, tree: Tree, outcome: Outcome, context: Context[CiSettings]) -> Decision | None:
        """Note which rooms a line about an alert did not reach."""
        return telling.settled(tree, outcome, context)

    def check(self, tree: Tree, at: datetime, settings: CiSettings) -> Iterable[str]:
        """Yield sentences about rooms that are not reached."""
        return telling.problems(tree)

    def metrics(self, tree: Tree, settings: CiSettings) -> Mapping[str, float]:
        """Return how many alerts are open, and how many people watch."""
        return gauges(tree)
