"""The ``[meetings]`` table of the configuration."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from ptgbot.chat.limits import above


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
