"""Caches of results that are computed from a part of the state.

An object of the state is never changed in place: an edit makes a new object. So the same object has the same contents,
and a result can be found by the identity of the object.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import define, frozen

_KEPT = 4
"""Results kept for each function: for the working and the committed state, and for the states just before them."""

Result = TypeVar("Result")


def remembered(function: Callable[..., Result]) -> Callable[..., Result]:
    """Decorate a function with a cache of its last results, by the identity of its positional arguments.

    The cache holds the arguments, so that no other object can get their identity.
    """
    kept: tuple[tuple[tuple[Any, ...], Result], ...] = ()

    @functools.wraps(function)
    def asked(*arguments: Any) -> Result:
        nonlocal kept
        for former, result in kept:
            if all(map(_same, former, arguments)):
                return result
        result = function(*arguments)
        # One assignment: threads that ask at the same time can at worst forget each other's result.
        kept = ((arguments, result), *kept[: _KEPT - 1])
        return result

    return asked


def _same(one: object, other: object) -> bool:
    return one is other


@frozen(eq=False)
class _Named:
    table: Mapping[str, Any]
    keys: Mapping[str, Sequence[str]]


@define(eq=False)
class Names:
    """Finds the keys of a table by names. ``names_of(key, value)`` gives the names of each entry.

    For the next table only entries that differ from the former table are named anew.
    """

    names_of: Callable[[str, Any], Iterable[str]]
    _latest: _Named = _Named({}, {})

    def find(self, table: Mapping[str, Any], name: str) -> Sequence[str]:
        """Return the keys of the entries with this name, in no particular order."""
        latest = self._latest
        if latest.table is not table:
            latest = self._latest = self._moved(latest, table)
        return latest.keys.get(name, ())

    def _moved(self, former: _Named, table: Mapping[str, Any]) -> _Named:
        before = former.table
        fresh = {key: value for key, value in table.items() if key not in before or before[key] is not value}
        stale = {key: value for key, value in before.items() if key not in table or key in fresh}
        left, come = self._grouped(stale), self._grouped(fresh)
        changed = {
            name: [*(key for key in former.keys.get(name, ()) if key not in stale), *come.get(name, ())]
            for name in (*left, *come)
        }
        return _Named(table, {name: keys for name, keys in {**former.keys, **changed}.items() if keys})

    def _grouped(self, entries: Mapping[str, Any]) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for key, value in entries.items():
            for name in self.names_of(key, value):
                groups.setdefault(name, []).append(key)
        return groups
