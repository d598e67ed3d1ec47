"""The state of the feature, typed: which pots there are, where they stand, until when they are fresh."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, cast

from attrs import frozen

from ptgbot.store.edits import Tree

NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
"""Names of pots: safe in addresses of pages."""


@frozen
class Pot:
    """One pot of coffee."""

    name: str
    place: str
    fresh_until: datetime | None
    """None once it is empty or stale."""
    cups: int
    """Cups that were taken out of it."""
    by: str


def empty() -> Tree:
    """Return the state before anybody brewed."""
    return {"pots": {}, "counted": {}, "reached": {}}


def pots(tree: Tree) -> list[Pot]:
    """Return all pots, by name."""
    rows = cast("dict[str, dict[str, Any]]", tree["pots"])
    return [_pot(name, row) for name, row in sorted(rows.items())]


def _pot(name: str, row: dict[str, Any]) -> Pot:
    until = row.get("until")
    return Pot(
        name,
        str(row.get("place", "")),
        datetime.fromisoformat(until) if isinstance(until, str) else None,
        int(row.get("cups", 0)),
        str(row.get("by", "")),
    )


def stamp(at: datetime) -> str:
    """Write a moment as the state holds it: ISO 8601, UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def next_stale(found: Iterable[Pot]) -> datetime | None:
    """Return the moment at which the next pot goes stale."""
    return min((pot.fresh_until for pot in found if pot.fresh_until), default=None)
