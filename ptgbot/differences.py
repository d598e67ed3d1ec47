"""What differs between two states of a tree, told as edits of single places."""

from __future__ import annotations

from collections.abc import Iterator

from ptgbot.store.edits import ABSENT, Edit, Tree, Value

DEPTH = 3
"""Names of the deepest place that is told; what lies below is told as a change of that place."""


def differing(before: Tree, after: Tree, depth: int = DEPTH) -> Iterator[Edit]:
    """Yield what differs between two roots.

    Objects that both share are not looked into, so the cost depends on what changed. Where an object appears or
    goes, the object itself is told first, then what stands in it. Where only the order of names differs, the object
    is told as changed.
    """
    yield from _between((), before, after, depth)


def spread(edit: Edit, depth: int = DEPTH) -> Iterator[Edit]:
    """Yield what an edit changes, in the way of :func:`differing`."""
    yield from _between(edit.at, edit.was, edit.now, depth)


def _between(at: tuple[str, ...], was: Value, now: Value, depth: int) -> Iterator[Edit]:
    if was is now:
        return
    old, new = _object(was), _object(now)
    if len(at) >= depth or old is None or new is None:
        yield Edit(at, was, now)
        return
    if was is ABSENT or now is ABSENT or _reordered(old, new):
        yield Edit(at, was, now)
    for name in [one for one, value in old.items() if new.get(one, ABSENT) is not value]:
        yield from _between((*at, name), old[name], new.get(name, ABSENT), depth)
    for name in [one for one in new if one not in old]:
        yield from _between((*at, name), ABSENT, new[name], depth)


def _object(value: Value) -> Tree | None:
    """Return the names that stand in a value; None where it is neither an object nor absent."""
    return {} if value is ABSENT else value if isinstance(value, dict) else None


def _reordered(before: Tree, after: Tree) -> bool:
    """Say whether names that stand in both objects have another order."""
    one, other = list(before), list(after)
    if one == other[: len(one)]:
        return False
    return list(filter(after.__contains__, one)) != list(filter(before.__contains__, other))
