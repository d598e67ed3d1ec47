"""Parses what people type behind ``#status`` and ``#thanks``: groups, services, numbers, times, names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from ptgbot.chat.text import fold, nearest, short

LONGEST_PLAN: Final = timedelta(days=31)
"""Longest time between the start and the end of a plan."""
MOST_NAMES: Final = 12
"""Most people whom one line may thank."""
LONGEST_NAME: Final = 40
"""Characters of a name of a person who is thanked."""

_SERVICES = re.compile(r"([^\W_][\w.-]*(?:\s*,\s*[^\W_][\w.-]*)*):\s+")
_NUMBER = re.compile(r"#?(\d{1,9}):?(?:\s+|$)")
_MOMENT = r"(?:(\d{4}-\d\d-\d\d)[T ]\s*)?(\d{1,2}:\d\d)"
_RANGE = re.compile(rf"{_MOMENT}\s*[-–]\s*{_MOMENT}\s*(?:UTC\b|Z\b)?(?:\s+|$)")
_ONE = re.compile(rf"{_MOMENT}\s*(?:UTC|Z)?")
_LONGER = re.compile(r"\+?(\d{1,4})\s*(h|m|min|minutes|hours)", re.IGNORECASE)
_THANKED = re.compile(r"(?:to\s+)?(.+?):?\s+for\s+\S", re.IGNORECASE)


class Unclear(Exception):
    """The text cannot be understood; the message says what to type instead."""


def numbered(text: str) -> tuple[int | None, str]:
    """Split ``N TEXT`` into the number, None if there is none, and the text."""
    found = _NUMBER.match(text)
    return (int(found[1]), text[found.end() :]) if found else (None, text)


def about_services(text: str, services: Sequence[str]) -> tuple[list[str], str]:
    """Split ``gerrit,zuul: TEXT`` into names of services, as configured, and the text.

    Text before a colon that names no service at all belongs to the text.

    Raises:
        Unclear: some of several names are no services.
    """
    found = _SERVICES.match(text)
    names = [name.strip() for name in found[1].split(",")] if found else []
    known = {fold(name): name for name in services}
    meant = [known[fold(name)] for name in names if fold(name) in known]
    if found is None or not meant:
        return [], text
    if wrong := next((name for name in names if fold(name) not in known), None):
        near = nearest(wrong, known, 1)
        hint = f" Did you mean {known[near[0]]}?" if near else ""
        raise Unclear(f"There is no service {short(wrong, 30)}.{hint} I know {', '.join(services)}.")
    return list(dict.fromkeys(meant)), text[found.end() :]


def thanked(text: str) -> list[str]:
    """Return the people named in ``NICK[, NICK] for …``, none if the text has another form."""
    found = _THANKED.match(text)
    names = re.split(r"\s*(?:,|&|\band\b)\s*", found[1]) if found else []
    clean = [name.strip().removeprefix("@") for name in names if name.strip()]
    odd = len(clean) > MOST_NAMES or any(" " in name or len(name) > LONGEST_NAME for name in clean)
    return [] if odd else list({fold(name): name for name in clean}.values())


def between(text: str, now: datetime) -> tuple[datetime, datetime, str]:
    """Split ``START-END TEXT`` into two moments (UTC) and the text.

    Times without a date are the next ones: today, or tomorrow if the end has passed.

    Raises:
        Unclear: there are no such moments, or they cannot be those of a plan.
    """
    found = _RANGE.match(text)
    if found is None:
        raise Unclear("When? Type it in UTC, such as 10:00-12:00 or 2026-11-22T10:00-12:00, and then the text.")
    day, begins, last_day, ends = found.groups()
    start = _moment(day, begins, now)
    end = _moment(last_day, ends, start)
    if end <= start and not last_day:
        end += timedelta(days=1)
    if not day and end <= now:
        start, end = start + timedelta(days=1), end + timedelta(days=0 if last_day else 1)
    if end <= now or end <= start:
        raise Unclear(f"{shown(start, end)} has passed, or ends before it begins. Now it is {now:%H:%M} UTC.")
    if end - start > LONGEST_PLAN:
        raise Unclear(f"That lasts longer than {LONGEST_PLAN.days} days; plan it in parts.")
    return start, end, text[found.end() :]


def later(text: str, end: datetime, now: datetime) -> datetime:
    """Return the new end of a plan from ``+30m``, ``2h``, or a moment (UTC).

    Raises:
        Unclear: there is no such time, or it is not after the former end.
    """
    if found := _LONGER.fullmatch(text):
        hours = found[2].lower().startswith("h")
        longer = timedelta(**{"hours" if hours else "minutes": int(found[1])})
    elif found := _ONE.fullmatch(text):
        day, at = found.groups()
        moment = _moment(day, at, end)
        longer = moment - end if day or moment > end else moment + timedelta(days=1) - end
    else:
        raise Unclear("Until when? Type it in UTC, such as 13:30 or 2026-11-22T13:30, or how much longer, as +30m.")
    if not timedelta(0) < longer <= LONGEST_PLAN or end + longer <= now:
        raise Unclear(f"That is not after the end that is planned, {end:%a %-d %b %H:%M} UTC.")
    return end + longer


def shown(start: datetime, end: datetime) -> str:
    """Return the time of a plan for people: ``Sun 22 Nov 10:00–12:00 UTC``."""
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%a %-d %b %H:%M}"
    return f"{start:%a %-d %b %H:%M}–{last} UTC"


def _moment(day: str | None, clock: str, after: datetime) -> datetime:
    try:
        at = time.fromisoformat(clock.zfill(5))
        date = datetime.fromisoformat(day).date() if day else after.astimezone(UTC).date()
    except ValueError:
        raise Unclear(f"{short(f'{day or str()} {clock}'.strip(), 30)} is no moment.") from None
    return datetime.combine(date, at, UTC)
