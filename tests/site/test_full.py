"""Rooms that are full or evacuated, wherever they are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ptgbot_site.build.state import State
from ptgbot_site.gathering.feeds import room_states
from tests.site.conftest import SLICES, named

Shown = Callable[..., Any]
DOOR = {"room:Barn": {"name": "Barn", "slots": []}}


def rooms(state: int) -> dict[str, Any]:
    """Return the rooms, one of them in a state."""
    return {**SLICES["rooms"], "Barn": {**SLICES["rooms"]["Barn"], "state": state}}


@pytest.mark.parametrize(("state", "words"), [(1, {"full"}), (2, {"evacuated"}), (0, set())])
@pytest.mark.parametrize("directive", ["now::", "rooms::", "schedule::", "screen::", "screen:: Barn"])
def test_full_room_says_so_where_it_stands(shown: Shown, directive: str, state: int, words: set[str]) -> None:
    assert {*shown(f".. ptg:{directive}", rooms=rooms(state), **DOOR).texts("ptg-crowd")} == words


def test_room_states_are_published_for_apps() -> None:
    made = room_states(State(named({"rooms": rooms(1)})))
    assert json.loads(made["roomstatus.json"]) == [{"roomname": "Barn", "state": 1}, {"roomname": "Loft", "state": 0}]
