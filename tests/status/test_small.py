"""Successes and thanks, which everybody may tell."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ptgbot.status import model
from ptgbot.status.typed import thanked
from ptgbot.testing import person
from tests.status.desk import GUEST, MIRA, Desk, desk

__all__ = ["desk"]


def test_success_is_on_its_page() -> None:
    desk = Desk(site="https://example.org/")
    assert desk("#success the gate is green", GUEST) == ["Success 1 (https://example.org/successes.html) is on record."]
    desk("#thanks Ada, bob for the review", person("dee", "dee"))
    shown = desk.slices()
    (success,) = cast("list[dict[str, Any]]", shown["successes:2026-11"])
    (thanks,) = cast("list[dict[str, Any]]", shown["thanks:2026-11"])
    assert (success["text"], success["who"], success["links"]) == ("the gate is green", "guest", False)
    assert (thanks["to"], thanks["links"]) == (["Ada", "bob"], True)
    assert shown["people"] == [
        {"name": "Ada", "thanked": 1, "gave": 0, "successes": 0},
        {"name": "bob", "thanked": 1, "gave": 0, "successes": 0},
        {"name": "dee", "thanked": 0, "gave": 1, "successes": 0},
        {"name": "guest", "thanked": 0, "gave": 0, "successes": 1},
    ]
    assert "history:2026-11" not in shown


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ada for the help", ["ada"]),
        ("to ada, @bob and Cleo & dee: for it", ["ada", "bob", "Cleo", "dee"]),
        ("ada, ADA for it", ["ADA"]),
        ("everybody who came", []),
        ("for nothing", []),
        ("all of the infra team for the help", []),
        ("ada for", []),
        (", ".join("abcdefghijklm") + " for it", []),
        (f"{'x' * 41} for it", []),
    ],
)
def test_thanked_people_stand_before_for(text: str, names: list[str]) -> None:
    assert thanked(text) == names


def test_too_many_successes_within_an_hour(desk: Desk) -> None:
    for number in range(10):
        assert "on record" in desk(f"#success {number}", GUEST)[0]
    assert desk("#thanks ada for it", GUEST) == [
        "That is more than 10 within an hour. Please tell it later; nothing was kept."
    ]
    assert "on record" in desk("#success mine", person("other"))[0]
    assert "on record" in desk("#success later", GUEST, minutes=52)[0]
    assert all("on record" in desk(f"#success {number}", MIRA)[0] for number in range(12))
    assert len([*model.every_entry(desk.tree)]) == 24


def test_withdrawn_thanks_do_not_count(desk: Desk) -> None:
    desk("#thanks ada for nothing", GUEST)
    desk("#status undo", GUEST)
    assert desk.slices()["people"] == []
