"""Times in the zone of the site, in the form for people."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from docutils import nodes

from ptgbot_site.build.nodes import ptg_time
from ptgbot_site.build.words import dated, say


def moment(text: object, zone: tzinfo) -> datetime | None:
    """Return an ISO 8601 time with offset in the zone, None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(zone) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def clock(at: datetime) -> ptg_time:
    """Return a time of day as a node: ``09:05``."""
    return ptg_time("", f"{at:%H:%M}", datetime=at.isoformat(timespec="minutes"))


def span(start: datetime, end: datetime | None) -> list[nodes.Node]:
    """Return two times of day as one node: ``09:00–10:45``; only the first if the second is None."""
    if end is None:
        return [clock(start)]
    moments = {"datetime": start.isoformat(timespec="minutes"), "until": end.isoformat(timespec="minutes")}
    return [ptg_time("", f"{start:%H:%M}–{end:%H:%M}", **moments)]


def day_and_clock(at: datetime) -> str:
    """Return a moment in full: ``Mon 23 Nov 2026, 09:05 EET``."""
    # Translators: a date by the patterns of Unicode's CLDR, such as Mon 23 Nov 2026.
    day = dated(at, say("EEE d MMM y"))
    return f"{day}, {at:%H:%M %Z}"


def weekday(at: datetime) -> str:
    """Return the abbreviated day of the week: ``Mon``."""
    # Translators: a day of the week by the patterns of Unicode's CLDR, such as Mon.
    return dated(at, say("EEE"))


def day_name(iso: str) -> list[nodes.Node]:
    """Return a short date as nodes, preceded by a blank: `` 23 Nov``. Return nothing if the text is not a date."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return []
    # Translators: a date by the patterns of Unicode's CLDR, such as 23 Nov.
    short = dated(day, say("d MMM"))
    return [nodes.Text(" "), nodes.inline("", short, classes=["ptg-date"])]
