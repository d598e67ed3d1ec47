"""What differs between two states, told as edits of single places."""

from __future__ import annotations

from typing import Any

import pytest

from ptgbot.differences import differing, spread
from ptgbot.store.edits import ABSENT, Edit, Tree

SHARED: Tree = {"x": 1}


def told(before: Tree, after: Tree) -> list[tuple[str, Any, Any]]:
    return [("/".join(edit.at), edit.was, edit.now) for edit in differing(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        ({"a": SHARED}, {"a": SHARED}, []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [("b", 2, 3)]),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, [("a/c", ABSENT, 2)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, [("a/c", 2, ABSENT)]),
        ({}, {"a": {"b": 1}}, [("a", ABSENT, {"b": 1}), ("a/b", ABSENT, 1)]),
        ({"a": {"b": 1}}, {}, [("a", {"b": 1}, ABSENT), ("a/b", 1, ABSENT)]),
        ({"a": {"b": 1}}, {"a": 2}, [("a", {"b": 1}, 2)]),
        ({"a": {"b": {"c": {"d": 1}}}}, {"a": {"b": {"c": {"d": 2}}}}, [("a/b/c", {"d": 1}, {"d": 2})]),
    ],
)
def test_each_place_that_differs_is_told(before: Tree, after: Tree, edits: list[tuple[str, Any, Any]]) -> None:
    assert told(before, after) == edits


@pytest.mark.parametrize(
    ("before", "after", "reordered"),
    [
        ("abc", "abc", False),
        ("ab", "abc", False),
        ("abc", "ab", False),
        ("ac", "abc", False),
        ("abc", "ac", False),
        ("ba", "ab", True),
        ("ab", "ba", True),
        ("cab", "abd", False),
        ("abd", "xba", True),
        ("ab", "cd", False),
    ],
)
def test_another_order_is_a_change_of_the_object(before: str, after: str, reordered: bool) -> None:
    was: Tree = {"names": dict.fromkeys(before, 1)}
    now: Tree = {"names": dict.fromkeys(after, 1)}
    assert (("names", was["names"], now["names"]) in told(was, now)) is reordered


def test_an_edit_is_spread_over_what_it_changes() -> None:
    edit = Edit(("a", "b"), {"c": 1, "d": 2}, {"c": 1, "d": 3})
    assert list(spread(edit)) == [Edit(("a", "b", "d"), 2, 3)]
    assert list(spread(edit, 2)) == [edit]
