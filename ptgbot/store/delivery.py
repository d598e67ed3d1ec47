"""Rows of what is to be delivered: fixed when a batch is committed, open until each is settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from ptgbot.store.edits import Json
from ptgbot.store.times import moment, stamp


@frozen
class Delivery:
    """One thing to be delivered to one target. An unknown kind is kept for a version that knows it."""

    number: int
    """Unique in the life of a journal, and larger than all before."""
    feature: str
    kind: str
    network: str
    target: str
    """Id of a room or address of a hook."""
    body: Json
    deadline: datetime | None = None
    """When to give up, None for never."""
    about: str = ""
    """What the feature calls it; the outcome names it."""

    def to_json(self) -> dict[str, Any]:
        """Return the row as the journal keeps it."""
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
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Delivery:
        """Read what :meth:`to_json` wrote."""
        until = moment(row["until"]) if "until" in row else None
        return cls(row["n"], row["of"], row["kind"], row["net"], row["to"], row["body"], until, row["about"])


@frozen
class Settlement:
    """What became of a row: it was delivered, or it failed for good."""

    ok: bool
    why: str = ""
    """Why it failed, as a sentence."""

    def to_json(self) -> dict[str, Any]:
        """Return it as the journal keeps it."""
        return {"ok": self.ok, "why": self.why}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Settlement:
        """Read what :meth:`to_json` wrote."""
        return cls(tree["ok"], tree["why"])
