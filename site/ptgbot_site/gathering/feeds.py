"""The gathering's feeds: calendars, the schedule for apps, the feed of topics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from sphinx.util import logging

from ptgbot.gathering import feeds
from ptgbot.gathering.fullness import OK
from ptgbot_site.build.registry import Feed, FeedLink
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import (
    DAYS,
    DIARY,
    DISCUSSED,
    EVENT,
    MEETS,
    PART,
    ROOMS,
    TRACKS,
    day_slugs,
    room_slugs,
    track_slugs,
)

log = logging.getLogger(__name__)

EVERYTHING = "ptg.ics"
"""The calendar of all tracks."""


def _entries(state: State) -> list[feeds.Entry]:
    found, problems = feeds.entries(state.slices)
    for problem in problems:
        log.warning(problem)
    return found


def calendars(state: State) -> Mapping[str, bytes]:
    """Return the calendar of everything, and one for each track, room and day, by their file names."""
    found = _entries(state)
    title = text_of(state.table(EVENT), "title") or "Gathering"
    whole, left_out = feeds.calendar(title, found)
    for problem in left_out:
        log.warning(problem)
    made = {EVERYTHING: whole}
    for _, slug, one in _each(title, track_slugs(state), found, lambda entry: entry.track):
        made[f"tracks/{slug}.ics"] = one
        # Where the original had it.
        made.setdefault(f"{slug}.ics", one)
    for _, slug, one in _each(title, room_slugs(state), found, lambda entry: entry.room):
        made[f"rooms/{slug}.ics"] = one
    for _, slug, one in _each(title, day_slugs(state), found, lambda entry: entry.day):
        made[f"schedule/{slug}.ics"] = one
    return made


def _each(
    title: str, names: Mapping[str, str], found: Sequence[feeds.Entry], key: Callable[[feeds.Entry], str]
) -> Iterator[tuple[str, str, bytes]]:
    """Yield a calendar for each of several names with its slug; ``key`` returns the name to which an entry belongs."""
    by_name: dict[str, list[feeds.Entry]] = {}
    for entry in found:
        by_name.setdefault(key(entry), []).append(entry)
    for name, slug in names.items():
        one, _ = feeds.calendar(f"{title}: {name}", by_name.get(name, []))
        yield name, slug, one


def schedule(state: State) -> Mapping[str, bytes]:
    """Return the schedule for apps, by its file name."""
    found, _ = feeds.entries(state.slices)
    return {"schedule.json": feeds.frab(state.slices, found, site_url(state))}


def room_states(state: State) -> Mapping[str, bytes]:
    """Return the state of each room for apps, by its file name: 0 all right, 1 full, 2 evacuated."""
    rows = [
        {"roomname": room, "state": about.get("state", OK) if isinstance(about, dict) else OK}
        for room, about in state.table(ROOMS).items()
    ]
    return {"roomstatus.json": json.dumps(rows).encode() + b"\n"}


def topics(state: State) -> Mapping[str, bytes]:
    """Return the feed of the newest topics, by its file name."""
    return {"topics.atom": feeds.atom(state.slices, site_url(state))}


_BOOKED = (EVENT, SITE, MEETS, TRACKS, ROOMS, DAYS)

FEEDS = (
    Feed(
        "calendars",
        _BOOKED,
        calendars,
        [FeedLink(EVERYTHING, lambda: say("Calendar"), mime="text/calendar")],
        needs=[MEETS],
    ),
    Feed(
        "topics",
        (EVENT, SITE, DISCUSSED, TRACKS, f"{DIARY}:*", f"{PART}:*"),
        topics,
        [FeedLink("topics.atom", lambda: say("Topics"), "Atom", "application/atom+xml")],
        needs=[MEETS],
    ),
    Feed("room states", (ROOMS,), room_states, needs=[ROOMS]),
    Feed(
        "schedule",
        _BOOKED,
        schedule,
        [FeedLink("ptg.json", lambda: say("Data")), FeedLink("schedule.json", lambda: say("Data"))],
        needs=[MEETS],
    ),
)
