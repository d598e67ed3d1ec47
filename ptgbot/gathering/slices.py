"""The slices of the gathering. A page is made anew if one of its slices has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from ptgbot.chat.urls import safe_url
from ptgbot.feature import Look, Slice, SliceKind, Touched
from ptgbot.gathering import concerns, recap
from ptgbot.gathering.colors import own_color, paint
from ptgbot.gathering.fullness import Status, status_of
from ptgbot.gathering.links import etherpad_url
from ptgbot.gathering.model import LEVELS, WHOLE_SCREEN, CheckIn, Gathering, Motd, check_in, utc_text
from ptgbot.gathering.schedule import Calendar, Day, Slot, topic_until
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.store.edits import Json

T = TypeVar("T")
Looked = Look[GatheringSettings]


class _Once(Generic[T]):
    """Values that are computed once for each look, for all slices made of it."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._last: tuple[Looked, T] | None = None

    def __call__(self, look: Looked) -> T:
        last = self._last
        if last is None or last[0] is not look:
            last = self._last = (look, self._make(look))
        return last[1]


_calendar: _Once[Calendar] = _Once(
    lambda look: Calendar.of(Gathering(look.state), look.at, look.settings.timezone),
)
_edge: _Once[datetime | None] = _Once(lambda look: _calendar(look).next_change())
_held: _Once[dict[str, list[tuple[Slot, str]]]] = _Once(lambda look: _bookings(_calendar(look)))
_here: _Once[list[CheckIn]] = _Once(lambda look: _present(look))

_at_tracks: _Once[dict[str, list[CheckIn]]] = _Once(lambda look: _by_place(_here(look)))


def _by_place(people: Iterable[CheckIn]) -> dict[str, list[CheckIn]]:
    found: dict[str, list[CheckIn]] = {}
    for one in people:
        found.setdefault(one.location, []).append(one)
    return found


def _bookings(calendar: Calendar) -> dict[str, list[tuple[Slot, str]]]:
    """Return the slots of each track with their rooms, in the order of the days."""
    found: dict[str, list[tuple[Slot, str]]] = {}
    rooms = {room: calendar.gathering.bookings(room) for room in calendar.gathering.rooms}
    for slot in calendar.slots:
        for room, bookings in rooms.items():
            if track := bookings.get(slot.name):
                found.setdefault(track, []).append((slot, room))
    return found


def _event(look: Looked, _key: str) -> Slice:
    gathering, calendar = Gathering(look.state), _calendar(look)
    zone = getattr(calendar.zone, "key", "UTC")
    return Slice({"id": gathering.eventid, "title": gathering.title, "timezone": zone})


def _motd(look: Looked, _key: str) -> Slice:
    shown = Gathering(look.state).motd
    return Slice([_message(one) for one in shown])


def _message(one: Motd) -> Json:
    whole: dict[str, Json] = {"screen": WHOLE_SCREEN} if one.whole else {}
    return {"level": one.level if one.level in LEVELS else "info", "message": one.message, **whole}


def _links(look: Looked, _key: str) -> Slice:
    return Slice({title: url for title, url in Gathering(look.state).links.items() if safe_url(url)})


def _tracks(look: Looked, _key: str) -> Slice:
    gathering = Gathering(look.state)
    return Slice({track: _look_of(gathering, look.settings, track) for track in gathering.tracks})


def _look_of(gathering: Gathering, settings: GatheringSettings, track: str) -> Json:
    colors = paint(str(gathering.per_track("colors").get(track, ""))) or paint(own_color(track))
    typed = safe_url(gathering.per_track("etherpads").get(track))
    return {
        "color": colors.color if colors else None,
        "ink": colors.ink if colors else None,
        "url": safe_url(gathering.per_track("urls").get(track)),
        "etherpad": typed or etherpad_url(settings.etherpad, gathering.eventid, track),
    }


