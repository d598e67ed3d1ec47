"""The feature as the core sees it: every part of the contract, in its smallest form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from attrs import frozen

from ptgbot.chat.commands import Context, Decision
from ptgbot.chat.message import Person
from ptgbot.feature import (
    Answered,
    Asked,
    Fact,
    Feature,
    Format,
    Look,
    Outcome,
    PersonalData,
    Route,
    Slice,
    SliceKind,
    Source,
    Subcommand,
)
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, difference, get
from ptgbot.store.export import Unreadable
from ptgbot_coffee.commands import COMMANDS
from ptgbot_coffee.pots import Pot, empty, next_stale, pots, stamp
from ptgbot_coffee.sensor import follow
from ptgbot_coffee.settings import CoffeeSettings


def _row(pot: Pot) -> dict[str, Json]:
    return {
        "name": pot.name,
        "place": pot.place,
        "until": stamp(pot.fresh_until) if pot.fresh_until else None,
        "cups": pot.cups,
    }


def _all(look: Look[CoffeeSettings], _key: str) -> Slice:
    return Slice([_row(pot) for pot in pots(look.state)])


def _one(look: Look[CoffeeSettings], key: str) -> Slice:
    return Slice(next(_row(pot) for pot in pots(look.state) if pot.name == key))


def _next(asked: Asked, _settings: CoffeeSettings) -> Answered:
    rows = cast("list[dict[str, Any]]", asked.slices["coffee.pots"])
    fresh = [row["name"] for row in rows if row["until"]]
    return Answered(json.dumps({"fresh": fresh}).encode())


def _print_pots(settings: CoffeeSettings, tree: Tree, arguments: Sequence[str]) -> Iterator[str]:
    if arguments:
        raise ValueError("pots takes no argument.")
    for pot in pots(tree):
        yield f"{pot.name}: {pot.cups} cups, in {pot.place}"


@frozen
class PotsJson:
    """The pots as a file that other programs read."""

    feature: str = "coffee"
    name: str = "coffee.json"

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the file's contents."""
        return json.dumps({"pots": tree["pots"]}, indent=1).encode() + b"\n"

    def public(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return what everybody may read: not who brewed."""
        return json.dumps({"pots": [_row(pot) for pot in pots(tree)]}).encode() + b"\n"

    def parse(self, raw: bytes) -> Tree:
        """Return the state that a file tells of. Raises Unreadable."""
        try:
            found = json.loads(raw)["pots"]
        except (ValueError, LookupError, TypeError) as error:
            raise Unreadable(f"expected an object with pots: {error}.") from error
        return {**empty(), "pots": found}

    def stamped(self, raw: bytes) -> datetime | None:
        """Return None: the file does not say when it was written."""
        return None

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another; only pots stand in the file."""
        return difference({"pots": before["pots"]}, {"pots": after["pots"]})


class CoffeeFeature(Feature[CoffeeSettings]):
    """Which pots are fresh, and where."""

    name = "coffee"
    settings = CoffeeSettings
    rank = 200
    commands = COMMANDS
    slices = (
        SliceKind("pots", _all, reads=(("pots",),)),
        SliceKind(
            "pot",
            _one,
            reads=(("pots",),),
            keys=lambda look: [pot.name for pot in pots(look.state)],
            concerns=lambda _look, edit: edit.at[1:2] or None,
        ),
    )
    sources = (Source("sensor", follow, wanted=lambda settings: settings.sensor is not None),)
    routes = (Route("next.json", _next, addresses=("/coffee.php",)),)
    subcommands = (Subcommand("pots", "print the pots and how many cups were taken of each", _print_pots),)
    site = "ptgbot_coffee.site"

    def empty(self) -> Tree:
        """Return the state before anybody brewed."""
        return empty()

    def formats(self, settings: CoffeeSettings) -> Sequence[Format]:
        """Return ``coffee.json``."""
        return (PotsJson(),)

    def upgrade(self, tree: Tree) -> Sequence[Edit]:
        """Return the edits that give a pot of the first version its count of cups."""
        bare = [pot.name for pot in pots(tree) if get(tree, ("pots", pot.name, "cups")) is ABSENT]
        return [Edit(("pots", name, "cups"), ABSENT, 0) for name in bare]

    def metrics(self, tree: Tree, settings: CoffeeSettings) -> Mapping[str, float]:
        """Return how many pots are fresh."""
        return {"fresh_pots": sum(pot.fresh_until is not None for pot in pots(tree))}

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return the pots that a person brewed: the state says by whom."""
        return PersonalData([("pots", pot.name, "by") for pot in pots(tree) if pot.by == person.nick])

    def due(self, tree: Tree, settings: CoffeeSettings) -> datetime | None:
        """Return when the next pot goes stale."""
        return next_stale(pots(tree))

    def tick(self, tree: Tree, at: datetime, context: Context[CoffeeSettings]) -> Decision | None:
        """Let the pots go stale whose time is over."""
        over = [pot.name for pot in pots(tree) if pot.fresh_until and pot.fresh_until <= at]
        return Decision([Edit(("pots", name, "until"), get(tree, ("pots", name, "until")), None) for name in over])

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[CoffeeSettings]) -> Decision | None:
        """Count the cups that the scale saw; lines that were counted before count no second time."""
        counted = cast("Mapping[str, str]", tree["counted"])
        new = {fact.key: str(fact.value) for fact in facts if fact.key not in counted}
        cups: dict[str, int] = {}
        for line in new.values():
            name, _, number = line.partition(" ")
            if number.isdecimal() and get(tree, ("pots", name)) is not ABSENT:
                cups[name] = cups.get(name, 0) + int(number)
        edits = [Edit(("counted", key), ABSENT, line) for key, line in new.items()]
        for name, more in cups.items():
            was = get(tree, ("pots", name, "cups"))
            edits.append(Edit(("pots", name, "cups"), was, (was if isinstance(was, int) else 0) + more))
        return Decision(edits) if edits else None

    def outcome(self, tree: Tree, outcome: Outcome, context: Context[CoffeeSettings]) -> Decision | None:
        """Keep how many rooms were told of a pot."""
        was = get(tree, ("reached", outcome.about))
        return Decision([Edit(("reached", outcome.about), was, [outcome.reached, len(outcome.failed)])])
