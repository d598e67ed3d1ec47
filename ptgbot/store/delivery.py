"""Rows to be delivered. They are fixed when a batch is committed and open until a later batch settles them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from ptgbot.store.edits import Json
from ptgbot.store.times import moment, stamp


@frozen
class Delivery:
    """One row: a body to be delivered to one target.

    A row of an unknown kind is kept for a version that knows the kind.
    """

    number: int
    """Unique in the life of a journal, and larger than all before."""
    feature: str
    kind: str
    network: str
    target: str
    """Id of a room or address of a hook."""
    body: Json
    deadline: datetime | None = None
    """When to give up; None means never."""
    about: str = ""
    """The feature's own name of the effect; the outcome repeats it."""
    late: datetime | None = None
    """When to tell the feature that it was not delivered yet; None means never."""

    def to_json(self) -> dict[str, Any]:
        """Return the row in its form in the journal."""
        row: dict[str, Any] = {
            "n": self.number,
            "of": self.feature,
            "kind": self.kind,
            "net": self.network,
            "to": self.target,
            "body": self.body,
            "about": self.about,
        }
        if self.deadline:
            row["until"] = stamp(self.deadline)
        if self.late:
            row["late"] = stamp(self.late)
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Delivery:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError: a key is missing.
            ValueError: a moment is none.
        """
        until, late = (moment(row[key]) if key in row else None for key in ("until", "late"))
        return cls(row["n"], row["of"], row["kind"], row["net"], row["to"], row["body"], until, row["about"], late)


@frozen
class Settlement:
    """The end of a row: it was delivered, or it failed for good."""

    ok: bool
    why: str = ""
    """Why it failed, as a sentence."""

    def to_json(self) -> dict[str, Any]:
        """Return the settlement in its form in the journal."""
        return {"ok": self.ok, "why": self.why}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Settlement:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError: a key is missing.
        """
        return cls(tree["ok"], tree["why"])
