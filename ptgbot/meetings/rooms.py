"""Rooms and places: which meeting belongs to which room. Pure functions of the state.

The state of the feature: ``running`` has each running meeting by its place, as ``{"meeting": …, "rooms":
["NETWORK/ROOM", …], "warned": false, "draft": ""}``; ``recent`` has the newest finished meetings, by the ids of their
documents, see :func:`ptgbot.meetings.minutes.summary_of`. ``planned`` has the coming meetings of each calendar,
``told`` the moment up to which rooms were told of them, see :mod:`ptgbot.meetings.planning`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from attrs import frozen

from ptgbot.chat.message import Room, Target
from ptgbot.meetings.meeting import Meeting
from ptgbot.meetings.planning import empty_plan
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Tree, difference

RECENT: Final = 300
"""Finished meetings that the state lists; older ones are in the archive."""


def empty() -> Tree:
    """Return the state without meetings."""
    return {"running": {}, "recent": {}, **empty_plan()}


def full_name(room: Room) -> str:
    """Return the name of a room with its network."""
    return f"{room.network}/{room.name}"


def rooms_of(room: Room, settings: MeetingsSettings) -> tuple[str, ...]:
    """Return the full names of all rooms of the place of a room. The first is the same for each of them."""
    name = full_name(room)
    for place in settings.places:
        if name.lower() in map(str.lower, place.rooms):
            return place.rooms
    return (name,)


def target_of(full: str) -> Target:
    """Return the target of a room by its full name."""
    network, _, room = full.partition("/")
    return Target(network, room)


@frozen
class Running:
    """A running meeting and its rooms."""

    place: str
    meeting: Meeting
    rooms: tuple[str, ...]
    warned: bool = False
    """Whether the rooms were told that the planned end is near."""
    draft: str = ""
    """Address under which the minutes were saved before the end, empty if they were not."""

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {"meeting": self.meeting.to_json(), "rooms": [*self.rooms], "warned": self.warned, "draft": self.draft}

    def edits(self, tree: Tree) -> list[Edit]:
        """Return the edits that lead from a state to one with this meeting as it is."""
        former = _running(tree).get(self.place)
        if former is None:
            return [Edit(("running", self.place), ABSENT, self.to_json())]
        after = self.to_json()
        return [Edit(("running", self.place, *e.at), e.was, e.now) for e in difference(former, after)]


def running(tree: Tree) -> Iterator[Running]:
    """Yield the running meetings."""
    for place, row in _running(tree).items():
        yield _read(place, row)


def running_in(tree: Tree, room: Room) -> Running | None:
    """Return the meeting that runs in a room, None if there is none."""
    name = full_name(room).lower()
    for place, row in _running(tree).items():
        if name in map(str.lower, row["rooms"]):
            return _read(place, row)
    return None


def _read(place: str, row: Mapping[str, Any]) -> Running:
    meeting = Meeting.from_json(row["meeting"])
    return Running(place, meeting, tuple(row["rooms"]), row["warned"], row["draft"])


def is_running_in(tree: Tree, room: Room) -> bool:
    """Say whether a meeting runs in a room. Cheap: called for every line."""
    table = _running(tree)
    if not table:
        return False
    name = full_name(room).lower()
    return any(name in map(str.lower, row["rooms"]) for row in table.values())


def is_restricted_in(tree: Tree, full: str) -> bool:
    """Say whether a meeting runs in a room, given by its full name, whose minutes and log are not public."""
    return any(
        row["meeting"]["restricted"] and full.lower() in map(str.lower, row["rooms"])
        for row in _running(tree).values()
    )


def recent(tree: Tree) -> Mapping[str, Mapping[str, Any]]:
    """Return the newest finished meetings by the ids of their documents, the oldest first."""
    return cast("Mapping[str, Mapping[str, Any]]", tree["recent"])


def newest_named(tree: Tree, name: str) -> Mapping[str, Any] | None:
    """Return the newest finished meeting with a name, None if there is none."""
    return next((row for row in reversed([*recent(tree).values()]) if row["name"] == name), None)


def kept(tree: Tree, identifier: str, summary: Tree) -> Sequence[Edit]:
    """Return the edits that put a finished meeting into the list of the newest."""
    rows = cast("Tree", tree["recent"])
    was = rows.get(identifier, ABSENT)
    over = [] if identifier in rows else [*rows][: max(0, len(rows) + 1 - RECENT)]
    return [*(Edit(("recent", old), rows[old], ABSENT) for old in over), Edit(("recent", identifier), was, summary)]


def _running(tree: Tree) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", tree["running"])
