"""Commands for rooms that are full or evacuated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ptgbot.chat.commands import Decision, Form, say
from ptgbot.chat.message import Reply
from ptgbot.chat.text import fold, listing, nearest, short
from ptgbot.gathering.fullness import EVACUATED, FULL, OK, TABLE, status_of
from ptgbot.gathering.model import Gathering, utc_text
from ptgbot.gathering.registry import Call, calendar, clock, command, drop, folded, put
from ptgbot.gathering.schedule import Calendar, loose, midnight_after

WORDS: Mapping[str, int] = {"ok": OK, "full": FULL, "evacuate": EVACUATED}
"""What operators type for a state."""


@command(
    "room",
    Form.ADMIN,
    usage="~room full|ok|evacuate ROOM",
    help="Say that a room is full until its slot ends, that it is evacuated, or that it is all right again.",
    example="~room full Aspen",
    synonyms=("full", "evacuate", "crowded"),
)
def room(gathering: Gathering, call: Call) -> Decision:
    """Set the state of a room."""
    word, _, typed = call.argument.partition(" ")
    state = WORDS.get(fold(word))
    if state is None:
        return say("Type ~room full, ~room ok or ~room evacuate, and the name of a room.")
    found = [name for name in gathering.rooms if loose(name) == loose(typed)]
    if not found:
        return say(_no_room(gathering, typed.strip(), fold(word)))
    return _set(gathering, call, typed.strip() if typed.strip() in found else found[0], state)


def _no_room(gathering: Gathering, typed: str, word: str) -> str:
    if not typed:
        return f"Which room? {folded(gathering.rooms, 200) or 'There are none'}. Type ~room {word} and its name."
    by_name = {fold(name): name for name in gathering.rooms}
    near = [by_name[name] for name in nearest(fold(typed), by_name)]
    hint = f" Did you mean {listing(near, last='or')}?" if near else ""
    return f"There is no room {short(typed)}.{hint}"


@command(
    "full",
    Form.TRACK,
    usage="#TRACK full [no]",
    help="Say that the room of the track is full until the slot ends, or with no, that there is space again.",
    example="#nova full",
    synonyms=("crowded", "packed"),
)
def full(gathering: Gathering, call: Call) -> Decision:
    """Set the state of the room where the track meets at present."""
    track, where = call.subject, calendar(gathering, call).location(call.subject)
    if fold(call.argument) not in ("", "no"):
        return say(f"#{track} full takes nothing behind it but no.")
    if where is None or where not in gathering.rooms:
        return say(f"#{track} meets in no room of the schedule now. ~room full ROOM says it of any room.")
    status = status_of(gathering, where, call.at)
    if status and status.state == EVACUATED:
        return say(f"{where} is evacuated; operators end that with ~room ok {where}.")
    return _set(gathering, call, where, OK if call.argument else FULL)


def _set(gathering: Gathering, call: Call, name: str, state: int) -> Decision:
    if state == OK:
        edits = drop(gathering, TABLE, name)
        was = status_of(gathering, name, call.at)
        return Decision(edits, [Reply(f"{name} is all right again." if was else f"{name} was all right.")])
    if state == EVACUATED:
        edits = put(gathering, TABLE, name, value={"state": state, "until": None})
        return Decision(edits, [Reply(f"{name} is evacuated, until ~room ok {name}.")])
    when = calendar(gathering, call)
    until = _until(when, name)
    edits = put(gathering, TABLE, name, value={"state": state, "until": utc_text(until)})
    return Decision(edits, [Reply(f"{name} is full until {clock(until, when)}.")])


def _until(when: Calendar, name: str) -> datetime:
    """Return when the running slot ends, between two slots the next one of today, else the day."""
    held = when.gathering.bookings(name)
    running = [slot for slot in when.current if slot.name in held] or when.current
    later = [slot for slot in (when.today.slots if when.today else ()) if slot.start and slot.start > when.at]
    ends = [slot.end for slot in running or later[:1] if slot.end]
    return max(ends, key=lambda end: end.astimezone(UTC), default=midnight_after(when.at, when.zone))
