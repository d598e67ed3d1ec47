"""Repetitions of calendar events by day (RFC 5545 section 3.3.10), bounded by the last day that is asked for.

A library would search for the next match of a rule that never matches until the year 9999. Here each day is looked
at once at most. Parts of rules that meetings do not need (``BYWEEKNO``, ``BYYEARDAY``, hours) are refused.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, Self

from attrs import frozen

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY: Final = re.compile(r"(?P<place>[+-]?\d{1,2})?(?P<day>MO|TU|WE|TH|FR|SA|SU)")
_KNOWN: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
)
_PERIODS: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@frozen
class Repetition:
    """A rule of repetition, without its end."""

    frequency: str
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    """Place (0 for every one, -1 for the last) and weekday (0 for Monday)."""
    monthdays: tuple[int, ...] = ()
    """Days of the month; -1 for the last one."""
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    """Which of the days of each period count (``BYSETPOS``)."""
    week_start: int = 0

    @classmethod
    def parse(cls, rule: Mapping[str, Any]) -> Self | None:
        """Return the repetition of a rule, None if it is not one of regular meetings.

        Raises:
            ValueError, TypeError: a value is not what RFC 5545 says.
        """
        parts = {str(name).upper(): _several(value) for name, value in rule.items()}
        frequency = str(next(iter(parts.get("FREQ", [])), "")).upper()
        interval = int(next(iter(parts.get("INTERVAL", [])), 1))
        if not set(parts) <= _KNOWN or frequency not in _PERIODS or interval < 1:
            return None
        weekdays = tuple(_weekday(str(value)) for value in parts.get("BYDAY", []))
        months = tuple(int(value) for value in parts.get("BYMONTH", []))
        monthdays = tuple(int(value) for value in parts.get("BYMONTHDAY", []))
        if frequency == "YEARLY" and not months and (weekdays or monthdays):
            return None
        start = _DAYS.index(str(next(iter(parts.get("WKST", [])), "MO")).upper())
        places = tuple(int(value) for value in parts.get("BYSETPOS", []))
        return cls(frequency, interval, weekdays, monthdays, months, places, start)

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days from ``first`` to ``last``, in order. The first day counts only if it matches."""
        for period in self._periods(first, last):
            found = sorted({day for day in period if self._matches(day, first)})
            yield from (day for day in self._placed(found) if first <= day <= last)

    def _placed(self, days: list[date]) -> list[date]:
        if not self.places:
            return days
        wanted = {place - 1 if place > 0 else len(days) + place for place in self.places if place}
        return [day for number, day in enumerate(days) if number in wanted]

    def _periods(self, first: date, last: date) -> Iterator[Iterable[date]]:
        match self.frequency:
            case "DAILY":
                for number in range(0, (last - first).days + 1, self.interval):
                    yield [first + timedelta(days=number)]
            case "WEEKLY":
                monday = first - timedelta(days=(first.weekday() - self.week_start) % 7)
                for number in range(0, (last - monday).days + 1, 7 * self.interval):
                    yield [monday + timedelta(days=number + day) for day in range(7)]
            case "MONTHLY":
                months = (last.year - first.year) * 12 + last.month - first.month
                for number in range(0, months + 1, self.interval):
                    yield _month(first.year, first.month + number)
            case _:
                for year in range(first.year, last.year + 1, self.interval):
                    yield [day for month in self.months or (first.month,) for day in _month(year, month)]

    def _matches(self, day: date, first: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        length = calendar.monthrange(day.year, day.month)[1]
        if self.monthdays and not {day.day, day.day - length - 1} & set(self.monthdays):
            return False
        if self.weekdays:
            return any(self._is_weekday(day, place, weekday, length) for place, weekday in self.weekdays)
        if self.monthdays or self.frequency == "DAILY":
            return True
        return day.weekday() == first.weekday() if self.frequency == "WEEKLY" else day.day == first.day

    def _is_weekday(self, day: date, place: int, weekday: int, length: int) -> bool:
        if day.weekday() != weekday:
            return False
        by_month = self.frequency in ("MONTHLY", "YEARLY")
        return not place or not by_month or place in ((day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _weekday(text: str) -> tuple[int, int]:
    found = _WEEKDAY.fullmatch(text.upper())
    if found is None:
        raise ValueError(f"{text} is not a weekday")
    return int(found["place"] or 0), _DAYS.index(found["day"])


def _month(year: int, month: int) -> Iterator[date]:
    """Yield the days of a month; the thirteenth month is the first one of the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    for day in range(1, calendar.monthrange(year, month)[1] + 1):
        yield date(year, month, day)
