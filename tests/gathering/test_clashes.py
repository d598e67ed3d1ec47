"""Times and bookings that contradict each other are named."""

from __future__ import annotations

import pytest

from ptgbot.gathering.clashes import clashes
from ptgbot.gathering.model import Gathering, empty
from ptgbot.gathering.schedule import Calendar
from ptgbot.store.edits import Json, Tree
from ptgbot.testing import START

SLOTS: list[Json] = [
    {"name": "A", "desc": "09:00-10:00"},
    {"name": "B", "desc": "10:00-11:00"},
    {"name": "C", "desc": "10:30-11:30"},
]


def said(slots: list[Json], schedule: Tree, day: str = "2026-11-23", zone: str = "Europe/Berlin") -> list[str]:
    tree: Tree = {**empty(), "slots": {"Day": slots}, "dates": {"Day": day}, "schedule": schedule, "tracks": ["nova"]}
    gathering = Gathering(tree)
    return list(clashes(gathering, Calendar.of(gathering, START, zone)))


def test_plain_schedule_has_no_clash() -> None:
    assert said(SLOTS[:2], {"Oak": {"A": "nova"}, "Elm": {"B": "nova"}}) == []


@pytest.mark.parametrize(
    ("slots", "schedule", "sentence"),
    [
        (SLOTS[:2], {"Oak": {"A": "nova"}, "Elm": {"A": "nova"}}, "nova is in Oak (A) and in Elm (A) at the same time"),
        (SLOTS, {"Oak": {"B": "nova"}, "Elm": {"C": "nova"}}, "nova is in Oak (B) and in Elm (C) at the same time"),
        (SLOTS, {}, "slots.Day: B and C overlap."),
        (SLOTS[:2], {"Oak": {"Z": "nova"}}, "schedule.Oak.Z: there is no slot Z"),
        ([{"name": "A", "desc": "10:00-09:00"}], {}, "“10:00-09:00” ends before it begins"),
    ],
)
def test_a_clash_is_named(slots: list[Json], schedule: Tree, sentence: str) -> None:
    assert any(sentence in one for one in said(slots, schedule))


def test_start_that_daylight_saving_skips_is_named() -> None:
    [sentence] = said([{"name": "A", "desc": "02:30-03:30"}], {}, "2026-03-29")
    assert "there is no 02:30 on 2026-03-29 in Europe/Berlin" in sentence


def test_a_night_may_last_past_midnight() -> None:
    assert said([{"name": "A", "desc": "22:00-02:00"}], {}) == []
