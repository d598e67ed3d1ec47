"""The state of alerts: what is open since when, who has acknowledged it, who watches, and what was told.

The state has these tables::

    {
      "alerts": {ID: ALERT, …},                 open alerts
      "over": {ID: ALERT, …},                   closed alerts of which rooms are not told yet
      "acks": {NAME: ACK, …},                   acknowledgements by the name of a CI or project
      "watch": {KEY: {"account": [NAME, …], "project": [NAME, …]}, …}
      "told": {RULE: MOMENT, …},                when rooms were told by a rule last
      "unknown": [NAME, …],                     CIs of which nothing is known, because there was nothing to test
      "unread": {SERVER: SECONDS, …}            servers that cannot be read, since when
      "unreached": {ROOM: WHY, …}               rooms that the last line did not reach
    }

An alert has ``kind``, ``name``, ``title`` (the display name of a CI), ``server`` (for a project), ``since`` and
``opened`` (moments), ``count``, ``projects``, ``rate`` (for a project), ``jobs`` (of an incident), ``rooms`` and
``people``: whether these were told, and ``after``: from when they may be.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from attrs import define, field, frozen

from ptgbot.ci.settings import CiSettings
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, applied, get

BACK: Final = "back"
"""The rule by which rooms are told that an alert is over."""


class AlertKind(enum.StrEnum):
    """The kinds of alerts, which are also the rules by which rooms are told of them."""

    SILENT = "silent"
    """A CI has missed several patch sets in a row."""
    FAILING = "failing"
    """A CI has failed on several changes in a row."""
    UPSTREAM = "upstream"
    """The project's own CI seldom succeeds on a project."""
    INCIDENT = "incident"
    """Several jobs fail because of the infrastructure."""


def empty() -> Tree:
    """Return the state without alerts."""
    return {"alerts": {}, "over": {}, "acks": {}, "watch": {}, "told": {}, "unknown": [], "unread": {}, "unreached": {}}


@frozen
class Alert:
    """An open alert, or one that is over."""

    id: str
    row: Mapping[str, Any]

    @property
    def kind(self) -> AlertKind:
        """Its kind."""
        return AlertKind(self.row["kind"])

    @property
    def name(self) -> str:
        """The account of the CI, or the project."""
        return str(self.row["name"])

    @property
    def title(self) -> str:
        """The display name of the CI, or the project."""
        return str(self.row.get("title") or self.name)

    @property
    def since(self) -> datetime:
        """When the trouble began."""
        return datetime.fromisoformat(self.row["since"])

    @property
    def after(self) -> datetime:
        """From when people may be told of it: its opening, or the end of what mutes it."""
        return datetime.fromisoformat(self.row["after"])

    @property
    def projects(self) -> Sequence[str]:
        """Projects in which the trouble was seen."""
        return cast("Sequence[str]", self.row["projects"])


@frozen
class Ack:
    """An acknowledgement: somebody knows of the trouble, and nobody is told until a moment."""

    name: str
    row: Mapping[str, Any]

    @property
    def until(self) -> datetime:
        """When it ends."""
        return datetime.fromisoformat(self.row["until"])

    @property
    def by(self) -> str:
        """Who has made it; empty for somebody who was forgotten."""
        return str(self.row.get("who", {}).get("name", ""))


def alerts_in(tree: Tree, table: str = "alerts") -> Iterator[Alert]:
    """Yield the open alerts, or those of the table ``over``."""
    for identifier, row in _table(tree, table).items():
        yield Alert(identifier, row)


def acks_in(tree: Tree) -> Iterator[Ack]:
    """Yield the acknowledgements."""
    for name, row in _table(tree, "acks").items():
        yield Ack(name, row)


def ack_of(tree: Tree, name: str) -> Ack | None:
    """Return the acknowledgement of a CI or project, None if there is none."""
    row = _table(tree, "acks").get(name)
    return Ack(name, row) if row else None


def mute_until(tree: Tree, name: str, at: datetime, settings: CiSettings) -> datetime | None:
    """Return the moment until which nobody is told of a CI or project; None if people are told.

    Args:
        tree: the state.
        name: the account of the CI, or the project.
        at: the present moment.
        settings: settings of the board, with its maintenance windows.
    """
    ends = [one.ends for one in settings.maintenance if one.mutes(name, at)]
    ack = ack_of(tree, name)
    if ack and ack.until > at:
        ends.append(ack.until)
    return max(ends, default=None)


@define
class Draft:
    """The state in the middle of a decision: ``tree`` has the edits made so far."""

    tree: Tree
    edits: list[Edit] = field(factory=list, init=False)

    def write(self, *place: str, now: Json) -> None:
        """Set the value at a place, unless it is the same already."""
        was = get(self.tree, place)
        if was is ABSENT or was != now:
            self._edit(Edit(place, was, now))

    def drop(self, *place: str) -> None:
        """Remove the value at a place, if there is one."""
        was = get(self.tree, place)
        if was is not ABSENT:
            self._edit(Edit(place, was, ABSENT))

    def change(self, alert: Alert, table: str = "alerts", **values: Json) -> None:
        """Change values of an alert."""
        self.write(table, alert.id, now={**alert.row, **values})

    def _edit(self, edit: Edit) -> None:
        self.edits.append(edit)
        self.tree = applied(self.tree, [edit])


def stamp(at: datetime) -> str:
    """Return a moment as the state keeps it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def moment_of(seconds: int) -> datetime:
    """Return the moment (UTC, aware) for seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _table(tree: Tree, name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", tree[name])