def _now(look: Looked, _key: str) -> Slice:
    said = sorted(Gathering(look.state).per_track("now"))
    return Slice({track: _now_of(look, track) for track in said}, _edge(look))


def _now_of(look: Looked, track: str) -> Json:
    gathering = Gathering(look.state)
    text, since = gathering.now(track), gathering.now_since(track)
    if text is None:
        return None
    over = _over(look, track)
    return {
        "text": text,
        "since": since.isoformat() if since else None,
        "over": over.isoformat() if over else None,
        "location": _calendar(look).location(track),
        "by": recap.said_by(look.chronicle, track, text),
    }


def _over(look: Looked, track: str) -> datetime | None:
    """Return when the topic of a track ceased to be discussed; None if it is still discussed."""
    slots = (slot for slot, _ in _held(look).get(track, ()))
    until = topic_until(slots, Gathering(look.state).now_since(track), look.at, _calendar(look).zone)
    return until if until and until <= look.at else None


def _next(look: Looked, _key: str) -> Slice:
    said = sorted(Gathering(look.state).per_track("next"))
    found = {track: shown for track in said if (shown := _next_of(look, track))}
    return Slice(cast("Json", found), _edge(look))


def _next_of(look: Looked, track: str) -> Json:
    texts = Gathering(look.state).next(track)
    return {"texts": [*texts], "location": _calendar(look).location(track)} if texts else None


def _coming(look: Looked, _key: str) -> Slice:
    """Return the bookings of the running slots, or of the next ones to begin, to be shown while no topic is set."""
    calendar = _calendar(look)
    at = calendar.at.astimezone(UTC)
    slots = list(calendar.current)
    if not slots:
        ahead = [(slot.start.astimezone(UTC), slot) for slot in calendar.slots if slot.start and slot.start > at]
        first = min((start for start, _ in ahead), default=None)
        slots = [slot for start, slot in ahead if start == first]
    gathering = calendar.gathering
    rows: list[Json] = [
        {"track": track, "room": room, **_when(slot)}
        for slot in slots
        for room in gathering.rooms
        if (track := gathering.bookings(room).get(slot.name))
    ]
    return Slice(rows, _edge(look))


def _when(slot: Slot) -> dict[str, Json]:
    return {
        "day": slot.day,
        "slot": slot.name,
        "start": slot.start.isoformat() if slot.start else None,
        "end": slot.end.isoformat() if slot.end else None,
    }


def _check_ins(look: Looked, _key: str) -> Slice:
    return Slice([_person(one) for one in _here(look)], _expiry(look, _here(look)))


def _person(one: CheckIn) -> Json:
    return {"nick": one.nick, "location": one.location, "since": one.since.isoformat() if one.since else None}


def _present(look: Looked) -> list[CheckIn]:
    """Return the people who are checked in, sorted by name."""
    limit = look.at.astimezone(UTC) - _hours(look)
    # Times are compared as they are written first: most people of a long gathering have left, and reading a time
    # costs more than everything else here.
    written = utc_text(limit)
    raw = cast("dict[str, dict[str, Any]]", look.state["last_check_in"])
    fresh = (check_in(key, row) for key, row in raw.items() if not row.get("out") and str(row.get("in")) >= written)
    people = [one for one in fresh if one.present and one.since and one.since > limit]
    return sorted(people, key=lambda one: (one.nick.lower(), one.key))


def _hours(look: Looked) -> timedelta:
    return timedelta(hours=look.settings.check_in_hours)


def _expiry(look: Looked, people: Iterable[CheckIn]) -> datetime | None:
    return min((one.since + _hours(look) for one in people if one.since), default=None)


def _days(look: Looked, _key: str) -> Slice:
    return Slice([_day(day) for day in _calendar(look).days])


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


def _rooms(look: Looked, _key: str) -> Slice:
    gathering = Gathering(look.state)
    told = {room: status for room in gathering.rooms if (status := status_of(gathering, room, look.at))}
    shown = {room: _room(gathering.room_info(room), told.get(room)) for room in gathering.rooms}
    return Slice(shown, min((status.until for status in told.values() if status.until), default=None))


