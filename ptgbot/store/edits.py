"""Changes of a JSON tree as data: a place, the value before and the value after.

A tree is never changed in place. :func:`applied` returns a new root that shares every object with the old one except
those on the way to the change, so a reference to a root is a snapshot that never changes.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Tree = dict[str, Json]


class _Absent(enum.Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent.ABSENT
"""There is no value. This differs from null."""

Value = Json | _Absent


class EditConflict(Exception):
    """The value in the tree differs from the value before the edit."""

    def __init__(self, at: tuple[str, ...]) -> None:
        super().__init__(f"{'.'.join(at)} has changed")
        self.at = at


def _path(at: Iterable[str]) -> tuple[str, ...]:
    return tuple(at)


@frozen
class Edit:
    """A change at one place from ``was`` to ``now``. The values must never be changed in place afterwards."""

    at: tuple[str, ...] = field(converter=_path)
    was: Value
    now: Value

    def reversed(self) -> Edit:
        """Return the edit that undoes this one."""
        return Edit(self.at, self.now, self.was)

    def to_json(self) -> Tree:
        """Return ``{at, was, is}``, without the keys of absent values."""
        tree: Tree = {"at": list(self.at)}
        if self.was is not ABSENT:
            tree["was"] = self.was
        if self.now is not ABSENT:
            tree["is"] = self.now
        return tree

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Edit:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError, TypeError: ``at`` is missing or is not a list of names.
        """
        at = tree["at"]
        if not isinstance(at, list) or not at or not all(isinstance(part, str) for part in at):
            raise TypeError(f"an edit's place is a list of names, not {at!r}")
        return cls(at, tree.get("was", ABSENT), tree.get("is", ABSENT))


def get(tree: Tree, at: Sequence[str]) -> Value:
    """Return the value at a place, ABSENT if there is none."""
    here: Value = tree
    for part in at:
        if not isinstance(here, dict) or part not in here:
            return ABSENT
        here = here[part]
    return here


def applied(tree: Tree, edits: Iterable[Edit]) -> Tree:
    """Return the tree after all edits.

    The objects on the way to each change are copied, everything else is shared with the old tree, which stays as it is.

    Raises:
        EditConflict: the value at a place differs from the edit's value before.
    """
    fresh: dict[int, Tree] = {}
    for edit in edits:
        tree = _applied(tree, edit, fresh)
    return tree


def _applied(tree: Tree, edit: Edit, fresh: dict[int, Tree]) -> Tree:
    *parents, last = edit.at
    if not same(get(tree, edit.at), edit.was) or not isinstance(get(tree, parents), dict):
        raise EditConflict(edit.at)
    root = here = _own(tree, fresh)
    for part in parents:
        inner = here[part]
        assert isinstance(inner, dict)
        own = here[part] = _own(inner, fresh)
        here = own
    if edit.now is ABSENT:
        here.pop(last, None)
    else:
        here[last] = edit.now
    return root


def _own(box: Tree, fresh: dict[int, Tree]) -> Tree:
    """Return an object that may be changed: the object itself if it was copied for these edits, else a copy."""
    if id(box) in fresh:
        return box
    copied = {**box}
    # The copy is kept alive here, so that its id can't become that of an object of somebody else.
    fresh[id(copied)] = copied
    return copied


def reverted(tree: Tree, edits: Sequence[Edit]) -> Tree:
    """Return the tree before all edits, undoing the last one first.

    Raises:
        EditConflict: the value at a place differs from the edit's value after.
    """
    return applied(tree, (edit.reversed() for edit in reversed(edits)))


def same(one: Value, other: Value) -> bool:
    """Say whether two values are equal as JSON: ``1`` is not ``true``, and the order of keys is ignored."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def difference(before: Tree, after: Tree, whole: frozenset[str] = frozenset()) -> list[Edit]:
    """Return the edits that lead from one tree to another, each as deep in the tree as possible.

    Top-level keys named in ``whole`` are replaced as a whole, because the order of their keys matters.
    """
    return _difference(before, after, (), whole)


def _difference(before: Tree, after: Tree, at: tuple[str, ...], whole: frozenset[str]) -> list[Edit]:
    edits: list[Edit] = []
    for key in {**before, **after}:
        was, now = before.get(key, ABSENT), after.get(key, ABSENT)
        if isinstance(was, dict) and isinstance(now, dict) and not (key in whole and not at):
            edits += _difference(was, now, (*at, key), whole)
        elif not same(was, now):
            edits.append(Edit((*at, key), was, now))
    return edits
