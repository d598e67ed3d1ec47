"""Numbers of actions and the days until which they are due."""

from __future__ import annotations

import pytest

from ptgbot.meetings.numbered import Action, Change, begins_at, change, closed, due, first_number, number_in


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
    assert [number_in(text) for text in ("3", "#3", " 3. ", "", "3 4", "x", "-3", "9999999")] == [
        3, 3, 3, None, None, None, None, None
    ]


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
    assert Action(1, text, "mira", 5).due == wanted


def test_first_number_is_told_and_found() -> None:
    assert first_number(f"Open: 1. x. {begins_at(4)}") == 4
    assert first_number("nothing") is None


def test_done_action_is_closed() -> None:
    assert closed(Action(1, "x", "mira", 5)).done
