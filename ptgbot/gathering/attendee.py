"""Commands for everybody: check-in, search for people, subscriptions, questions."""

from __future__ import annotations

from datetime import UTC, timedelta

from ptgbot.chat.commands import Decision, Form, say
from ptgbot.chat.message import Reach, Reply, listed
from ptgbot.chat.text import count, fold, short
from ptgbot.gathering.meant import free_slots
from ptgbot.gathering.model import CheckIn, Gathering, utc_text
from ptgbot.gathering.patterns import BadPattern, compiled
from ptgbot.gathering.registry import (
    Call,
    calendar,
    clock,
    command,
    drop,
    folded,
    no_day,
    no_track,
    of_track,
    place_of,
    put,
    shown,
    track_named,
    track_state,
)
from ptgbot.gathering.schedule import Calendar, Day, booking_code
from ptgbot.gathering.subscriptions import MOST

LONGEST_PLACE = 200
MARKS = "!?.,:;"
"""What people type behind a name and do not mean."""
SCHEDULE = "schedule.html"
"""The page with every slot."""


@command(
    "in",
    Form.USER,
    usage="+in LOCATION",
    help="Check in, so that others find you: the track you sit with, or any place.",
    example="+in #nova",
    synonyms=("here", "arrive", "arrived", "checkin", "join"),
)
def check_in(gathering: Gathering, call: Call) -> Decision:
    """Check the sender in. ``#track`` must be a known track; the bare name of a track means that track."""
    place = call.argument
    if not place:
        return say("Where are you? Type +in #TRACK or +in and a place, such as +in #nova or +in coffee bar.")
    if len(place) > LONGEST_PLACE:
        return say(f"A place has at most {LONGEST_PLACE} characters; yours has {len(place)}.")
    track = track_named(gathering, place) if " " not in place else None
    if track:
        place = f"#{track}"
    elif place.startswith("#"):
        first, *more = place.split()
        if more and track_named(gathering, first):
            return say(f"Type +in {first} alone, or a place without #, such as +in {place.removeprefix('#')}.")
        return say(f"{no_track(gathering, first)} Without # any place will do.")
    person = call.message.person
    key = gathering.find_key("last_check_in", person.key, person.casemapping)
    record = {"nick": person.nick, "location": place, "in": utc_text(call.at), "out": None}
    return Decision(
        put(gathering, "last_check_in", key, value=dict(record)),
        [Reply(f"You are checked in at {place}. +out ends it.")],
    )


@command(
    "out",
    Form.USER,
    usage="+out",
    help="Check out: nobody is told any longer that you are there.",
    example="+out",
    synonyms=("leave", "left", "checkout", "bye"),
)
def check_out(gathering: Gathering, call: Call) -> Decision:
    """Check the sender out."""
    person = call.message.person
    key = gathering.find_key("last_check_in", person.key, person.casemapping)
    mine = gathering.check_in_of(key)
    if mine is None:
        return say("You are not checked in anywhere. +in LOCATION does that.")
    if not mine.present:
        return say(f"You have checked out of {mine.location} already. +in LOCATION checks you in again.")
    raw = gathering.per_track("last_check_in")[key]
    gone = {**raw, "out": utc_text(call.at)}
    return Decision(
        put(gathering, "last_check_in", key, value=gone), [Reply(f"You are checked out of {mine.location}.")]
    )


@command(
    "seen",
    Form.USER,
    usage="+seen NAME",
    help="Where somebody checked in last, and when. Finds people on all networks.",
    example="+seen mira",
    synonyms=("find", "locate"),
)
def seen(gathering: Gathering, call: Call) -> Decision:
    """Answer where and since when a person is checked in."""
    if not call.argument:
        return say("Whom do you look for? Type +seen and a name, such as +seen mira.")
    return whereabouts(gathering, call)


def whereabouts(gathering: Gathering, call: Call) -> Decision:
    """Answer where and since when the person in the argument is checked in."""
    mapping = call.message.person.casemapping
    found = gathering.check_ins_named(call.argument, mapping) or gathering.check_ins_named(
        call.argument.rstrip(MARKS), mapping
    )
    if not found and (track := track_named(gathering, call.argument)):
        return say(place_of(calendar(gathering, call), track))
    if not found:
        return say(f"{short(call.argument)} has not checked in so far.")
    when = calendar(gathering, call)
    more = [f"and {len(found) - 5} more of that name"] if len(found) > 5 else []
    places = [_whereabouts(one, when, several=len(found) > 1) for one in found[:5]]
    return Decision(answers=[listed([*places, *more], people=[one.key for one in found[:5]])])


def _whereabouts(one: CheckIn, when: Calendar, *, several: bool) -> str:
    who = f"{one.nick} ({one.key})" if several else one.nick
    since = f" at {clock(one.since, when)}" if one.since else ""
    if one.until is None:
        return f"{who} checked in at {one.location}{since}"
    left = f" at {clock(one.until, when)}" if one.until.year > 1 else ""
    return f"{who} left {one.location}{left}"


