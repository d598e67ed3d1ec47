"""Questions about time and places: where and when a track meets, what comes next, the schedule of a day, the rooms."""

from __future__ import annotations

from collections.abc import Iterator

from ptgbot.chat.addresses import slugs
from ptgbot.chat.commands import Decision, Form, say
from ptgbot.chat.text import count, listing, nearest
from ptgbot.gathering.attendee import SCHEDULE, whereabouts
from ptgbot.gathering.meant import day_named
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.registry import (
    Call,
    calendar,
    command,
    folded,
    no_day,
    no_track,
    of_track,
    place_of,
    shown,
    track_named,
)
from ptgbot.gathering.schedule import Calendar, Slot

ROOMS = "rooms.html"
"""The page with every room."""


def track_page(gathering: Gathering, typed: str) -> str:
    """Return the address of the page of a track on the site, empty if there is no track with a typed name."""
    track = track_named(gathering, typed)
    return f"tracks/{slugs(gathering.tracks)[track]}.html" if track else ""


@command(
    "when",
    Form.USER,
    usage="+when [TRACK]",
    help="When a track meets next, and where; without one what comes next in every room.",
    example="+when nova",
    synonyms=("time", "slots"),
)
def when(gathering: Gathering, call: Call) -> Decision:
    """Answer with the next slot of a track."""
    if not call.argument:
        return coming(gathering, call)
    page = track_page(gathering, call.argument)
    return of_track(gathering, call, lambda name: _meets(calendar(gathering, call), name), page)


def _meets(calendar_now: Calendar, track: str) -> str:
    """Return the sentence that tells the present or next slot of a track, with the number of those after it."""
    every = calendar_now.slots_of(track)
    if not every:
        return f"#{track} has no slot booked."
    left = [one for one in every if not one[0].over(calendar_now.at)]
    if not left:
        slot, room = every[-1]
        return f"#{track} has no slot left; the last one was {_time(calendar_now, slot)} in {room}."
    (slot, room), *after = left
    word = "meets now" if slot.runs(calendar_now.at) else "meets next"
    more = f", and {count(len(after), 'more time', 'more times')}" if after else ""
    return f"#{track} {word}: {_time(calendar_now, slot)} in {room}{more}."


def _time(calendar_now: Calendar, slot: Slot) -> str:
    """Return the time of a slot, with the day unless it is today."""
    hours = slot.desc or slot.name
    if slot.start is None:
        return f"{slot.day} {hours}"
    on = slot.start.astimezone(calendar_now.zone).date()
    today = calendar_now.at.astimezone(calendar_now.zone).date()
    return hours if on == today else f"{on:%a %-d %b} {hours}"


@command(
    "where",
    Form.USER,
    usage="+where #TRACK",
    help="Where a track meets now or next; a name of a person instead tells where they checked in.",
    example="+where #nova",
    synonyms=("whereis", "location"),
)
def where(gathering: Gathering, call: Call) -> Decision:
    """Answer with the place of a track, or of a person."""
    if not call.argument:
        return say("Which track? Type +where and its name, such as +where #nova; +seen NAME finds a person.")
    track = track_named(gathering, call.argument)
    if track is not None:
        return shown(call, place_of(calendar(gathering, call), track), track_page(gathering, track))
    if call.argument.startswith("#") or nearest(call.argument, gathering.tracks):
        found = gathering.check_ins_named(call.argument, call.message.person.casemapping)
        return whereabouts(gathering, call) if found else say(no_track(gathering, call.argument))
    return whereabouts(gathering, call)


@command(
    "next",
    Form.USER,
    usage="+next [TRACK]",
    help="What comes next in every room, or in one track.",
    example="+next nova",
    synonyms=("upcoming", "later", "then"),
)
def following(gathering: Gathering, call: Call) -> Decision:
    """Answer with what comes next."""
    if not call.argument:
        return coming(gathering, call)
    page = track_page(gathering, call.argument)
    return of_track(gathering, call, lambda name: _announced(gathering, calendar(gathering, call), name), page)


def _announced(gathering: Gathering, when_now: Calendar, track: str) -> str:
    topics = gathering.next(track)
    meets = _meets(when_now, track)
    return f"#{track} next: {' · '.join(topics)}. {meets}" if topics else f"Nothing is announced. {meets}"


def coming(gathering: Gathering, call: Call) -> Decision:
    """Answer with everything that begins at the next moment at which something does."""
    now = calendar(gathering, call)
    starts = [(slot, room, track) for slot, room, track in _booked(now) if slot.start and slot.start > now.at]
    if not starts:
        return shown(call, "Nothing else is booked.", SCHEDULE)
    first = min(starts, key=lambda one: one[0].start or now.at)[0]
    those = [f"#{track} in {room}" for slot, room, track in starts if slot.start == first.start]
    return shown(call, f"Next, {_time(now, first)}: {folded(those)}.", SCHEDULE)


def _booked(now: Calendar) -> Iterator[tuple[Slot, str, str]]:
    """Yield every booked slot with its room and track, in the order of the days."""
    held: dict[str, list[tuple[str, str]]] = {}
    for room, slot, track in now.gathering.booked():
        held.setdefault(slot, []).append((room, track))
    for slot_at in now.slots:
        yield from ((slot_at, room, track) for room, track in held.get(slot_at.name, ()))


@command(
    "schedule",
    Form.USER,
    usage="+schedule [DAY]",
    help="What is booked on a day; today what is still to come.",
    example="+schedule Tuesday",
    aliases=("today",),
    synonyms=("programme", "program", "agenda", "timetable", "plan", "calendar"),
)
def schedule(gathering: Gathering, call: Call) -> Decision:
    """Answer with the bookings of a day."""
    now = calendar(gathering, call)
    day = day_named(now, call.argument) if call.argument else now.today
    if not now.days:
        return say("The schedule has no days yet.")
    if day is None:
        return say(no_day(now, call.argument))
    left = [one for one in _booked(now) if one[0].day == day.name and not one[0].over(now.at)]
    if not left:
        return shown(call, f"Nothing more is booked on {day.name}.", SCHEDULE)
    hours = [f"{slot.desc or slot.name} #{track} in {room}" for slot, room, track in left]
    return shown(call, f"{day.name}: {folded(hours)}.", SCHEDULE)


@command(
    "rooms",
    Form.USER,
    usage="+rooms",
    help="The rooms, and which track is in each of them now.",
    example="+rooms",
    synonyms=("venue", "map", "places"),
)
def rooms(gathering: Gathering, call: Call) -> Decision:
    """Answer with the names of all rooms and what is in them."""
    running = {slot.name for slot in calendar(gathering, call).current}
    inside: dict[str, list[str]] = {}
    for room, slot, track in gathering.booked():
        if slot in running:
            inside.setdefault(room, []).append(f"#{track}")
    names = [f"{room} ({listing(inside[room])} now)" if room in inside else room for room in gathering.rooms]
    if not names:
        return say("There are no rooms yet.")
    return shown(call, f"{count(len(names), 'room')}: {folded(names)}.", ROOMS)