def _room(info: dict[str, str], status: Status | None) -> Json:
    return {
        **({"state": status.state} if status else {}),
        "url": safe_url(info.get("url")),
        "desc": info.get("desc"),
        "cap_icon": info.get("cap_icon"),
        "cap_desc": info.get("cap_desc"),
        "place": info.get("place"),
        "map": safe_url(info.get("map")),
    }


def _today(look: Looked, _key: str) -> Slice:
    calendar = _calendar(look)
    return Slice(calendar.today.name if calendar.today else None, _edge(look))


def _date(look: Looked, _key: str) -> Slice:
    """Return the date in the zone of the gathering."""
    return Slice(look.at.astimezone(_calendar(look).zone).date().isoformat(), _edge(look))


def _current(look: Looked, _key: str) -> Slice:
    calendar = _calendar(look)
    return Slice([slot.name for slot in calendar.current], _edge(look))


def _schedule(look: Looked, key: str) -> Slice:
    gathering = Gathering(look.state)
    names = {slot.name for day in _calendar(look).days if day.name == key for slot in day.slots}
    return Slice(
        {
            room: {slot: track for slot, track in gathering.bookings(room).items() if slot in names}
            for room in gathering.rooms
        }
    )


def _meets(look: Looked, _key: str) -> Slice:
    held = _held(look)
    return Slice(
        {
            track: [_meeting(look, track, slot, room) for slot, room in held.get(track, ())]
            for track in Gathering(look.state).tracks
        }
    )


def _meeting(look: Looked, track: str, slot: Slot, room: str) -> Json:
    """Return a booking with the number and the moment of its last change, which calendars need."""
    places = (
        ("schedule", room, slot.name),
        ("schedule", room, "desc"),
        ("schedule", room, "url"),
        ("slots", slot.day),
        ("dates", slot.day),
        ("timezone",),
        ("etherpads", track),
        ("urls", track),
    )
    last = newest(touched for place in places if (touched := look.touched(place)))
    told: dict[str, Json] = {"number": last.number, "changed": last.at.isoformat()} if last else {}
    return {**_when(slot), "room": room, **told}


def newest(found: Iterable[Touched]) -> Touched | None:
    """Return the last of several changes, None if there is none."""
    return max(found, key=lambda one: one.number, default=None)


def _track(look: Looked, key: str) -> Slice:
    people = _at_tracks(look).get(f"#{key}", [])
    edges = [edge for edge in (_edge(look), _expiry(look, people)) if edge]
    shown: Json = {
        "name": key,
        "now": _now_of(look, key),
        "next": _next_of(look, key),
        "slots": [{**_when(slot), "room": room} for slot, room in _held(look).get(key, ())],
        "people": [_person(one) for one in people],
        "description": Gathering(look.state).per_track("descriptions").get(key),
        "contacts": [*Gathering(look.state).per_track("contacts").get(key, ())],
    }
    return Slice(shown, min(edges, key=lambda edge: edge.astimezone(UTC), default=None))


def _door(look: Looked, key: str) -> Slice:
    """Return the data for the door of a room today."""
    calendar = _calendar(look)
    gathering = calendar.gathering
    running = {slot.name for slot in calendar.current}
    held = gathering.bookings(key)
    rows: list[Json] = []
    for slot in calendar.today.slots if calendar.today else ():
        if (track := held.get(slot.name)) is not None:
            topic = gathering.now(track) if slot.name in running and _over(look, track) is None else None
            rows.append({**_when(slot), "track": track, "topic": topic})
    return Slice({"name": key, "slots": rows}, _edge(look))


def _programme(look: Looked, key: str) -> Slice:
    """Return the slots of a room on all days: the track of each, empty where the room is free."""
    held = Gathering(look.state).bookings(key)
    rows = [{**_when(slot), "track": held[slot.name]} for slot in _calendar(look).slots if slot.name in held]
    return Slice(cast("Json", rows))


