"""What replacing parts of a gathering, or the whole of it, would change and drop: told before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ptgbot.chat.spelling import misspelt
from ptgbot.chat.text import count, listing, short
from ptgbot.gathering.document import ORDER
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.schedule import booking_code
from ptgbot.store.edits import Edit, difference

NAMED = 3
"""Bookings, and topics, that an answer names; the others are counted."""


def unknown_key(given: Iterable[str], gathering: Gathering) -> str | None:
    """Return a sentence about the first key that no document has; None if all are known.

    A key that the state has already, from a file of a later version, is known.
    """
    known = [*ORDER, *gathering.tree]
    for key in given:
        if key not in known:
            near = misspelt(key, ORDER)
            hint = f" Did you mean {near[0]}?" if near else ""
            return f"“{short(key, 40)}” is no key of a document.{hint}"
    return None


def changes(edits: Sequence[Edit]) -> str:
    """Return what edits of top-level keys change, with numbers: ``schedule (12) and tracks (1)``."""
    numbers: dict[str, int] = {}
    for edit in edits:
        inner = difference(edit.was, edit.now) if isinstance(edit.was, dict) and isinstance(edit.now, dict) else [edit]
        numbers[edit.at[0]] = numbers.get(edit.at[0], 0) + max(1, len(inner))
    return listing(f"{key} ({number})" for key, number in numbers.items())


def losses(before: Gathering, after: Gathering) -> str:
    """Return which bookings and topics are gone afterwards: ``2 bookings (…) and 1 topic (…)``; empty if none is."""
    bookings = [
        f"{booking_code(room, slot)} of #{track}"
        for room, slot, track in before.booked()
        if track not in after.holders(room, slot)
    ]
    topics = [f"#{track}" for track in before.tracks if _said(before, track) - _said(after, track)]
    found = [_named(names, noun) for names, noun in ((bookings, "booking"), (topics, "topic")) if names]
    return listing(found) if found else ""


def _said(gathering: Gathering, track: str) -> set[str]:
    now = gathering.now(track)
    return {*([now] if now else []), *gathering.next(track)}


def _named(names: Sequence[str], noun: str) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{count(len(names), noun)} ({', '.join(names[:NAMED])}{more})"


def contents(gathering: Gathering) -> str:
    """Return what a gathering holds, counted: ``52 tracks, 390 bookings and 3 moderators``; empty if nothing."""
    numbers: Mapping[str, int] = {
        "track": len(gathering.tracks),
        "booking": sum(1 for _ in gathering.booked()),
        "topic": sum(1 for track in gathering.tracks if _said(gathering, track)),
        "check-in": len(gathering.check_ins),
        "subscription": len(gathering.subscriptions),
        "moderator": len(gathering.moderators),
    }
    found = [count(number, noun) for noun, number in numbers.items() if number]
    return listing(found) if found else ""
