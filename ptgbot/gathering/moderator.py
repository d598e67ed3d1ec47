"""Commands of a track's moderators, such as ``#TRACK now TEXT``."""

from __future__ import annotations

from collections.abc import Sequence

from ptgbot.chat.commands import Decision, Form, News, say
from ptgbot.chat.message import Answer, Done, Reply
from ptgbot.chat.text import count, fold, listing, nearest, short
from ptgbot.chat.urls import safe_url
from ptgbot.gathering.colors import own_color, paint
from ptgbot.gathering.links import etherpad_url
from ptgbot.gathering.meant import free_slots
from ptgbot.gathering.model import Gathering, utc_text
from ptgbot.gathering.registry import Call, calendar, clock, command, drop, folded, put, shown, track_state
from ptgbot.gathering.schedule import Slot, booking_code, read_code
from ptgbot.gathering.sharing import give_back, share
from ptgbot.gathering.subscriptions import never_matches, unreadable
from ptgbot.store.edits import Edit

LONGEST_TOPIC = 500
MOST_NEXT = 20


def _topic_refused(call: Call) -> Decision | None:
    if not call.argument:
        return say(f"What about? Type #{call.subject} {call.word} and the topic.")
    if len(call.argument) > LONGEST_TOPIC:
        return say(f"A topic has at most {LONGEST_TOPIC} characters; this one has {len(call.argument)}.")
    return None


def _told(gathering: Gathering, call: Call, what: str, text: str, edits: Sequence[Edit], *first: Answer) -> Decision:
    """Return the decision that sets a topic, with the news for subscribers and a hint if the track has no room today.

    Owners of unreadable patterns are told so once.
    """
    track, when = call.subject, calendar(gathering, call)
    where = when.location(track)
    hint = (
        []
        if where or not when.today
        else [Reply(f"#{track} has no room today. #{track} location TEXT says where it meets, #{track} book a room.")]
    )
    lost = unreadable(gathering)
    told = [
        edit for key, pattern in lost.items() for edit in put(gathering, "ptgbot", "told_pattern", key, value=pattern)
    ]
    answers = [
        *(first or (Done(),)),
        *hint,
        *(never_matches(key, pattern) for key, pattern in lost.items()),
    ]
    said = [one for one in answers if not (hint and isinstance(one, Done))]
    return Decision([*edits, *told], said, news=(News(f"#{track} {what} {text}", where or ""),))


def _since(gathering: Gathering, call: Call) -> list[Edit]:
    return put(gathering, "ptgbot", "now_since", call.subject, value=utc_text(call.at))


@command(
    "now",
    Form.TRACK,
    usage="#TRACK now TEXT",
    help="Say what the track discusses now. Clears what was announced as next.",
    example="#nova now live migration with #cinder",
    synonyms=("topic", "discussing", "current"),
)
def now(gathering: Gathering, call: Call) -> Decision:
    """Set the present topic and clear the next ones."""
    if refused := _topic_refused(call):
        return refused
    track = call.subject
    edits = [
        *put(gathering, "now", track, value=call.argument),
        *drop(gathering, "next", track),
        *_since(gathering, call),
    ]
    return _told(gathering, call, "now", call.argument, edits)


@command(
    "next",
    Form.TRACK,
    usage="#TRACK next TEXT",
    help="Announce what comes after; may be typed several times.",
    example="#nova next scheduling, at 15:00",
    synonyms=("then", "later", "upcoming"),
)
def following(gathering: Gathering, call: Call) -> Decision:
    """Append a next topic."""
    if refused := _topic_refused(call):
        return refused
    track, topics = call.subject, gathering.next(call.subject)
    if len(topics) >= MOST_NEXT:
        return say(
            f"#{track} has {MOST_NEXT} topics announced already. #{track} drop N removes one, #{track} clean all."
        )
    edits = put(gathering, "next", track, value=[*topics, call.argument])
    return _told(gathering, call, "next", call.argument, edits)