def _topics(look: Looked, key: str) -> Slice:
    return Slice(recap.topics_of_track(look.chronicle, key))


def _recap(look: Looked, _key: str) -> Slice:
    return Slice([*recap.days_of(look.chronicle, _calendar(look).zone)])


def _said(look: Looked, key: str) -> Slice:
    parts, left = recap.parts_of_day(look.chronicle, key, _calendar(look).zone)
    return Slice({"parts": [*parts], "left": left})


def _part(look: Looked, key: str) -> Slice:
    return Slice(recap.topics_of_part(look.chronicle, key))


def _changes(look: Looked, _key: str) -> Slice:
    return Slice(recap.newest_changes(look.chronicle))


def _all_tracks(look: Looked) -> Iterable[str]:
    return cast("dict[str, Json]", look.state["tracks"])


def _all_days(look: Looked) -> Iterable[str]:
    return Gathering(look.state).days


def _all_rooms(look: Looked) -> Iterable[str]:
    return Gathering(look.state).rooms


def _discussed(look: Looked) -> Iterable[str]:
    return recap.days_of(look.chronicle, _calendar(look).zone)


def _all_parts(look: Looked) -> Iterable[str]:
    return recap.all_parts(look.chronicle)


_TIMES = (("slots",), ("dates",), ("timezone",))
_CALENDAR = (*_TIMES, ("schedule",))
_PLACES = (*_CALENDAR, ("location",))

SLICES: Sequence[SliceKind[GatheringSettings]] = (
    SliceKind("event", _event, [("eventid",), ("title",), ("timezone",)]),
    SliceKind("motd", _motd, [("motd",)]),
    SliceKind("links", _links, [("links",)]),
    SliceKind("tracks", _tracks, [("tracks",), ("colors",), ("etherpads",), ("urls",), ("eventid",)]),
    SliceKind(
        "now",
        _now,
        [("now",), ("ptgbot", "now_since"), *_PLACES, ("chronicle", "tracks")],
        concerns=concerns.bookings_only,
    ),
    SliceKind("next", _next, [("next",), *_PLACES], concerns=concerns.bookings_only),
    SliceKind("coming", _coming, _CALENDAR, concerns=concerns.bookings_only),
    SliceKind("check_ins", _check_ins, [("last_check_in",)]),
    SliceKind("days", _days, _TIMES),
    SliceKind("rooms", _rooms, [("schedule",), ("room_status",)], concerns=concerns.about_rooms),
    SliceKind("today", _today, _TIMES),
    SliceKind("date", _date, _TIMES),
    SliceKind("current", _current, _TIMES),
    SliceKind("schedule", _schedule, [("slots",), ("schedule",)], _all_days, concerns.day),
    SliceKind("meets", _meets, [*_CALENDAR, ("tracks",), ("etherpads",), ("urls",)]),
    SliceKind(
        "track",
        _track,
        [
            ("tracks",),
            ("now",),
            ("next",),
            ("ptgbot", "now_since"),
            ("last_check_in",),
            ("chronicle", "tracks"),
            ("descriptions",),
            ("contacts",),
            *_PLACES,
        ],
        _all_tracks,
        concerns.track,
    ),
    SliceKind("room", _door, [*_CALENDAR, ("now",), ("ptgbot", "now_since")], _all_rooms, concerns.room),
    SliceKind("programme", _programme, _CALENDAR, _all_rooms, concerns.programme),
    SliceKind("topics", _topics, [("tracks",), ("chronicle", "tracks")], _all_tracks, concerns.topics),
    SliceKind("recap", _recap, [("timezone",), ("chronicle", "days")]),
    SliceKind("said", _said, [("timezone",), ("chronicle", "days")], _discussed, concerns.said),
    SliceKind("part", _part, [("chronicle", "days")], _all_parts, concerns.part),
    SliceKind("changes", _changes, [("chronicle", "changes")]),
)
