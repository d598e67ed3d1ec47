"""What publishers are told: that an entry was made, withdrawn or hidden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from attrs import frozen

from ptgbot.store.edits import Json

UNDO = "undo"
"""The author withdrew the entry."""
HIDE = "hide"
"""Trusted people hid the entry."""


@frozen
class Announcement:
    """One event. Only public entries are announced, in the form that everybody may see."""

    what: str
    """Kind of the entry, such as ``alert``; :data:`UNDO` or :data:`HIDE` if an earlier entry was taken back."""
    entry: Mapping[str, Any]
    """The entry in the form of :func:`ptgbot.status.model.public_entry`."""
    matter: Mapping[str, Any] | None
    """The alert or plan that it is about, in the form of :func:`ptgbot.status.model.public_matter`."""

    @classmethod
    def of(cls, body: Json) -> Announcement:
        """Return the announcement in the body of a row.

        Raises:
            LookupError: a part is missing.
            TypeError: it is no object.
        """
        told = cast("Mapping[str, Any]", body)
        return cls(str(told["what"]), dict(told["entry"]), dict(told["matter"]) if told.get("matter") else None)

    @property
    def number(self) -> int:
        """Number of the entry."""
        return int(self.entry["number"])

    @property
    def kind(self) -> str:
        """Kind of the entry, also if it is taken back."""
        return str(self.entry["kind"])

    @property
    def text(self) -> str:
        """Text of the entry."""
        return str(self.entry["text"])

    @property
    def at(self) -> datetime:
        """When the entry was made (UTC)."""
        return datetime.fromisoformat(self.entry["at"])

    @property
    def earlier(self) -> list[int]:
        """Numbers of the earlier entries about the same alert or plan, the first one first."""
        rows = (self.matter or {}).get("entries", ())
        return sorted(int(row["number"]) for row in rows if int(row["number"]) < self.number)