@command(
    "subscribe",
    Form.USER,
    usage="+subscribe [REGEX]",
    help="Get a private message when a topic matches: “#TRACK now TEXT” or “#TRACK next TEXT” is searched, whatever "
    "the case. Without a pattern it shows yours.",
    example="+subscribe #nova|migration",
    synonyms=("follow", "notify", "watch"),
)
def subscribe(gathering: Gathering, call: Call) -> Decision:
    """Store a subscription, or answer with the present one."""
    person = call.message.person
    if not person.is_reachable:
        return say("No private message reaches you over this bridge, so I can't tell you of topics.")
    key = gathering.find_key("subscriptions", person.key, person.casemapping)
    former = gathering.subscriptions.get(key)
    if not call.argument:
        return say(
            f"You are subscribed to {former} – +unsubscribe ends it."
            if former
            else "You have no subscription. +subscribe REGEX makes one, such as +subscribe #nova|migration."
        )
    try:
        compiled(call.argument)
    except BadPattern as error:
        return say(f"That pattern can't be used: {error}. Plain words work: +subscribe live migration.")
    if former is None and len(gathering.subscriptions) >= MOST:
        return say(f"There are {MOST} subscriptions already; I can't keep more.")
    instead = f" in place of {former}" if former else ""
    answer = f"You will get a private message when a topic matches {call.argument}{instead}."
    way = [] if former or call.message.private else [Reach()]
    return Decision(put(gathering, "subscriptions", key, value=call.argument), [Reply(answer), *way])


@command(
    "unsubscribe",
    Form.USER,
    usage="+unsubscribe",
    help="Drop your subscription.",
    example="+unsubscribe",
    synonyms=("stop", "unfollow"),
)
def unsubscribe(gathering: Gathering, call: Call) -> Decision:
    """Drop a subscription."""
    person = call.message.person
    key = gathering.find_key("subscriptions", person.key, person.casemapping)
    former = gathering.subscriptions.get(key)
    if not former:
        return say("You have no subscription that could be dropped.")
    return Decision(drop(gathering, "subscriptions", key), [Reply(f"Your subscription to {former} is dropped.")])


@command(
    "now",
    Form.USER,
    usage="+now [TRACK]",
    help="What is discussed now, in all tracks or in one.",
    example="+now nova",
    synonyms=("current", "what", "topics"),
)
def now(gathering: Gathering, call: Call) -> Decision:
    """Answer with the present topics of all tracks, or of one."""
    when = calendar(gathering, call)
    if call.argument:
        return of_track(gathering, call, lambda track: track_state(gathering, when, track))
    topics = [f"#{track}: {gathering.now(track)}" for track in gathering.tracks if gathering.now(track)]
    return shown(call, folded(topics) if topics else "Nothing is being discussed right now, as far as I was told.")


@command(
    "who",
    Form.USER,
    usage="+who #TRACK",
    help="Who is checked in with a track.",
    example="+who #nova",
    synonyms=("people", "attendees"),
)
def who(gathering: Gathering, call: Call) -> Decision:
    """Answer with the people who are checked in with a track."""
    if not call.argument:
        return say("Which track? Type +who and its name, such as +who #nova.")
    return of_track(gathering, call, lambda track: _people(gathering, call, track))


def _people(gathering: Gathering, call: Call, track: str) -> str:
    names = [one.nick for one in present(gathering, call) if one.location == f"#{track}"]
    return f"With #{track}: {folded(names)}" if names else f"Nobody has checked in with #{track}."


def present(gathering: Gathering, call: Call) -> list[CheckIn]:
    """Return the check-ins without check-out that are younger than ``check_in_hours``."""
    limit = call.at.astimezone(UTC) - timedelta(hours=call.settings.check_in_hours)
    return [one for one in gathering.check_ins if one.present and one.since and one.since > limit]


@command(
    "free",
    Form.USER,
    usage="+free [ROOM] [DAY] [TIME]",
    help="Slots that can still be booked, today or as you say: a room, a day, tomorrow, the morning, pm, a time.",
    example="+free Tuesday pm",
    synonyms=("empty", "available"),
)
def free(gathering: Gathering, call: Call) -> Decision:
    """Answer with the free slots that somebody means, those of today by default."""
    calendar_now = calendar(gathering, call)
    day = _day_named(calendar_now, call.argument) if call.argument else calendar_now.today
    if day:
        found, what = [(room, slot.name) for room, slot in calendar_now.free(day)], f"on {day.name}"
    elif not call.argument:
        return say("The schedule has no days yet.")
    else:
        meant = free_slots(calendar_now, call.argument)
        if meant is None:
            return say(no_day(calendar_now, call.argument))
        found, what = meant, f"for {short(call.argument)}"
    codes = [booking_code(*one) for one in found]
    if not codes:
        return shown(call, f"Nothing is free {what}.", SCHEDULE)
    text = f"Free {what}: {folded(codes)}. A moderator books with #TRACK book ROOM-SLOT."
    return shown(call, text, SCHEDULE)


def _day_named(when: Calendar, typed: str) -> Day | None:
    return next((one for one in when.days if fold(one.name).startswith(fold(typed))), None)


@command(
    "tracks",
    Form.USER,
    usage="+tracks",
    help="The names of all tracks.",
    example="+tracks",
    synonyms=("teams", "list"),
)
def tracks(gathering: Gathering, call: Call) -> Decision:
    """Answer with the names of all tracks."""
    names = gathering.tracks
    return shown(call, f"{count(len(names), 'track')}: {' '.join(names)}" if names else "There are no tracks yet.")