@command(
    "advance",
    Form.TRACK,
    usage="#TRACK advance",
    help="The first of the next topics is discussed now; the others stay.",
    example="#nova advance",
)
def advance(gathering: Gathering, call: Call) -> Decision:
    """Make the first next topic the present one."""
    track, topics = call.subject, gathering.next(call.subject)
    if call.argument:
        return say(f"#{track} advance takes nothing behind it. #{track} now TEXT sets another topic.")
    if not topics:
        return say(f"#{track} has nothing announced. #{track} next TEXT announces a topic.")
    first, *rest = topics
    edits = [
        *put(gathering, "now", track, value=first),
        *(put(gathering, "next", track, value=list(rest)) if rest else drop(gathering, "next", track)),
        *_since(gathering, call),
    ]
    after = f" Next: {rest[0]}." if rest else " Nothing is announced after it."
    return _told(gathering, call, "now", first, edits, Reply(f"#{track} now discusses {first}.{after}"))


@command(
    "drop",
    Form.TRACK,
    usage="#TRACK drop N",
    help="Remove the Nth of the next topics.",
    example="#nova drop 2",
)
def drop_next(gathering: Gathering, call: Call) -> Decision:
    """Remove one of the next topics."""
    track, topics = call.subject, gathering.next(call.subject)
    if not topics:
        return say(f"#{track} has nothing announced that could be dropped.")
    index = _number(call.argument)
    if index is None or not 1 <= index <= len(topics):
        return say(
            f"Which one? #{track} has {count(len(topics), 'next topic')}: type #{track} drop 1 to {len(topics)}."
        )
    rest = [*topics[: index - 1], *topics[index:]]
    edits = put(gathering, "next", track, value=list(rest)) if rest else drop(gathering, "next", track)
    return Decision(edits, [Done()])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@command(
    "clean",
    Form.TRACK,
    usage="#TRACK clean",
    help="Remove what the track discusses now and next.",
    example="#nova clean",
    aliases=("clear",),
    synonyms=("cancel", "reset", "done", "finish", "finished", "end", "over", "stop"),
)
def clean(gathering: Gathering, call: Call) -> Decision:
    """Remove the topics of a track, now and next."""
    if call.argument:
        return say(f"#{call.subject} {call.word} takes nothing behind it; it removes now and next of the track.")
    return Decision(clean_edits(gathering, call.subject), [Done()])


def clean_edits(gathering: Gathering, track: str) -> list[Edit]:
    """Return the edits that remove the topics of a track, now and next."""
    return [
        *drop(gathering, "now", track),
        *drop(gathering, "next", track),
        *drop(gathering, "ptgbot", "now_since", track),
    ]


@command(
    "etherpad",
    Form.TRACK,
    usage="#TRACK etherpad [URL|auto]",
    help="Set the address of the track's notes, or go back to the generated one; without either it tells the address.",
    example="#nova etherpad https://etherpad.example.org/p/nova-notes",
    synonyms=("notes", "pad", "doc"),
)
def etherpad(gathering: Gathering, call: Call) -> Decision:
    """Set the address of the notes."""
    return _address(gathering, call, "etherpads", "auto", "goes back to the generated address")


@command(
    "url",
    Form.TRACK,
    usage="#TRACK url [URL|none]",
    help="Set the track's own meeting link, or go back to the link of its room; without either it tells the link.",
    example="#nova url https://meet.example.org/nova",
    synonyms=("meeting", "call", "link", "video"),
)
def url(gathering: Gathering, call: Call) -> Decision:
    """Set the address of the meeting."""
    return _address(gathering, call, "urls", "none", "goes back to the link of the room")


