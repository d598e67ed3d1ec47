"""Edits of slots that several tracks share."""

from __future__ import annotations

from collections.abc import Sequence

from ptgbot.chat.commands import Decision
from ptgbot.chat.message import Reply
from ptgbot.chat.text import listing
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.registry import drop, put
from ptgbot.gathering.schedule import booking_code
from ptgbot.store.edits import Edit, Json

TABLE = "shared_bookings"
"""Key of the state: room → slot → the tracks after the first one, which stands in the schedule."""


def share(gathering: Gathering, room: str, slot: str, others: Sequence[str]) -> list[Edit]:
    """Return the edits that set the tracks which share a slot with the first one."""
    slots: dict[str, Json] = {
        name: [*gathering.sharing(room, name)]
        for name in gathering.bookings(room)
        if name != slot and gathering.sharing(room, name)
    }
    if others:
        slots[slot] = [*others]
    return put(gathering, TABLE, room, value=slots) if slots else drop(gathering, TABLE, room)


def give_back(gathering: Gathering, room: str, slot: str, track: str) -> Decision:
    """Return the decision that a track gives back a slot. The tracks that share it keep it."""
    code = booking_code(room, slot)
    left = [other for other in gathering.holders(room, slot) if other != track]
    edits = [
        *put(gathering, "schedule", room, slot, value=left[0] if left else ""),
        *share(gathering, room, slot, left[1:]),
    ]
    if left:
        keep = f"{listing(f'#{one}' for one in left)} {'keeps' if len(left) == 1 else 'keep'} it"
        return Decision(edits, [Reply(f"#{track} has given back {code}; {keep}.")])
    return Decision(edits, [Reply(f"{code} is free again.")])
