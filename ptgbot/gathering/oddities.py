"""Odd values of a state that are not errors: ``ptgbot check`` lists them, and they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ptgbot.chat.urls import safe_url
from ptgbot.gathering.clashes import clashes
from ptgbot.gathering.colors import paint
from ptgbot.gathering.model import LEVELS, TRACK_NAME, Gathering
from ptgbot.gathering.patterns import BadPattern, compiled
from ptgbot.gathering.schedule import Calendar, desc_times, stated_dates
from ptgbot.gathering.words import MEETINGS


def oddities(gathering: Gathering, at: datetime, zone: str) -> Iterator[str]:
    """Yield a sentence for each value that our commands would refuse, and each slot without a known time.

    ``at`` is the present moment, ``zone`` the configured time zone.
    """
    yield from _values(gathering)
    yield from _times(gathering, at, zone)
    known = set(gathering.tracks)
    for room, slot, track in gathering.booked():
        if track not in known:
            yield f"schedule.{room}.{slot}: there is no track {track}."
    yield from clashes(gathering, Calendar.of(gathering, at, zone))


def _values(gathering: Gathering) -> Iterator[str]:
    for track in gathering.tracks:
        if not TRACK_NAME.fullmatch(track):
            yield f"tracks: nobody can type the name “{track}”."
        if track in MEETINGS:
            yield f"tracks: “{track}” is a word of meetings; while one runs in a room, #{track} belongs to it there."
    for track, color in gathering.per_track("colors").items():
        if paint(color) is None:
            yield f"colors.{track}: “{color}” is no CSS colour; pages show the one of its name."
    for table in ("etherpads", "urls"):
        for track, url in gathering.per_track(table).items():
            if safe_url(url) is None:
                yield f"{table}.{track}: “{url}” can't be linked to."
    for title, url in gathering.links.items():
        if safe_url(url) is None:
            yield f"links.{title}: “{url}” can't be linked to."
    for room in gathering.rooms:
        about = gathering.room_info(room)
        for key in ("url", "map"):
            if (url := about.get(key)) and safe_url(url) is None:
                yield f"schedule.{room}.{key}: “{url}” can't be linked to."
    for number, motd in enumerate(gathering.motd, 1):
        if motd.level not in LEVELS:
            yield f"motd {number}: “{motd.level}” is no level; it is shown as info."
    for pattern in filter(None, gathering.subscriptions.values()):
        try:
            compiled(pattern)
        except BadPattern as error:
            yield f"subscriptions: a pattern never matches: {error}."


def _times(gathering: Gathering, at: datetime, zone: str) -> Iterator[str]:
    calendar = Calendar.of(gathering, at, zone)
    stated = stated_dates(gathering, calendar.zone)
    for day in calendar.days:
        if day.date and stated[day.name] is None:
            yield f"slots.{day.name}: no date is stated; the days beside it make it {day.date}."
    for slot in calendar.slots:
        begins, _ = desc_times(slot.desc)
        if slot.start is None:
            yield f"slots.{slot.day}.{slot.name}: its time is not known; it is left out of feeds."
        elif begins and slot.start.astimezone(calendar.zone).time() != begins:
            local = slot.start.astimezone(calendar.zone)
            yield f"slots.{slot.day}.{slot.name}: “{slot.desc}” but its realtime is {local:%H:%M} in {calendar.zone}."