def _address(gathering: Gathering, call: Call, table: str, word: str, means: str) -> Decision:
    track = call.subject
    if not call.argument:
        return say(_present_address(gathering, call, table))
    if fold(call.argument) == word:
        return Decision(drop(gathering, table, track), [Done()])
    if safe_url(call.argument) is None:
        return say(
            f"“{short(call.argument)}” is no address that I can link to. It has to begin with https:// or http://; "
            f"#{track} {call.word} {word} {means}."
        )
    return Decision(put(gathering, table, track, value=call.argument), [Done()])


def _present_address(gathering: Gathering, call: Call, table: str) -> str:
    """Return where the notes of the track are, or its meeting."""
    track, where = call.subject, calendar(gathering, call).location(call.subject)
    typed = safe_url(gathering.per_track(table).get(track))
    if table == "etherpads":
        made = etherpad_url(call.settings.etherpad, gathering.eventid, track)
        return f"Notes of #{track}: {typed or made}" if typed or made else f"#{track} has no notes."
    room = safe_url(gathering.room_info(where).get("url")) if where in gathering.rooms else None
    if typed or room:
        return f"#{track} meets at {typed or room}"
    return f"#{track} has no meeting link; #{track} url and an address sets one."


@command(
    "color",
    Form.TRACK,
    usage="#TRACK color [CSSCOLOR]",
    help="Set the colour of the track's badge, any CSS colour such as a name or #hex; without one it tells the colour.",
    example="#nova color #42f4c5",
    synonyms=("paint",),
)
def color(gathering: Gathering, call: Call) -> Decision:
    """Set the colour of the badge."""
    if not call.argument:
        typed = gathering.per_track("colors").get(call.subject) or own_color(call.subject)
        return say(f"The colour of #{call.subject} is {typed}. Type #{call.subject} color teal for another one.")
    if paint(call.argument) is None:
        return say(
            f"“{short(call.argument)}” is no CSS colour. Type one like teal, #42f4c5 or rgb(66, 244, 197): "
            f"#{call.subject} color teal."
        )
    return Decision(put(gathering, "colors", call.subject, value=call.argument), [Done()])


@command(
    "location",
    Form.TRACK,
    usage="#TRACK location [TEXT]",
    help="Say where the track meets, until the next day begins; without a text it follows the bookings again.",
    example="#nova location lobby, by the piano",
    synonyms=("room", "where", "moved", "move", "place"),
)
def location(gathering: Gathering, call: Call) -> Decision:
    """Set the location of the track, or let it follow the bookings again."""
    if not call.argument:
        return Decision(drop(gathering, "location", call.subject), [Done()])
    if len(call.argument) > 200:
        return say(f"A place has at most 200 characters; this one has {len(call.argument)}.")
    return Decision(put(gathering, "location", call.subject, value=call.argument), [Done()])


@command(
    "book",
    Form.TRACK,
    usage="#TRACK book [ROOM-SLOT]",
    help="Book a free slot by its code, or by room, day and time; without one it tells which are still free today.",
    example="#nova book Aspen-MonP1",
    synonyms=("reserve", "schedule"),
)
def book(gathering: Gathering, call: Call) -> Decision:
    """Book a free slot, or answer with the free ones."""
    when, track = calendar(gathering, call), call.subject
    if not call.argument:
        codes = [booking_code(room, slot.name) for room, slot in when.free(when.today)] if when.today else []
        if not codes:
            return say("Nothing is free today. +free DAY tells about another day.")
        text = f"Free on {when.today.name if when.today else 'today'}: {folded(codes)}. Type #{track} book {codes[0]}."
        return shown(call, text, "schedule.html")
    place = read_code(gathering, call.argument)
    if place is None:
        meant = free_slots(when, call.argument) or []
        if len(meant) != 1:
            return say(_which(meant, track) if meant else _no_such_slot(gathering, call))
        place = meant[0]
    room, name = place
    code, holder = booking_code(room, name), gathering.bookings(room).get(name)
    if holder is None:
        return say(f"{room} is closed in slot {name}. {_nearby(gathering, call, name)}")
    if track in gathering.holders(room, name):
        return say(f"#{track} has {code} already.")
    if holder and not gathering.is_shared(room):
        return say(f"{code} is taken by #{holder}. {_nearby(gathering, call, name)}")
    warning = _warning(gathering, call, room, when.slot(name))
    if holder:
        others = gathering.holders(room, name)
        edits = share(gathering, room, name, [*others[1:], track])
        together = f", together with {listing(f'#{other}' for other in others)}"
        return Decision(edits, [Reply(f"{code} is booked for #{track}{together}.{warning}")])
    edits = put(gathering, "schedule", room, name, value=track)
    return Decision(edits, [Reply(f"{code} is booked for #{track}.{warning}")])


