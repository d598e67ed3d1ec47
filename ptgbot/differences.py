"""The differences between two states of a tree, as edits of single places."""

from __future__ import annotations

from collections.abc import Iterator

from ptgbot.store.edits import ABSENT, Edit, Tree, Value

DEPTH = 3
"""Names of the deepest place that is told; what lies below is told as a change of that place."""


def differing(before: Tree, after: Tree, depth: int = DEPTH) -> Iterator[Edit]:
    """Yield the differences between two roots.

    Objects that both share are skipped, so the cost depends on the changes only. If an object appears or disappears,
    the object itself comes first, then its contents. If only the order of keys differs, the object counts as changed.
    """
    yield from _between((), before, after, depth)


def spread(edit: Edit, depth: int = DEPTH) -> Iterator[Edit]:
    """Yield the changes of an edit in the same form as :func:`differing`."""
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
    """Return the keys of a value, None if it is neither an object nor absent."""
    return {} if value is ABSENT else value if isinstance(value, dict) else None


def _reordered(before: Tree, after: Tree) -> bool:
    """Say whether the keys that two objects share have another order."""
    one, other = list(before), list(after)
    if one == other[: len(one)]:
        return False
    return list(filter(after.__contains__, one)) != list(filter(before.__contains__, other))
