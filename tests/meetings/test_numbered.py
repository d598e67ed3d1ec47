"""Numbers of actions and the days until which they are due."""

from __future__ import annotations

import pytest

from ptgbot.meetings.numbered import (
    Change,
    begins_at,
    change,
    due,
    first_number,
    list_actions,
    listed_actions,
    number_in,
)


@pytest.mark.parametrize(
    ("argument", "wanted"),
    [
        ("3 = jo writes it", Change(3, "jo writes it")),
        ("12=x = y", Change(12, "x = y")),
        ("3 =", None),
        ("jo = mira", None),
        ("3 apples", None),
        ("9" * 10_000 + " = x", None),
    ],
)
def test_change_has_number_and_text(argument: str, wanted: Change | None) -> None:
    assert change(argument) == wanted


def test_number_is_one_number() -> None:
    assert [number_in(text) for text in ("3", "#3", " 3. ")] == [3, 3, 3]
    assert [number_in(text) for text in ("", "3 4", "x", "-3", "9999999")] == [None] * 5


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("jo writes it - due Friday", "Friday"),
        ("jo writes it – due: 2026-11-20.", "2026-11-20"),
        ("the due date", ""),
        ("jo - due", ""),
        ("a - due b - due c", "c"),
        ("- due Friday", ""),
    ],
)
def test_due_day_stands_at_the_end(text: str, wanted: str) -> None:
    assert due(text) == wanted


def test_first_number_is_told_and_found() -> None:
    assert first_number(f"Open: 1. x. {begins_at(4)}") == 4
    assert first_number("nothing") is None


def test_listed_actions_are_found_again() -> None:
    actions = {1: "jo writes it - due Friday", 12: "x | 3 apples", **dict.fromkeys(range(13, 20), "a")}
    lines = list_actions(actions)
    assert {number: text for line in lines for number, text in listed_actions(line).items()} == actions
    assert [first_number(line) for line in lines] == [None, 20]
    assert listed_actions("no list. New actions begin at 3.") == {}
    assert list_actions({}) == []


def test_many_open_actions_are_bounded() -> None:
    lines = list_actions(dict.fromkeys(range(1, 500), "x" * 10000))
    assert (len(lines), first_number(lines[-1])) == (6, 500)
    assert max(map(len, lines)) < 1200
