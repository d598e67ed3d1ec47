"""Rooms that are full or evacuated, and until when that is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from attrs import frozen

from ptgbot.gathering.model import Gathering, utc

TABLE = "room_status"
"""Key of the state: room → ``{state, until}``."""
OK, FULL, EVACUATED = range(3)
"""States of a room, with the numbers that FOSDEM publishes in its ``roomstatus.json``."""

@frozen
class Status:
    """The state of a room, and until when it is shown (UTC); None until somebody says otherwise."""

    state: int
    until: datetime | None


def status_of(gathering: Gathering, room: str, at: datetime) -> Status | None:
    """Return the state of a room that is not all right at a moment; None if it is. Odd values count as all right."""
    raw = cast("dict[str, dict[str, Any]]", gathering.tree[TABLE]).get(room, {})
    state, until = raw.get("state"), utc(raw.get("until"))
    if state == EVACUATED:
        return Status(EVACUATED, None)
    return Status(FULL, until) if state == FULL and until and until > at else None


def said_of(gathering: Gathering, room: str | None, at: datetime) -> str:
    """Return what is said of a room in parentheses behind its name; nothing if it is all right."""
    status = status_of(gathering, room, at) if room else None
    return "" if status is None else " (full)" if status.state == FULL else " (evacuated)"
