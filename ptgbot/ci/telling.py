"""Tells rooms and watchers of alerts: rooms at most once an hour by each rule, and nobody while somebody has a reason.

A room gets one line for everything that waits by a rule. What is over before its turn is not told at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from ptgbot.chat.commands import Context, Decision, Deliver
from ptgbot.chat.groups import ALL, Groups
from ptgbot.chat.message import Target, Tell
from ptgbot.chat.text import fold
from ptgbot.ci.alerts import BACK, Alert, AlertKind, Draft, acks_in, alerts_in, moment_of, mute_until, stamp
from ptgbot.ci.lines import line_for_rooms, line_open, line_over
from ptgbot.ci.opening import apply_look, look_in
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.watching import watchers
from ptgbot.feature import Fact, Outcome
from ptgbot.store.edits import Json, Tree

PAUSE: Final = timedelta(hours=1)
"""The least time between two lines by one rule."""
WITHIN: Final = 3600.0
"""Seconds for which a room is tried."""
RULES: Final = (*map(str, AlertKind), BACK)
_EVER: Final = datetime.min.replace(tzinfo=UTC)


def learned(tree: Tree, facts: Sequence[Fact], context: Context[CiSettings]) -> Decision | None:
    """Decide on what the source has seen; None if it changes nothing."""
    look = look_in(facts)
    if look is None:
        return None
    draft = Draft(tree)
    closed = apply_look(draft, look)
    told = [one for one in closed if one.row["people"]]
    tells = [Tell(key, line_over(one, context.site)) for one in told for key in watchers(tree, one)]
    for one in closed:
        if one.row["rooms"] and context.settings.notices.is_on(BACK):
            draft.write("over", one.id, now=dict(one.row))
    return _told(draft, moment_of(look.at), context, tells)


def due(tree: Tree, settings: CiSettings) -> datetime | None:
    """Return the next moment at which somebody is told, or an acknowledgement ends; None if there is none."""
    moments = [one.until for one in acks_in(tree)]
    for one in alerts_in(tree):
        if not one.row["people"]:
            moments.append(one.after)
        if _waits(one, settings):
            moments.append(max(_next(tree, str(one.kind)), one.after))
    moments += [_next(tree, BACK) for _ in alerts_in(tree, "over")]
    return min(moments, default=None)


def tick(tree: Tree, at: datetime, context: Context[CiSettings]) -> Decision | None:
    """End acknowledgements whose time is over, and tell what waits for this moment."""
    draft = Draft(tree)
    for ack in [*acks_in(tree)]:
        if ack.until <= at:
            draft.drop("acks", ack.name)
            for one in [*alerts_in(draft.tree)]:
                if one.name == ack.name:
                    draft.change(one, rooms=False, people=False, after=stamp(at))
    return _told(draft, at, context, [])


def _told(draft: Draft, at: datetime, context: Context[CiSettings], tells: Sequence[Tell]) -> Decision | None:
    """Return the decision with all edits so far that tells whatever may be told now; None without an edit."""
    settings, private = context.settings, [*tells]
    for one in [*alerts_in(draft.tree)]:
        is_told = one.row["people"] and not _waits(one, settings)
        if is_told or one.after > at:
            continue
        if until := mute_until(draft.tree, one.name, at, settings):
            draft.change(one, after=stamp(until))
        elif not one.row["people"]:
            private += [Tell(key, line_open(one, context.site)) for key in watchers(draft.tree, one)]
            draft.change(one, people=True)
    deliver = [*_to_rooms(draft, at, context)]
    return Decision(draft.edits, private, deliver=tuple(deliver)) if draft.edits else None


def _to_rooms(draft: Draft, at: datetime, context: Context[CiSettings]) -> Iterator[Deliver]:
    """Mark what rooms are told of now. Yield a line for each rule that has waited long enough."""
    targets, unknown = _targets(context.settings, context.groups)
    for rule in RULES:
        ready = [*_ready(draft, rule, at, context.settings)]
        if not ready or _next(draft.tree, rule) > at:
            continue
        for one in ready:
            if rule == BACK:
                draft.drop("over", one.id)
            else:
                draft.change(one, rooms=True)
        draft.write("told", rule, now=stamp(at))
        draft.write("unreached", now=unknown)
        if targets:
            yield Deliver("say", targets, line_for_rooms(rule, ready, context.site), f"{rule} {stamp(at)}", WITHIN)


def _ready(draft: Draft, rule: str, at: datetime, settings: CiSettings) -> Iterator[Alert]:
    if rule == BACK:
        yield from alerts_in(draft.tree, "over")
        return
    for one in alerts_in(draft.tree):
        if one.kind == rule and _waits(one, settings) and one.after <= at:
            yield one


def _waits(one: Alert, settings: CiSettings) -> bool:
    """Say whether rooms must be told of an alert."""
    return not one.row["rooms"] and settings.notices.is_on(str(one.kind))


def _next(tree: Tree, rule: str) -> datetime:
    """Return the moment from which rooms may be told by a rule again."""
    told = cast("Mapping[str, str]", tree["told"]).get(rule)
    return datetime.fromisoformat(told) + PAUSE if told else _EVER


def settled(tree: Tree, outcome: Outcome, context: Context[CiSettings]) -> Decision | None:
    """Note which rooms a line did not reach, for ``ptgbot check``; None if nothing changes."""
    draft = Draft(tree)
    draft.write("unreached", now={**_targets(context.settings, context.groups)[1], **outcome.failed})
    return Decision(draft.edits) if draft.edits else None


def problems(tree: Tree) -> Iterator[str]:
    """Yield sentences about rooms that the last line did not reach."""
    for room, why in cast("Mapping[str, str]", tree["unreached"]).items():
        yield f"{room} in [ci.notices] was not told of the last alert: {why}"


def _targets(settings: CiSettings, groups: Groups) -> tuple[tuple[Target, ...], dict[str, Json]]:
    """Return the rooms that are told, as the configuration of networks spells them, and groups that do not exist."""
    every = groups.find(ALL)
    known = {fold(f"{one.network}/{one.room}"): one for one in (every.rooms if every else ())}
    found: list[Target] = []
    unknown: dict[str, Json] = {}
    for name in settings.notices.rooms:
        if not name.startswith("@"):
            network, _, room = name.partition("/")
            found.append(known.get(fold(name), Target(network, room)))
        elif group := groups.find(name):
            found += group.rooms
        else:
            unknown[name] = "there is no such group of rooms."
    return tuple(dict.fromkeys(found)), unknown
