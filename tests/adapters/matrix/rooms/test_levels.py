from __future__ import annotations

from typing import Any

import pytest

from ptgbot_matrix.event import Event
from ptgbot_matrix.rooms.levels import UNBOUNDED, levels
from ptgbot_matrix.rooms.state import RoomState

ADA, OLA = "@ada:x", "@ola:x"


def create(version: str = "11", **more: Any) -> Event:
    return Event("$c", "m.room.create", ADA, {"room_version": version, **more}, "")


@pytest.mark.parametrize(("version", "level"), [("12", UNBOUNDED), ("13", UNBOUNDED), ("11", 0), ("org.example", 0)])
def test_creators_outrank_levels_since_room_version_twelve(version: str, level: float) -> None:
    """MSC4289: they stand in no list."""
    assert levels(create(version), {"users": {}}).of(ADA) == level


def test_additional_creators_count_too() -> None:
    assert levels(create("12", additional_creators=[OLA, 5]), {"users": {}}).of(OLA) == UNBOUNDED


def test_creator_alone_has_power_without_levels() -> None:
    """Client-server API, m.room.power_levels: "the room's creator has a power level of 100"."""
    assert [levels(create(), None).of(user) for user in (ADA, OLA)] == [100, 0]


@pytest.mark.parametrize(
    ("value", "level"), [(50, 50), ("50", 50), (" -3 ", -3), (True, 0), (1.5, 0), ("x", 0), (None, 0), ([9], 0)]
)
def test_level_is_read_from_any_json_value(value: Any, level: int) -> None:
    assert levels(create(), {"users": {OLA: value}}).of(OLA) == level


def test_user_removed_from_levels_falls_to_default() -> None:
    room = RoomState("!r")
    room.take(create())
    for users in ({OLA: 50}, {ADA: 100}):
        room.take(Event("$p", "m.room.power_levels", ADA, {"users": users}, ""))
    assert room.levels.of(OLA) == 0


def test_rewind_restores_levels_before_gap() -> None:
    room = RoomState("!r")
    room.take(create())
    room.take(Event("$p", "m.room.power_levels", ADA, {"users": {OLA: 100}}, ""))
    later = Event("$p", "m.room.power_levels", ADA, {}, "", {"prev_content": {"users": {OLA: 7}}})
    room.rewind([Event("$x", "m.room.topic", ADA, {}, ""), later])
    assert room.levels.of(OLA) == 7
    room.rewind([Event("$p", "m.room.power_levels", ADA, {}, "")])
    assert (room.levels.of(OLA), room.levels.of(ADA)) == (0, 0)


def test_tombstone_level_decides_about_upgrade() -> None:
    rights = levels(create(), {"users": {OLA: 50}, "events": {"m.room.tombstone": 100}})
    assert [rights.may_set(OLA, kind) for kind in ("m.room.tombstone", "m.room.topic")] == [False, True]
