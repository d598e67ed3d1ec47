"""Tracks that share a room, each with a badge of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Shown = Callable[..., Any]
DAY = {"schedule:Monday": {"Barn": {"MonA": "fox + owl", "MonB": ""}, "Loft": {}}}
DOOR = {
    "room:Barn": {
        "name": "Barn",
        "slots": [{"day": "Monday", "slot": "MonA", "start": None, "end": None, "track": "fox + owl", "topic": None}],
    }
}


@pytest.mark.parametrize(
    "source",
    [
        "schedule:: Monday",
        "schedule::\n   :today:",
        "rooms::",
        "screen::",
        "screen:: Barn",
        "grid:: Monday",
        "compact:: Monday",
    ],
)
def test_tracks_in_one_room_have_badges_each(shown: Shown, source: str) -> None:
    badges = shown(f".. ptg:{source}", **DAY, **DOOR).texts("ptg-badge")
    assert {*badges} == {"fox", "owl"}
