"""``+ci watch``: who is told in private of which CI or project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from ptgbot.chat.commands import Call, Decision, say
from ptgbot.chat.message import Person, Reach, Reply
from ptgbot.chat.text import listing
from ptgbot.ci.alerts import Alert, AlertKind, alerts_in
from ptgbot.ci.finding import Found, FoundKind
from ptgbot.ci.lines import named, trouble
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import Keys
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

MOST_PEOPLE: Final = 1000
"""Most people who can watch."""
MOST_EACH: Final = 20
"""Most CIs and projects that one person can watch."""
_HOW: Final = "+ci watch NAME of a CI, or a PROJECT, does that."


def watchers(tree: Tree, alert: Alert) -> list[str]:
    """Return the keys of the people who want to know of an alert, sorted.

    Whoever watches a project is told of its upstream: of its success, and of the project's own CI.
    """
    if alert.kind is AlertKind.UPSTREAM:
        wanted = {(str(FoundKind.PROJECT), alert.name)}
    elif alert.kind is AlertKind.INCIDENT:
        return []
    else:
        wanted = {(str(FoundKind.ACCOUNT), alert.name)}
        if alert.row.get("trusted"):
            wanted |= {(str(FoundKind.PROJECT), project) for project in alert.projects}
    return sorted(key for key, rows in _people(tree).items() if wanted.intersection(map(_pair, rows)))


def watch(tree: Tree, call: Call[CiSettings], found: Found) -> Decision:
    """Let the person who asks watch a CI or project."""
    key, people = call.message.person.key, _people(tree)
    rows = people.get(key, [])
    if _pair((found.kind, found.name)) in map(_pair, rows):
        return say(f"You watch {named(found.name)} already. +ci unwatch {named(found.name)} ends that.")
    if not call.message.person.is_reachable:
        return say("No private message reaches you over this bridge, so I can't tell you of CIs.")
    if len(people) >= MOST_PEOPLE and not rows:
        return say("Too many people watch already.")
    if len(rows) >= MOST_EACH:
        return say(f"You watch {MOST_EACH} CIs and projects; that is the most. +ci unwatch NAME drops one.")
    now = [*rows, [str(found.kind), found.name]]
    answer = f"I tell you in private when {_when(found)}.{_now(tree, found)}"
    way = [] if call.message.private else [Reach()]
    return Decision([Edit(("watch", key), _was(tree, key), _json(now))], [Reply(answer), *way])


def unwatch(tree: Tree, call: Call[CiSettings], name: str) -> Decision:
    """Let the person who asks watch a CI or project no more, or nothing without a name."""
    key = call.message.person.key
    rows = _people(tree).get(key, [])
    if not rows:
        return say(f"You watch nothing. {_HOW}")
    kept = [row for row in rows if name and row[1].casefold() != name.casefold()]
    if len(kept) == len(rows):
        return say(f"You do not watch {named(name)}; you watch {_listed(rows)}.")
    now = _json(kept) if kept else ABSENT
    more = f" You still watch {_listed(kept)}." if kept else ""
    gone = [row for row in rows if row not in kept]
    return Decision([Edit(("watch", key), _json(rows), now)], [Reply(f"I tell you no more of {_listed(gone)}.{more}")])


def watched(tree: Tree, call: Call[CiSettings]) -> Decision:
    """Answer what the person who asks watches."""
    rows = _people(tree).get(call.message.person.key, [])
    if not rows:
        return say(f"You watch nothing. {_HOW}")
    return say(f"You watch {_listed(rows)}. +ci unwatch NAME drops one, +ci unwatch all of them.")


def places_of(tree: Tree, person: Person) -> list[Keys]:
    """Return the places of a person: what they watch, and their name at acknowledgements."""
    acks = cast("Mapping[str, Any]", tree["acks"])
    named_at = [("acks", name, "who") for name, row in acks.items() if row.get("who", {}).get("key") == person.key]
    return [*([("watch", person.key)] if person.key in _people(tree) else []), *named_at]


def moved(tree: Tree, former: str, key: str) -> list[Edit]:
    """Return the edits that give what one key watches, and its acknowledgements, to another key."""
    acks = cast("Mapping[str, Any]", tree["acks"])
    edits = [
        Edit(("acks", name, "who", "key"), former, key)
        for name, row in acks.items()
        if row.get("who", {}).get("key") == former
    ]
    people = _people(tree)
    if former in people:
        rows = people.get(key, [])
        both = [*rows, *(row for row in people[former] if row not in rows)][:MOST_EACH]
        edits.append(Edit(("watch", former), _was(tree, former), ABSENT))
        edits.append(Edit(("watch", key), _was(tree, key), _json(both)))
    return edits


def _when(found: Found) -> str:
    name = named(found.name)
    if found.kind is FoundKind.PROJECT:
        return f"upstream of {name} is in trouble, and when that is over"
    return f"{name} is silent or fails again and again, and when it is back"


def _now(tree: Tree, found: Found) -> str:
    """Return a sentence about an open alert, since nobody is told of that again."""
    is_project = found.kind is FoundKind.PROJECT
    mine = [one for one in alerts_in(tree) if one.name == found.name and (one.kind is AlertKind.UPSTREAM) is is_project]
    return "".join(f" Now: {trouble(one)}." for one in mine)


def _was(tree: Tree, key: str) -> Any:
    return cast("Tree", tree["watch"]).get(key, ABSENT)


def _json(rows: Sequence[Sequence[str]]) -> Json:
    return [[*row] for row in rows]


def _people(tree: Tree) -> Mapping[str, list[list[str]]]:
    return cast("Mapping[str, list[list[str]]]", tree["watch"])


def _pair(row: Sequence[str]) -> tuple[str, str]:
    kind, name = row
    return str(kind), name


def _listed(rows: Sequence[Sequence[str]]) -> str:
    return listing([named(row[1]) for row in rows])
