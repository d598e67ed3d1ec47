"""The ``[meetings]`` table of the configuration."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from ptgbot.chat.limits import above
from ptgbot.chat.urls import address_problem
from ptgbot.meetings.calendars import CalendarConfig
from ptgbot.meetings.forge import ForgeConfig
from ptgbot.meetings.reminders import Waits


def _rooms(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    for room in value:
        if not all(room.partition("/")):
            raise ValueError(f"write NETWORK/ROOM instead of {room!r}")


@frozen
class PlaceConfig:
    """A ``[[meetings.places]]`` table: rooms of several networks that count as one place."""

    rooms: tuple[str, ...] = field(
        default=(),
        validator=_rooms,
        metadata={"help": "Its rooms, each as ``NETWORK/ROOM``. A meeting in one of them is held in all of them."},
    )


def _address(_instance: object, _attribute: object, value: str) -> None:
    if problem := address_problem(value):
        raise ValueError(problem)


def _named(_instance: object, _attribute: object, value: tuple[HookConfig, ...]) -> None:
    if len({one.name for one in value}) < len(value):
        raise ValueError("two web hooks have the same name")


@frozen
class HookConfig:
    """A ``[[meetings.hooks]]`` table: an address that is told of meetings."""

    name: str
    """Its name in the journal, unique."""
    url: str = field(validator=_address)
    secret_file: Path
    """A file with the key of the signatures."""
    timeout: float = field(default=10.0, validator=above(0))
    """Seconds after which one try has failed."""


@frozen
class MeetingsSettings:
    """Settings of meetings."""

    rooms: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Names of the rooms where meetings can be held, as in the tables of the networks. Every room in "
            "which the feature is on if left out."
        },
    )
    log_rooms: tuple[str, ...] = field(
        default=(),
        validator=_rooms,
        metadata={
            "help": "Rooms, each as ``NETWORK/ROOM``, of which everything that is said is published in a log for each "
            "day, see :doc:`minutes`. No room if left out. Tell the people in the room."
        },
    )
    start: Literal["all", "voiced", "ops", "listed"] = field(
        default="all",
        metadata={
            "help": "Who may start a meeting: ``all``; ``voiced`` people and moderators; ``ops``; or only those "
            "``listed`` in ``starters``. On Matrix the power levels of the network's table decide."
        },
    )
    starters: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Services accounts and Matrix ids of people who may start a meeting in any case."},
    )
    chairs: dict[str, tuple[str, ...]] = field(
        factory=dict,
        metadata={"help": "Chairs by the name of a meeting: nicks, services accounts or Matrix ids."},
    )
    anybody_agrees: bool = field(
        default=False, metadata={"help": "Whether everybody may use ``#agreed``, not only the chairs."}
    )
    set_topic: bool = field(default=True, metadata={"help": "Whether ``#topic`` sets the topic of the room."})
    warn_minutes: float = field(
        default=5.0,
        validator=above(0),
        metadata={"help": "Minutes before the planned end at which the room is told that the time is nearly over."},
    )
    places: tuple[PlaceConfig, ...] = field(
        default=(),
        metadata={"help": "Rooms that count as one place, such as a channel and the Matrix room of the same team."},
    )
    calendars: tuple[CalendarConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[meetings.calendars]]``: calendars of regular meetings. Each has ``address`` or "
            "``file``, and may have ``rooms``, the room of each meeting by its name, such as "
            '``{"Nova" = "example/#nova"}``. Others are held in the room that their place names, such as ``#nova``.'
        },
    )
    calendar_minutes: float = field(
        default=30.0, validator=above(0), metadata={"help": "Minutes after which the calendars are read again."}
    )
    remind_minutes: float = field(
        default=10.0,
        validator=above(0),
        metadata={"help": "Minutes before a regular meeting at which its room is told."},
    )
    idle_minutes: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Minutes without a line after which the chairs are asked whether the meeting is over."},
    )
    overtime_minutes: float = field(
        default=15.0,
        validator=above(0),
        metadata={
            "help": "Minutes after the planned end at which the chairs are asked; when nobody says anything for as "
            "long after the question, the minutes are written as a draft."
        },
    )
    hooks: tuple[HookConfig, ...] = field(
        default=(),
        validator=_named,
        metadata={
            "help": "Tables ``[[meetings.hooks]]``: addresses that get a signed web hook when a meeting starts and "
            "ends, and when a topic with an issue ends. Each has ``name``, ``url``, ``secret_file`` and perhaps "
            "``timeout`` (seconds)."
        },
    )
    forges: tuple[ForgeConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[meetings.forges]]``: hosts on whose issues comments are written, see ``#issue``. Each "
            "has ``host``, ``kind`` (``github``, ``gitlab`` or ``gitea``), ``token_file``, and ``api`` if the address "
            "of the interface is not the usual one."
        },
    )
    forge_items: Literal["resolutions", "all"] = field(
        default="resolutions",
        metadata={"help": "Items that are told to issues: what was agreed, accepted, rejected and voted, or all."},
    )

    @property
    def remind(self) -> timedelta:
        """How long before a regular meeting its room is told."""
        return timedelta(minutes=self.remind_minutes)

    @property
    def waits(self) -> Waits:
        """How long the bot waits before it asks whether a meeting is over."""
        return Waits(timedelta(minutes=self.idle_minutes), timedelta(minutes=self.overtime_minutes))
