"""Opens and closes alerts by what the source has seen. Whatever was seen before changes nothing when it comes again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from attrs import asdict, field, frozen

from ptgbot.ci.alerts import Alert, AlertKind, Draft, alerts_in, moment_of, stamp
from ptgbot.feature import Fact
from ptgbot.store.edits import Json

LOOK: Final = "look"
"""Key of the fact with what the source has seen."""
MOST: Final = 500
"""Most alerts that are open at a time."""
MOST_PROJECTS: Final = 10
"""Most projects or jobs that an alert names."""


@frozen
class Sign:
    """The trouble of a CI or project, as the source sees it now."""

    kind: AlertKind
    name: str
    since: int
    """When it began (seconds since 1970)."""
    count: int
    """Patch sets, changes or runs that show it."""
    projects: Sequence[str] = ()
    server: str = ""
    rate: int | None = None
    """Per cent of the runs that succeeded."""
    jobs: Sequence[str] = ()
    """Jobs of an incident."""
    title: str = ""
    """The display name of the CI, empty if it is the same as the name."""
    is_trusted: bool = False
    """Whether the CI is the project's own."""

    @property
    def id(self) -> str:
        """The id of its alert."""
        return alert_id(self.kind, self.name, self.server)


def alert_id(kind: AlertKind, name: str, server: str = "") -> str:
    """Return the id of an alert."""
    return " ".join(part for part in (str(kind), server, name) if part)


@frozen
class Look:
    """What the source sees at a moment."""

    at: int
    """Seconds since 1970."""
    bad: Sequence[Sign] = ()
    fine: Sequence[str] = ()
    """Ids of alerts that close if they are open."""
    between: Sequence[str] = ()
    """Ids of alerts that stay as they are."""
    unknown: Sequence[str] = ()
    """Names of CIs that had nothing to test."""
    unread: Mapping[str, int] = field(factory=dict)
    """Servers that cannot be read, since when (seconds since 1970)."""
    is_whole: bool = True
    """Whether the events of all servers are known until that moment."""

    def fact(self) -> Fact:
        """Return the fact for the core."""
        return Fact(LOOK, asdict(self, value_serializer=_plain))

    @property
    def verdict(self) -> object:
        """The part that may change the state; a look with the same verdict as the one before need not be told."""
        bad = sorted(one.id for one in self.bad)
        return bad, {*self.fine}, {*self.between}, {*self.unknown}, {*self.unread}, self.is_whole


def _plain(_instance: object, _attribute: object, value: Any) -> Any:
    return str(value) if isinstance(value, AlertKind) else value


def look_in(facts: Iterable[Fact]) -> Look | None:
    """Return the newest look among facts, None if there is none."""
    rows = [cast("dict[str, Any]", fact.value) for fact in facts if fact.key == LOOK]
    if not rows:
        return None
    row = max(rows, key=lambda one: int(one["at"]))
    signs = [Sign(**{**one, "kind": AlertKind(one["kind"])}) for one in row["bad"]]
    return Look(**{**row, "bad": signs})


def apply_look(draft: Draft, look: Look) -> list[Alert]:
    """Open and close alerts. Return those that closed because the trouble is over.

    An alert of something that is not expected any more closes without a word, unless some server is not known: then
    nobody can tell.
    """
    known = {one.id: one for one in alerts_in(draft.tree)}
    closed = [known[identifier] for identifier in look.fine if identifier in known]
    for one in closed:
        draft.drop("alerts", one.id)
    seen = {*look.fine, *look.between, *(sign.id for sign in look.bad)}
    for identifier in known:
        if identifier not in seen and look.is_whole:
            draft.drop("alerts", identifier)
    room = MOST - len([*alerts_in(draft.tree)])
    new = [sign for sign in look.bad if sign.id not in known]
    for sign in new[:room]:
        draft.write("alerts", sign.id, now=_opened(sign, look.at))
        draft.drop("over", sign.id)
    draft.write("unknown", now=cast("Json", sorted(look.unknown)))
    draft.write("unread", now=cast("Json", dict(look.unread)))
    for name in {ack for ack in _names(draft, "acks") if ack not in _alerted(draft)}:
        draft.drop("acks", name)
    return closed


def _opened(sign: Sign, at: int) -> Json:
    row: dict[str, Json] = {
        "kind": str(sign.kind),
        "name": sign.name,
        "since": stamp(moment_of(sign.since)),
        "opened": stamp(moment_of(at)),
        "after": stamp(moment_of(at)),
        "count": sign.count,
        "projects": [*sign.projects[:MOST_PROJECTS]],
        "rooms": False,
        "people": False,
    }
    if sign.server:
        row["server"] = sign.server
    if sign.jobs:
        row["jobs"] = [*sign.jobs[:MOST_PROJECTS]]
    if sign.rate is not None:
        row["rate"] = sign.rate
    if sign.title and sign.title != sign.name:
        row["title"] = sign.title
    if sign.is_trusted:
        row["trusted"] = True
    return row


def _names(draft: Draft, table: str) -> list[str]:
    return [*cast("dict[str, Json]", draft.tree[table])]


def _alerted(draft: Draft) -> set[str]:
    return {one.name for one in alerts_in(draft.tree)}
