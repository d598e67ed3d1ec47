"""A table that remembers a bounded number of entries."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from attrs import define, field

REMEMBERED: Final = 5000


@define(eq=False)
class Recent:
    """The newest :data:`REMEMBERED` entries, texts by event id."""

    _entries: OrderedDict[str, str] = field(factory=OrderedDict, init=False)

    def put(self, key: str, value: str) -> None:
        """Add or replace an entry. The oldest entry is removed if there are too many."""
        self._entries[key] = value
        while len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)

    def get(self, key: str) -> str | None:
        """Return an entry, None if there is none or it was removed."""
        return self._entries.get(key)

    def forget(self, key: str) -> None:
        """Remove an entry if it exists."""
        self._entries.pop(key, None)
