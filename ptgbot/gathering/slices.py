"""The gathering in slices, as pages show it: a page is made anew when one of its slices has changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ptgbot.chat.urls import safe_url
from ptgbot.gathering.addresses import slugs
from ptgbot.gathering.colors import paint
from ptgbot.gathering.links import etherpad_url
from ptgbot.gathering.model import LEVELS, Gathering
from ptgbot.gathering.recap import Recap
from ptgbot.gathering.schedule import Calendar, Day, Slot
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.store.edits import Json


def slices(
    gathering: Gathering, at: datetime, settings: GatheringSettings, recap: Recap | None = None
) -> dict[str, Json]:
    """Return every slice of a gathering as of a moment. What pages must not show is left out here.

    ``recap`` knows the history; without one its pages are empty.
    """
    recap = recap or Recap()
    calendar = Calendar.of(gathering, at, settings.timezone)
    zone = getattr(calendar.zone, "key", "UTC")
    found: dict[str, Json] = {
        "event": {"id": gathering.eventid, "title": gathering.title, "timezone": zone},
        "motd": [
            {"level": one.level if one.level in LEVELS else "info", "message": one.message} for one in gathering.motd
        ],
        "links": {title: url for title, url in gathering.links.items() if safe_url(url)},
        "tracks": {track: _track(gathering, settings, track) for track in gathering.tracks},
        "now": _now(gathering, calendar, recap),
        "next": _next(gathering, calendar),
        "check_ins": _check_ins(gathering, at, settings),
        "days": [_day(day) for day in calendar.days],
        "rooms": {room: _room(gathering, room) for room in gathering.rooms},
        "today": calendar.today.name if calendar.today else None,
        "current": [slot.name for slot in calendar.current],
        "coming": _coming(gathering, calendar),
    }
    for day in calendar.days:
        found[f"schedule:{day.name}"] = _schedule(gathering, day)
    names = slugs(gathering.tracks)
    found.update(_by_track(gathering, calendar, found, names))
    found.update(_by_room(gathering, calendar))
    found.update(recap.slices(names))
    return found


def _coming(gathering: Gathering, calendar: Calendar) -> Json:
    """Return what is booked in the slots that run, else in the next ones to begin: shown while nobody set a topic."""
    at = calendar.at.astimezone(UTC)
    slots = list(calendar.current)
    if not slots:
        ahead = [(slot.start.astimezone(UTC), slot) for slot in calendar.slots if slot.start and slot.start > at]
        first = min((start for start, _ in ahead), default=None)
        slots = [slot for start, slot in ahead if start == first]
    return [
        {"track": track, "room": room, **_when(slot)}
        for slot in slots
        for room in gathering.rooms
        if (track := gathering.bookings(room).get(slot.name))
    ]


def _when(slot: Slot) -> dict[str, Json]:
    return {
        "day": slot.day,
        "slot": slot.name,
        "start": slot.start.isoformat() if slot.start else None,
        "end": slot.end.isoformat() if slot.end else None,
    }


def _by_track(
    gathering: Gathering, calendar: Calendar, found: dict[str, Json], names: dict[str, str]
) -> dict[str, Json]:
    """Return a slice for each track: a page of its own shows it, and is made anew for nothing else."""
    held: dict[str, list[Json]] = {}
    rooms = {room: gathering.bookings(room) for room in gathering.rooms}
    for slot in calendar.slots:
        when = _when(slot)
        for room, bookings in rooms.items():
            if track := bookings.get(slot.name):
                held.setdefault(track, []).append({**when, "room": room})
    here: dict[str, list[Json]] = {}
    people, now, following = found["check_ins"], found["now"], found["next"]
    assert isinstance(people, list)
    assert isinstance(now, dict)
    assert isinstance(following, dict)
    for person in people:
        if isinstance(person, dict) and str(person["location"]).startswith("#"):
            here.setdefault(str(person["location"])[1:], []).append(person)
    made: dict[str, Json] = {
        f"track:{names[track]}": {
            "name": track,
            "now": now.get(track),
            "next": following.get(track),
            "slots": held.get(track, []),
            "people": here.get(track, []),
        }
        for track in gathering.tracks
    }
    return {**made, "meets": {track: held.get(track, []) for track in gathering.tracks}}


def _track(gathering: Gathering, settings: GatheringSettings, track: str) -> Json:
    colors = paint(str(gathering.per_track("colors").get(track, "")))
    typed = safe_url(gathering.per_track("etherpads").get(track))
    return {
        "color": colors.color if colors else None,
        "ink": colors.ink if colors else None,
        "url": safe_url(gathering.per_track("urls").get(track)),
        "etherpad": typed or etherpad_url(settings.etherpad, gathering.eventid, track),
    }


def _now(gathering: Gathering, calendar: Calendar, recap: Recap) -> Json:
    found: dict[str, Json] = {}
    for track, text in sorted(gathering.per_track("now").items()):
        since = gathering.now_since(track)
        found[track] = {
            "text": text,
            "since": since.isoformat() if since else None,
            "location": calendar.location(track),
            "by": recap.said_by(track, str(text)),
        }
    return found


def _next(gathering: Gathering, calendar: Calendar) -> Json:
    return {
        track: {"texts": list(texts), "location": calendar.location(track)}
        for track, texts in sorted(gathering.per_track("next").items())
        if texts
    }


def _by_room(gathering: Gathering, calendar: Calendar) -> dict[str, Json]:
    """Return a slice for each room: what its door shows today."""
    now, running = gathering.per_track("now"), {slot.name for slot in calendar.current}
    found: dict[str, Json] = {}
    for room, short in slugs(gathering.rooms).items():
        held = gathering.bookings(room)
        rows: list[Json] = []
        for slot in calendar.today.slots if calendar.today else ():
            if (track := held.get(slot.name)) is not None:
                topic = now.get(track) if slot.name in running else None
                rows.append({**_when(slot), "track": track, "topic": topic})
        found[f"room:{short}"] = {"name": room, "slots": rows}
    return found


def _check_ins(gathering: Gathering, at: datetime, settings: GatheringSettings) -> Json:
    limit = at.astimezone(UTC) - timedelta(hours=settings.check_in_hours)
    people = [one for one in gathering.check_ins if one.present and one.since and one.since > limit]
    return [
        {"nick": one.nick, "location": one.location, "since": one.since.isoformat() if one.since else None}
        for one in sorted(people, key=lambda one: (one.nick.lower(), one.key))
    ]


def _day(day: Day) -> Json:
    return {
        "name": day.name,
        "date": day.date.isoformat() if day.date else None,
        "slots": [
            {
                "name": slot.name,
                "desc": slot.desc,
                "start": slot.start.isoformat() if slot.start else None,
                "end": slot.end.isoformat() if slot.end else None,
            }
            for slot in day.slots
        ],
    }


def _room(gathering: Gathering, room: str) -> Json:
    info: dict[str, Any] = gathering.room_info(room)
    return {
        "url": safe_url(info.get("url")),
        "desc": info.get("desc"),
        "cap_icon": info.get("cap_icon"),
        "cap_desc": info.get("cap_desc"),
    }


def _schedule(gathering: Gathering, day: Day) -> Json:
    names = {slot.name for slot in day.slots}
    return {
        room: {slot: track for slot, track in gathering.bookings(room).items() if slot in names}
        for room in gathering.rooms
    }


def next_change(gathering: Gathering, at: datetime, settings: GatheringSettings) -> datetime | None:
    """Return when time alone will next change a slice: a slot, midnight, or a check-in that expires."""
    edge = Calendar.of(gathering, at, settings.timezone).next_change()
    hours = timedelta(hours=settings.check_in_hours)
    expiries = [one.since + hours for one in gathering.check_ins if one.present and one.since]
    coming = [expiry for expiry in expiries if expiry > at]
    return min([*coming, *([edge] if edge else [])], key=lambda when: when.astimezone(UTC), default=None)
