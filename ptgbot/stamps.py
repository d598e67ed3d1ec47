"""The last change of each place of the state and of each slice of the site, with the number of its record.

It is a fold over the records, kept beside the state, so it does not depend on when pages are built.

A node of the tree of places is ``{"last": [number, moment], "whole": [number, moment], "in": {name: node}}``: the last
change of the place or of anything below it, and the last time at which it was replaced or reordered as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from ptgbot.feature import Keys, Touched
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

MOST_KEYS = 10_000
"""Keys of one kind of slices of which the last change is known; those that changed longest ago are dropped."""
EVERY = ""
"""Stands for all keys of a kind."""


def touched(root: Tree, place: Keys) -> Touched | None:
    """Return the last change of a place, None if it was never changed."""
    node, found = root, _stamp(root.get("whole"))
    for name in place:
        inner = cast("Tree", node.get("in", {})).get(name)
        if not isinstance(inner, dict):
            return found
        node = inner
        found = _newer(found, _stamp(node.get("whole")))
    return _newer(found, _stamp(node.get("last")))


def touch(root: Tree, edits: Iterable[Edit], number: int, at: datetime) -> Tree:
    """Return the tree of places after the changes of the record with this number."""
    stamp: Json = [number, at.isoformat()]
    for edit in edits:
        root = _touch(root, edit, edit.at, stamp)
    return root


def _touch(node: Tree, edit: Edit, rest: Sequence[str], stamp: Json) -> Tree:
    node = {**node, "last": stamp}
    if not rest:
        return node if edit.was is ABSENT or not isinstance(edit.now, dict) else {**node, "whole": stamp}
    inner = cast("Tree", node.get("in", {}))
    name, *below = rest
    if edit.now is ABSENT and not below:
        kept: Tree = {key: value for key, value in inner.items() if key != name}
        return {**node, "in": kept}
    return {**node, "in": {**inner, name: _touch(cast("Tree", inner.get(name, {})), edit, below, stamp)}}


def mark(table: Tree, keys: Iterable[str], number: int, at: datetime) -> Tree:
    """Return the last changes of a kind's slices after one more record."""
    stamp: Json = [number, at.isoformat()]
    marked: Tree = {**table}
    for key in keys:
        # Taken out first: the order of the table is that of the changes.
        marked.pop(key, None)
        marked[key] = stamp
    while len(marked) > MOST_KEYS:
        oldest = next(key for key in marked if key != EVERY)
        del marked[oldest]
    return marked


def marked_at(table: Tree, key: str) -> str | None:
    """Return the moment (ISO 8601) of the last change of a kind's slice with this key, None if there was none."""
    found = [stamp for name in (EVERY, key) if isinstance(stamp := table.get(name), list)]
    newest = max(found, key=lambda stamp: cast("int", stamp[0]), default=None)
    return str(newest[1]) if newest else None


def _stamp(value: Json) -> Touched | None:
    if not isinstance(value, list):
        return None
    number, at = value
    return Touched(cast("int", number), datetime.fromisoformat(str(at)))


def _newer(one: Touched | None, other: Touched | None) -> Touched | None:
    if one is None or other is None:
        return one or other
    return other if other.number >= one.number else one
