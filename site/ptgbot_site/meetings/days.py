"""The pages of the logs of rooms: one for each day, and lists of days by month and room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from ptgbot.meetings.days import Day, Days, neighbours
from ptgbot_site.build.words import say
from ptgbot_site.meetings.markup import items, joined, link, name, page
from ptgbot_site.meetings.minutes import log_line

PATH: Final = "logs"
"""Folder of the pages in the project."""


def day_body(log: Day, day: str, known: Sequence[str]) -> str:
    """Return the page of a room on a day, with links to the days before and after.

    Args:
        log: the lines.
        day: the day, such as ``2024-11-20``.
        known: all days of the room, in order.
    """
    before, after = neighbours(known, day)
    ways = [
        *([link(f"{before}.html", Markup("← {}").format(before))] if before else []),
        link(f"{day[:7]}.html", say("All days of the month")),
        link(f"{day}.txt", say("Log as text")),
        *([link(f"{after}.html", Markup("{} →").format(after))] if after else []),
    ]
    lines = (log_line(one.number, one.at, one.nick, one.text, one.kind) for one in log.lines)
    return page(
        Markup("{} {}").format(name(log.room), day),
        Markup('<p class="ptg-ways">{}</p>').format(joined(ways, Markup(" · "))),
        Markup('<ol class="ptg-log">{}</ol>').format(joined(lines)),
    )


def month(room: str, key: str, known: Sequence[str]) -> str:
    """Return the page of the days of a month, the newest first."""
    rows = (link(f"{day}.html", day) for day in reversed(known) if day.startswith(key))
    up = Markup("<p>{}</p>").format(link("index.html", say("All months")))
    return page(Markup("{} {}").format(name(room), key), up, items(rows, "ptg-row"))


def months(room: str, known: Sequence[str]) -> str:
    """Return the page of the months of a room, the newest first."""
    rows = (link(f"{key}.html", key) for key in sorted({day[:7] for day in known}, reverse=True))
    up = Markup("<p>{}</p>").format(link("../../index.html", say("All rooms")))
    return page(name(room), up, items(rows, "ptg-row"))


def rooms(days: Days) -> str:
    """Return the page of all rooms with logs."""
    newest = ((key, days.day(key, days.days(key)[-1])) for key in days.rooms())
    rows = (
        link(f"{key}/index.html", Markup("{} ({})").format(name(log.room), name(log.network)))
        for key, log in newest
        if log
    )
    return page(say("Logs of rooms"), items(rows, "ptg-row"))
