"""The bookings of a track, read from slices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from ptgbot.store.edits import Json
from ptgbot_site.build.state import text_of
from ptgbot_site.build.view import View


@frozen
class Meeting:
    """One booking."""

    day: str
    slot: str
    room: str
    start: datetime | None
    end: datetime | None

    def over(self, at: datetime) -> bool:
        """Say whether it has ended at a moment."""
        return bool(self.end and self.end <= at)

    def runs(self, at: datetime) -> bool:
        """Say whether it is running at a moment."""
        return bool(self.start and self.end and self.start <= at < self.end)


def meetings(view: View, rows: Json) -> list[Meeting]:
    """Return the bookings in a slice, in order."""
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [
        Meeting(
            text_of(row, "day"),
            text_of(row, "slot"),
            text_of(row, "room"),
            view.moment(row.get("start")),
            view.moment(row.get("end")),
        )
        for row in found
    ]


def next_meeting(booked: Sequence[Meeting], at: datetime) -> Meeting | None:
    """Return the first booking that has not ended, None if all have. A booking without times has never ended."""
    return next((one for one in booked if not one.over(at)), None)
