"""Edits: apply, reverse, difference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.store.edits import (
    ABSENT,
    Edit,
    EditConflict,
    Json,
    Tree,
    applied,
    difference,
    get,
    reverted,
    same,
)

leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
trees = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def test_absent_is_not_null() -> None:
    tree: Tree = {"a": None}
    assert get(tree, ["a"]) is None
    assert get(tree, ["b"]) is ABSENT
    with pytest.raises(EditConflict):
        applied(tree, [Edit(["a"], ABSENT, 1)])
    assert applied(tree, [Edit(["a"], None, 1)]) == {"a": 1}


def test_a_value_can_be_added_changed_and_removed() -> None:
    edits = [Edit(["a", "x"], ABSENT, 1), Edit(["a", "x"], 1, None)]
    assert applied({"a": {}}, edits) == {"a": {"x": None}}
    assert applied({"a": {}}, [*edits, Edit(["a", "x"], None, ABSENT)]) == {"a": {}}


def test_a_missing_parent_is_a_conflict() -> None:
    with pytest.raises(EditConflict, match=r"a\.b has changed"):
        applied({}, [Edit(["a", "b"], ABSENT, 1)])
    with pytest.raises(EditConflict, match=r"a\.b has changed"):
        applied({"a": "text"}, [Edit(["a", "b"], ABSENT, 1)])


def test_number_one_differs_from_true() -> None:
    assert not same(1, True)
    assert not same({"a": [0]}, {"a": [False]})
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_lists_are_compared_item_by_item() -> None:
    assert same([1, {"a": [2]}], [1, {"a": [2]}])
    assert not same([1, 2], [1, 3])
    assert not same([1], [1, 2])
    assert not same([1, 2], [1])


def test_conflicting_edit_leaves_tree_unchanged() -> None:
    tree: Tree = {"a": 1}
    with pytest.raises(EditConflict):
        applied(tree, [Edit(["a"], 1, 2), Edit(["b"], 5, 6)])
    assert tree == {"a": 1}


def test_untouched_objects_are_shared_with_the_old_tree() -> None:
    tree: Tree = {"a": {"x": {}, "y": {}}, "b": {"z": {}}}
    after: Any = applied(tree, [Edit(["a", "x", "n"], ABSENT, 1)])
    assert after["b"] is tree["b"]
    assert after["a"]["y"] is tree["a"]["y"]  # type: ignore[index, call-overload]
    assert after["a"] == {"x": {"n": 1}, "y": {}}


def test_inserted_value_is_shared_and_copied_on_change() -> None:
    value: Json = {"x": 1}
    first = applied({}, [Edit(["a"], ABSENT, value)])
    assert first["a"] is value
    second = applied(first, [Edit(["a", "x"], 1, 2)])
    assert (value, first, second) == ({"x": 1}, {"a": {"x": 1}}, {"a": {"x": 2}})


def test_one_edit_copies_only_the_objects_above_it() -> None:
    big: Tree = {f"k{number}": {"n": number} for number in range(1000)}
    tree: Tree = {"part": {"big": big, "small": {}}}
    after: Any = applied(tree, [Edit(["part", "small", "x"], ABSENT, 1), Edit(["part", "small", "y"], ABSENT, 2)])
    assert after["part"]["big"] is big


def test_key_order_survives_a_changed_value() -> None:
    assert [*applied({"a": 1, "b": 2}, [Edit(["a"], 1, 3)])] == ["a", "b"]


def test_an_edit_survives_json() -> None:
    for edit in (Edit(["a"], ABSENT, None), Edit(["a", "b"], 1, ABSENT), Edit(["a"], [], {})):
        assert Edit.from_json(edit.to_json()) == edit


@pytest.mark.parametrize("tree", [{}, {"at": []}, {"at": "a"}, {"at": [1]}])
def test_malformed_edit_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Edit.from_json(tree)


@given(trees, trees)
def test_difference_leads_both_ways_between_trees(before: Tree, after: Tree) -> None:
    edits = difference(before, after)
    tree = applied(before, edits)
    assert same(tree, after)
    assert same(reverted(tree, edits), before)


@given(trees, st.lists(trees, min_size=1, max_size=5))
def test_earlier_roots_stay_unchanged_by_later_ones(first: Tree, others: list[Tree]) -> None:
    roots, dumped = [first], [json.dumps(first)]
    for other in others:
        roots.append(applied(roots[-1], difference(roots[-1], other)))
        dumped.append(json.dumps(roots[-1]))
        roots.append(reverted(roots[-1], difference(roots[-2], other)))
        dumped.append(json.dumps(roots[-1]))
    assert [json.dumps(root) for root in roots] == dumped


@given(trees, trees, trees)
def test_combined_edits_equal_single_ones(first: Tree, second: Tree, third: Tree) -> None:
    edits = [*difference(first, second), *difference(second, third)]
    one_by_one = first
    for edit in edits:
        one_by_one = applied(one_by_one, [edit])
    assert json.dumps(applied(first, edits)) == json.dumps(one_by_one)


def test_whole_keys_are_replaced_as_one_edit() -> None:
    edits = difference({"a": {"x": 1}}, {"a": {"x": 2}}, frozenset("a"))
    assert edits == [Edit(["a"], {"x": 1}, {"x": 2})]
