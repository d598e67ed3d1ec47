"""Settings of alerts: when they open and close, who is told, and when they are mute."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import Attribute, field, frozen

from ptgbot.chat.limits import at_least, between
from ptgbot.chat.text import wildcards


@frozen
class AlertSettings:
    """The ``[ci.alerts]`` table: when alerts open and close."""

    missed: int = field(
        default=5,
        validator=at_least(0),
        metadata={"help": "Patch sets in a row without a result after which a CI counts as silent; 0 for never."},
    )
    failed: int = field(
        default=10,
        validator=at_least(0),
        metadata={"help": "Changes in a row on which a CI failed, after which it counts as failing; 0 for never."},
    )
    good: int = field(
        default=2,
        validator=at_least(1),
        metadata={"help": "Good results in a row after which an alert closes."},
    )
    rate: float = field(
        default=25.0,
        validator=between(0, 100),
        metadata={"help": "Per cent of its last runs that must succeed, else upstream of a project has an alert."},
    )
    runs: int = field(
        default=20,
        validator=at_least(1),
        metadata={"help": "Last runs of upstream that count for ``rate``; with fewer in a week there is no alert."},
    )


def _rooms(_instance: object, _attribute: Attribute[Any], value: tuple[str, ...]) -> None:
    for one in value:
        if not one.startswith("@") and "/" not in one:
            raise ValueError(f"“{one}” is no room; write NETWORK/ROOM, or @GROUP for a group of rooms")


@frozen
class NoticeSettings:
    """The ``[ci.notices]`` table: which rooms are told of what."""

    rooms: tuple[str, ...] = field(
        default=(),
        validator=_rooms,
        metadata={"help": "Rooms that are told: ``NETWORK/ROOM``, or ``@GROUP`` for a group of rooms."},
    )
    silent: bool = field(
        default=False, metadata={"help": "Whether they are told that an expected CI has become silent."}
    )
    failing: bool = field(
        default=False, metadata={"help": "Whether they are told that a CI fails on one change after the other."}
    )
    upstream: bool = field(
        default=False, metadata={"help": "Whether they are told that upstream of a project seldom succeeds."}
    )
    incident: bool = field(
        default=False,
        metadata={"help": "Whether they are told that several jobs of upstream fail because of the infrastructure."},
    )
    back: bool = field(
        default=False, metadata={"help": "Whether they are told that an alert is over of which they were told."}
    )

    def is_on(self, rule: str) -> bool:
        """Say whether rooms are told by a rule: the name of a kind of alerts, or ``back``."""
        return bool(self.rooms) and bool(getattr(self, rule, False))


def _moment(_instance: object, attribute: Attribute[Any], value: str) -> None:
    try:
        moment(value)
    except ValueError:
        raise ValueError(f"“{value}” is no moment; write it in UTC, such as 2026-11-23T22:00") from None


@frozen
class MaintenanceConfig:
    """A ``[[ci.maintenance]]`` table: a time in which nobody is told of alerts about some CIs or projects."""

    names: tuple[str, ...] = field(
        metadata={"help": "Accounts of CIs, and names of projects; ``*`` stands for any text."}
    )
    begin: str = field(
        validator=_moment, metadata={"help": "When it begins, in UTC, such as ``2026-11-23T22:00``."}
    )
    end: str = field(validator=_moment, metadata={"help": "When it ends, in the same form."})
    reason: str = field(default="maintenance", metadata={"help": "What the pages say of it."})

    def __attrs_post_init__(self) -> None:
        if self.ends <= self.begins:
            raise ValueError("a maintenance window must end after it begins")

    @property
    def begins(self) -> datetime:
        """When it begins (UTC, aware)."""
        return moment(self.begin)

    @property
    def ends(self) -> datetime:
        """When it ends (UTC, aware)."""
        return moment(self.end)

    def mutes(self, name: str, at: datetime) -> bool:
        """Say whether nobody is told of a CI or project at a moment."""
        return self.begins <= at < self.ends and bool(wildcards(self.names).fullmatch(name))


def moment(text: str) -> datetime:
    """Return the moment (UTC, aware) in a setting.

    Raises:
        ValueError: the text is no moment.
    """
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
