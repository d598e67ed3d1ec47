"""Dates as the list of people writes them, made into seconds since 1970 at midnight UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2}|[a-z]{3})-(\d{1,2})", re.IGNORECASE)


def seconds(day: date) -> int:
    """Return the midnight (UTC) with which a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(moment: float) -> str:
    """Return the day (UTC) of a moment in seconds since 1970, empty for one that no calendar has."""
    try:
        return datetime.fromtimestamp(moment, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def day_in(text: str) -> date:
    """Return the day of a text such as ``2015-Jun-30`` or ``2015-06-30``.

    Raises:
        ValueError: the text is no such day.
    """
    parts = _DATE.fullmatch(text.strip())
    month = parts[2].lower() if parts else ""
    if month in _MONTHS:
        month = str(_MONTHS.index(month) + 1)
    if parts is None or not month.isdecimal():
        raise ValueError(f"“{text}” is no date such as 2015-Jun-30 or 2015-06-30")
    try:
        return date(int(parts[1]), int(month), int(parts[3]))
    except ValueError:
        raise ValueError(f"“{text}” is a day that no calendar has") from None
