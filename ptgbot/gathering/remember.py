"""Remembering what was worked out from a part of the state, for as long as that part stays as it is.

An object of the state is never changed in place: an edit makes a new one. So the same object means the same content,
and what is remembered changes no answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import define, frozen

_KEPT = 4
"""Results kept of each function: of the working state, of the committed one, and of those just before them."""

Result = TypeVar("Result")


def remembered(function: Callable[..., Result]) -> Callable[..., Result]:
    """Return the function with a memory of its last results, by the identity of its positional arguments.

    The arguments are kept, so that no other object can take their identity.
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
    """Looks up the keys of a table by the names that ``names_of(key, value)`` gives to each of its entries.

    When another table is asked about, only entries that differ from the table before are named anew.
    """

    names_of: Callable[[str, Any], Iterable[str]]
    _latest: _Named = _Named({}, {})

    def find(self, table: Mapping[str, Any], name: str) -> Sequence[str]:
        """Return the keys of the entries of that name, in no order."""
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
