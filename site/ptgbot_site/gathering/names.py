"""Names of the gathering's slices, and the slugs of its tracks, rooms and days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from ptgbot.chat.addresses import slugs
from ptgbot_site.build.state import State, text_of

EVENT: Final = "gathering.event"
MOTD: Final = "gathering.motd"
LINKS: Final = "gathering.links"
TRACKS: Final = "gathering.tracks"
NOW: Final = "gathering.now"
NEXT: Final = "gathering.next"
COMING: Final = "gathering.coming"
PEOPLE: Final = "gathering.check_ins"
DAYS: Final = "gathering.days"
ROOMS: Final = "gathering.rooms"
TODAY: Final = "gathering.today"
DATE: Final = "gathering.date"
"""The date in the zone of the gathering."""
CURRENT: Final = "gathering.current"
MEETS: Final = "gathering.meets"
CHANGES: Final = "gathering.changes"
DISCUSSED: Final = "gathering.recap"
"""The days on which something was discussed."""
DAY: Final = "gathering.schedule"
"""The schedule of each day."""
TRACK: Final = "gathering.track"
"""Everything about each track."""
TOPICS: Final = "gathering.topics"
"""The former topics of each track."""
DOOR: Final = "gathering.room"
"""The data for the door of each room."""
PROGRAMME: Final = "gathering.programme"
"""The slots of each room on all days."""
DIARY: Final = "gathering.said"
"""The parts of each day with topics."""
PART: Final = "gathering.part"
"""The topics of each part of a day."""

SCHEDULE_TODAY: Final = f"{DAY}:@today"
"""A use that means the schedule of today."""
NEWEST: Final = f"{DIARY}:@newest"
"""A use that means the topics of the last day with topics."""


def track_slugs(state: State) -> Mapping[str, str]:
    """Return the slugs of the tracks by their names."""
    return _slugs(state, TRACKS, lambda: state.table(TRACKS))


def room_slugs(state: State) -> Mapping[str, str]:
    """Return the slugs of the rooms by their names."""
    return _slugs(state, ROOMS, lambda: state.table(ROOMS))


def day_slugs(state: State) -> Mapping[str, str]:
    """Return the slugs of the days by their names."""
    return _slugs(state, DAYS, lambda: [text_of(row, "name") for row in state.rows(DAYS)])


def _slugs(state: State, name: str, names: Callable[[], Iterable[str]]) -> Mapping[str, str]:
    return state.derived(name, "slugs", lambda: slugs(names()))


def offline_pages(state: State) -> list[str]:
    """Return the pages of the whole programme, which browsers keep."""
    days = [f"schedule/{slug}" for slug in day_slugs(state).values()]
    return ["offline", "schedule", "mine", *days, "tracks", "rooms"]


def named(known: Mapping[str, str], wanted: str) -> str | None:
    """Return the name that is meant by a name or a slug, None if there is none."""
    return wanted if wanted in known else next((one for one, short in known.items() if short == wanted), None)


def by_slug(state: State, name: str, known: Mapping[str, str]) -> Mapping[str, str]:
    """Return the names in a slice by their slugs."""
    return state.derived(name, "by slug", lambda: {short: one for one, short in known.items()})


def meant_day(state: State, key: str) -> Sequence[str]:
    """Return the slice of a schedule that a directive means by the name or slug of a day."""
    name = state.text(TODAY) if key == "@today" else named(day_slugs(state), key)
    return [f"{DAY}:{name}"]


def meant_track(state: State, key: str) -> Sequence[str]:
    """Return the slices that a directive means by the name or slug of a track."""
    name = named(track_slugs(state), key.lower().removeprefix("#"))
    return [f"{TRACK}:{name}", f"{TOPICS}:{name}"]


def meant_door(state: State, key: str) -> Sequence[str]:
    """Return the slice that a directive means by the name or slug of a room."""
    return [f"{DOOR}:{named(room_slugs(state), key)}"]


def meant_programme(state: State, key: str) -> Sequence[str]:
    """Return the slice of slots that a directive means by the name or slug of a room."""
    return [f"{PROGRAMME}:{named(room_slugs(state), key)}"]


def meant_said(state: State, key: str) -> Sequence[str]:
    """Return the slice of topics that a directive means by a day (ISO 8601)."""
    day = f"{DIARY}:{(state.names(DISCUSSED) or [''])[-1] if key == '@newest' else key}"
    return [day, *parts_of(state, day)]


def parts_of(state: State, day: str) -> list[str]:
    """Return the slices of the parts of a day, the oldest first. ``day`` is the name of its slice."""
    parts = state.table(day).get("parts")
    return [f"{PART}:{part}" for part in parts] if isinstance(parts, list) else []
