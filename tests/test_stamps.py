"""When each place and each slice was changed last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ptgbot.feature import Touched
from ptgbot.stamps import EVERY, mark, marked_at, touch, touched
from ptgbot.store.edits import ABSENT, Edit, Tree

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


def at(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def history(*changes: tuple[str, Any, Any]) -> Tree:
    """Return the places after changes; each is made by the record of its number, from 1."""
    root: Tree = {}
    for number, (place, was, now) in enumerate(changes, 1):
        root = touch(root, [Edit(tuple(place.split("/")), was, now)], number, at(number))
    return root


def last(root: Tree, place: str) -> int | None:
    found = touched(root, tuple(place.split("/")))
    assert found is None or found == Touched(found.number, at(found.number))
    return found.number if found else None


def test_a_change_touches_its_place_and_those_above() -> None:
    root = history(("a/b", 1, 2), ("a/c/d", 1, 2), ("e", 1, 2))
    assert [last(root, place) for place in ("a", "a/b", "a/c", "a/c/d", "e")] == [2, 1, 2, 2, 3]
    assert [last(root, place) for place in ("x", "a/x", "a/b/x", "a/c/d/x")] == [None] * 4


def test_a_replaced_object_touches_everything_below() -> None:
    root = history(("a/b", 1, 2), ("a", {"b": 2}, {"c": 3}), ("a/c", 3, 4))
    assert [last(root, place) for place in ("a", "a/b", "a/c", "a/x")] == [3, 2, 3, 2]


@pytest.mark.parametrize(("was", "now"), [(ABSENT, {"b": 1}), ({"b": 1}, 2)])
def test_new_or_plain_value_touches_nothing_below(was: Any, now: Any) -> None:
    root = history(("a", was, now))
    assert (last(root, "a"), last(root, "a/b")) == (1, None)


def test_a_removed_place_is_known_by_those_above() -> None:
    root = history(("a/b/c", 1, 2), ("a/b", {"c": 2}, ABSENT))
    assert [last(root, place) for place in ("a", "a/b", "a/b/c")] == [2, None, None]


def test_slice_shows_newest_change_of_key_or_all() -> None:
    table = mark(mark({}, ["nova"], 1, at(1)), [EVERY], 2, at(2))
    assert marked_at({}, "nova") is None
    assert marked_at(table, "nova") == marked_at(table, "swift") == at(2).isoformat()
    table = mark(table, ["nova"], 3, at(3))
    assert (marked_at(table, "nova"), marked_at(table, "swift")) == (at(3).isoformat(), at(2).isoformat())
    assert list(table) == [EVERY, "nova"]


def test_newest_of_many_keys_are_known() -> None:
    table = mark({}, [EVERY, *map(str, range(10_000))], 1, at(1))
    assert (len(table), "0" in table, EVERY in table) == (10_000, False, True)
    table = mark(mark(table, ["1"], 2, at(2)), ["new"], 3, at(3))
    assert ("1" in table, "2" in table, "3" in table, "new" in table) == (True, False, True, True)
