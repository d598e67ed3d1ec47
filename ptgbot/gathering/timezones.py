"""Time zones in calendars: VTIMEZONE (RFC 5545 section 3.6.5), made from the IANA data that Python uses.

The one that icalendar 7 makes itself states the start of summer time in the new offset, an hour late.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vUTCOffset

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_BEFORE = 366
"""Number of days before the first entry and after the last that are described, too."""


@functools.lru_cache(64)
def vtimezone(zone: str, first: date, last: date) -> bytes:
    """Return the VTIMEZONE (RFC 5545 section 3.6.5) of an IANA zone, right for these dates and the year around them."""
    key = ZoneInfo(zone)
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=_BEFORE)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=_BEFORE)
    described = Timezone()
    described.add("tzid", zone)
    for moment in (begin, *_transitions(key, begin, end)):
        described.add_component(_observance(key, moment, _offset(key, moment - _SECOND)))
    return bytes(described.to_ical())


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _transitions(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the moments at which the offset changes."""
    at = begin
    while at < end:
        if _offset(zone, at) != _offset(zone, at + _DAY):
            low, high = at, at + _DAY
            while high - low > _SECOND:
                middle = low + (high - low) // 2
                low, high = (low, middle) if _offset(zone, middle) != _offset(zone, low) else (middle, high)
            yield high.replace(microsecond=0)
        at += _DAY


def _observance(zone: ZoneInfo, at: datetime, before: timedelta) -> TimezoneDaylight | TimezoneStandard:
    local = at.astimezone(zone)
    made = TimezoneDaylight() if local.dst() else TimezoneStandard()
    # The clock on the wall as it stood before the change.
    made.add("dtstart", (at + before).replace(tzinfo=None))
    made.add("tzoffsetfrom", vUTCOffset(before))
    made.add("tzoffsetto", vUTCOffset(_offset(zone, at)))
    made.add("tzname", local.tzname() or "")
    return made
