"""Edits: apply, reverse, difference."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.store.edits import (
    ABSENT,
    Edit,
    EditConflict,
    Tree,
    apply,
    apply_all,
    difference,
    get,
    revert_all,
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
        apply(tree, Edit(["a"], ABSENT, 1))
    apply(tree, Edit(["a"], None, 1))
    assert tree == {"a": 1}


def test_a_value_can_be_added_changed_and_removed() -> None:
    tree: Tree = {"a": {}}
    apply(tree, Edit(["a", "x"], ABSENT, 1))
    apply(tree, Edit(["a", "x"], 1, None))
    apply(tree, Edit(["a", "x"], None, ABSENT))
    assert tree == {"a": {}}


def test_a_missing_parent_is_a_conflict() -> None:
    with pytest.raises(EditConflict, match=r"a\.b has changed"):
        apply({}, Edit(["a", "b"], ABSENT, 1))


def test_one_is_not_true() -> None:
    assert not same(1, True)
    assert not same({"a": [0]}, {"a": [False]})
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_all_or_none() -> None:
    tree: Tree = {"a": 1}
    with pytest.raises(EditConflict):
        apply_all(tree, [Edit(["a"], 1, 2), Edit(["b"], 5, 6)])
    assert tree == {"a": 1}


def test_a_value_put_in_is_not_shared_with_the_edit() -> None:
    value: dict[str, Any] = {"x": []}
    tree: Tree = {}
    apply(tree, Edit(["a"], ABSENT, value))
    value["x"].append(1)
    assert tree == {"a": {"x": []}}


def test_an_edit_survives_json() -> None:
    for edit in (Edit(["a"], ABSENT, None), Edit(["a", "b"], 1, ABSENT), Edit(["a"], [], {})):
        assert Edit.from_json(edit.to_json()) == edit


@pytest.mark.parametrize("tree", [{}, {"at": []}, {"at": "a"}, {"at": [1]}])
def test_what_is_no_edit_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Edit.from_json(tree)


@given(trees, trees)
def test_the_difference_leads_from_one_tree_to_the_other_and_back(before: Tree, after: Tree) -> None:
    tree = copy.deepcopy(before)
    edits = difference(before, after)
    apply_all(tree, edits)
    assert same(tree, after)
    revert_all(tree, edits)
    assert same(tree, before)


def test_whole_keys_are_replaced_whole() -> None:
    edits = difference({"a": {"x": 1}}, {"a": {"x": 2}}, frozenset("a"))
    assert edits == [Edit(["a"], {"x": 1}, {"x": 2})]