def _which(meant: Sequence[tuple[str, str]], track: str) -> str:
    codes = [booking_code(room, slot) for room, slot in meant]
    return f"Which one? Free: {folded(codes, 200)}. Type #{track} book {codes[0]}."


def _no_such_slot(gathering: Gathering, call: Call) -> str:
    codes = [booking_code(room, slot) for room in gathering.rooms for slot in gathering.bookings(room)]
    by_name = {fold(code): code for code in codes}
    near = [by_name[name] for name in nearest(call.argument, by_name)]
    typed = short(call.argument)
    if near:
        return f"There is no {typed}. Did you mean {listing(near, last='or')}?"
    example = codes[0] if codes else "Aspen-MonP1"
    return f"There is no {typed}. Type a room and a slot, such as {example}; +free lists them."


def _nearby(gathering: Gathering, call: Call, slot: str) -> str:
    """Return a sentence about the rooms that are free in a slot."""
    rooms = [room for room in gathering.rooms if gathering.bookings(room).get(slot) == ""]
    return (
        f"Free then: {folded((booking_code(room, slot) for room in rooms), 150)}." if rooms else "Nothing is free then."
    )


def _warning(gathering: Gathering, call: Call, room: str, slot: Slot | None) -> str:
    when, track = calendar(gathering, call), call.subject
    if slot is None:
        return ""
    past = f" Note that it ended at {clock(slot.end, when)}." if slot.end and slot.over(call.at) else ""
    elsewhere = [other for other in when.rooms_of(track, slot) if other != room]
    return past + (f" Note that #{track} has {listing(elsewhere)} then as well." if elsewhere else "")


@command(
    "unbook",
    Form.TRACK,
    usage="#TRACK unbook ROOM-SLOT",
    help="Give back a slot that the track holds.",
    example="#nova unbook Aspen-MonP1",
    synonyms=("cancel", "release", "free", "remove", "delete"),
)
def unbook(gathering: Gathering, call: Call) -> Decision:
    """Give back a slot that the track holds."""
    track = call.subject
    held = [booking_code(room, slot) for room, slot, holder in gathering.booked() if holder == track]
    mine = f"It holds {folded(held, 200)}." if held else "It holds none."
    if not call.argument:
        return say(f"Which slot does #{track} give back? {mine}")
    place = read_code(gathering, call.argument)
    if place is None:
        return say(f"{_no_such_slot(gathering, call)} #{track}: {mine}")
    room, name = place
    code, holder = booking_code(room, name), gathering.bookings(room).get(name)
    if track not in gathering.holders(room, name):
        whose = f"#{holder} holds it" if holder else "nobody holds it"
        return say(f"#{track} does not hold {code}; {whose}. {mine}")
    return give_back(gathering, room, name, track)


@command(
    "",
    Form.TRACK,
    usage="#TRACK",
    help="What the track discusses now and next, and where.",
    example="#nova",
)
def show(gathering: Gathering, call: Call) -> Decision:
    """Answer with the topics and the location of the track."""
    return say(track_state(gathering, calendar(gathering, call), call.subject))


def only_asks(name: str, argument: str) -> bool:
    """Say whether a track command changes nothing, so that everybody may use it."""
    return name in ("", "log") or (name in ("book", "etherpad", "url", "color") and not argument)
