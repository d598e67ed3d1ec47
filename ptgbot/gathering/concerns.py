"""Tells which keys of a slice an edit concerns, so that other keys are neither computed nor dated anew.

Each function returns the keys, or None for all keys of the slice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ptgbot.feature import Look
from ptgbot.gathering import recap
from ptgbot.gathering.model import ROOM_INFO, Gathering
from ptgbot.gathering.schedule import zone_of
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.store.edits import Edit, Json, Value, get

Looked = Look[GatheringSettings]
Keys = Collection[str] | None
PER_TRACK = frozenset(("now", "next", "location", "tracks", "descriptions", "contacts"))


def _booking(edit: Edit) -> tuple[str, str] | None:
    """Return room and slot of an edit that changes a booking, None for any other edit."""
    at = edit.at
    return (at[1], at[2]) if len(at) == 3 and at[0] == "schedule" and at[2] not in ROOM_INFO else None


def about_rooms(_look: Looked, edit: Edit) -> Keys:
    """Return no keys for bookings, which change nothing about a room itself; else None."""
    return () if _booking(edit) else None


def bookings_only(_look: Looked, edit: Edit) -> Keys:
    """Return no keys for edits of a room's description; else None."""
    return () if len(edit.at) == 3 and edit.at[0] == "schedule" and edit.at[2] in ROOM_INFO else None


def day(look: Looked, edit: Edit) -> Keys:
    """Return the days that have the slot of a booking."""
    if edit.at[0] != "schedule" or len(edit.at) < 3:
        return None
    booking = _booking(edit)
    days = Gathering(look.state).days if booking else {}
    return [name for name, slots in days.items() if booking and any(slot["name"] == booking[1] for slot in slots)]


def track(look: Looked, edit: Edit) -> Keys:
    """Return the tracks that an edit concerns."""
    at = edit.at
    if at[0] in PER_TRACK:
        return at[1:2]
    if at[0] == "ptgbot":
        return at[2:3] if at[1:2] == ("now_since",) else None if len(at) < 2 else ()
    if at[0] == "chronicle":
        return at[2:3] if at[1:2] == ("tracks",) else ()
    if at[0] == "last_check_in":
        return list(_where(look, edit))
    if at[0] == "schedule" and len(at) > 1:
        return [held for held in (edit.was, edit.now) if isinstance(held, str)] if _booking(edit) else ()
    return None


def _where(look: Looked, edit: Edit) -> Iterator[str]:
    """Yield the tracks at which a person was or is checked in."""
    values: list[Value] = [edit.was, edit.now]
    if len(edit.at) == 3:
        values = values if edit.at[2] == "location" else [get(look.state, (*edit.at[:2], "location"))]
    for value in values:
        place = value.get("location") if isinstance(value, dict) else value
        if isinstance(place, str) and place.startswith("#"):
            yield place[1:]


def room(look: Looked, edit: Edit) -> Keys:
    """Return the rooms that an edit concerns."""
    at = edit.at
    if at[0] == "schedule" and len(at) > 1:
        if not _booking(edit):
            return () if len(at) == 3 else None
        held = [track for track in (edit.was, edit.now) if isinstance(track, str)]
        return {at[1], *(name for track in held for name in _rooms(look).get(track, ()))}
    if at[0] == "ptgbot":
        at = at[1:]
    if at[0:1] in (("now",), ("now_since",)):
        return _rooms(look).get(at[1], ()) if len(at) > 1 else ()
    return None


def programme(_look: Looked, edit: Edit) -> Keys:
    """Return the room that a booking changes; no room if an edit only describes a room."""
    at = edit.at
    return None if at[0] != "schedule" or len(at) < 2 else at[1:2] if len(at) < 3 or _booking(edit) else ()


_schedule: tuple[Json, dict[str, list[str]]] = None, {}
"""The last schedule examined, and the rooms of each track in it."""


def _rooms(look: Looked) -> dict[str, list[str]]:
    """Return the rooms in which each track has a slot. The result is kept until a booking changes."""
    global _schedule
    schedule, found = look.state["schedule"], _schedule
    if found[0] is not schedule:
        by_track: dict[str, list[str]] = {}
        for name, _, held in Gathering(look.state).booked():
            if name not in by_track.setdefault(held, []):
                by_track[held].append(name)
        found = _schedule = schedule, by_track
    return found[1]


def topics(_look: Looked, edit: Edit) -> Keys:
    """Return the track whose topics change."""
    return edit.at[2:3] if edit.at[0] == "chronicle" else edit.at[1:2]


def said(look: Looked, edit: Edit) -> Keys:
    """Return the days, in the time zone of the gathering, whose topics change."""
    if edit.at[0] != "chronicle" or len(edit.at) < 3:
        return None
    zone = zone_of(Gathering(look.state), look.settings.timezone)
    return {recap.local_day(edit.at[2], quarter, zone) for quarter in _quarters(edit)}


def _quarters(edit: Edit) -> set[str]:
    """Return the quarters of an hour (UTC) that a change of a day in the chronicle concerns."""
    _, _, _, *below = edit.at
    if len(below) > 1:
        return {recap.quarter_of(below[1])}
    values = [value for value in (edit.was, edit.now) if isinstance(value, dict)]
    return {quarter for value in values for quarter in recap.quarters({below[0]: value} if below else value)}


def part(_look: Looked, edit: Edit) -> Keys:
    """Return the part of a day that an edit changes."""
    _, _, *below = edit.at
    if len(below) < 3 and below[1:] in ([], ["parts"]):
        return None
    return [f"{below[0]}T{below[2]}"] if below[1] == "parts" else ()
