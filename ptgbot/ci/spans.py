"""Spans of time, in seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from attrs import frozen

DAY: Final = 86_400


@frozen
class Span:
    """The time from one moment to another; both belong to it."""

    since: int
    until: int

    @classmethod
    def before(cls, at: int, days: float) -> Span:
        """Return the span of some days that ends at a moment."""
        return cls(at - int(days * DAY), at)

    def days(self) -> Iterator[date]:
        """Yield the days (UTC) of the span, oldest first."""
        day, last = day_of(self.since), day_of(self.until)
        while day <= last:
            yield day
            day += timedelta(days=1)


def days_until(at: int, days: int) -> Span:
    """Return the span of whole days (UTC) that ends at a moment; the day of that moment is the last of them."""
    first = day_of(at) - timedelta(days=days - 1)
    return Span(int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()), at)


def day_of(at: int) -> date:
    """Return the day (UTC) of a moment."""
    return datetime.fromtimestamp(at, UTC).date()
