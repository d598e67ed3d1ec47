"""The slots that a track has booked, read off the slices."""

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
        """Say whether it has ended."""
        return bool(self.end and self.end <= at)

    def runs(self, at: datetime) -> bool:
        """Say whether it runs."""
        return bool(self.start and self.end and self.start <= at < self.end)


def meetings(view: View, rows: Json) -> list[Meeting]:
    """Return the bookings that a slice lists, in order."""
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
    """Return the first one that is not over; without times the first of all."""
    return next((one for one in booked if not one.over(at)), None)
