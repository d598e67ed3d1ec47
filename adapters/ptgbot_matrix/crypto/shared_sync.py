"""The part of a sync that nio gets.

nio removes ``content`` from dictionaries that it parses, including those of invitations. If it got the originals, we
would read empty invitations after it. And one malformed event makes it give up the whole sync with all its keys, so it
gets only events on which keys depend.
"""

from __future__ import annotations

import copy
from typing import Any, Final

from ptgbot_matrix.event import Event, events_in, table_in
from ptgbot_matrix.session.sync import SyncResult

ROOM_EVENTS: Final = frozenset({"m.room.encryption", "m.room.member"})
"""Types of the events that decide whether a room is encrypted, and for whom."""
TO_DEVICE_EVENTS: Final = frozenset({"m.room.encrypted"})
"""Types of the events that carry keys to our device."""
COUNTS: Final = ("device_one_time_keys_count", "device_lists")


def for_crypto(result: SyncResult) -> dict[str, Any]:
    """Return a deep copy of the parts of a sync that keys depend on, in the form of ``GET /sync``."""
    rooms = {
        timeline.room: {"state": _only(ROOM_EVENTS, timeline.state), "timeline": _only(ROOM_EVENTS, timeline.events)}
        for timeline in result.joined
    }
    to_device = _only(TO_DEVICE_EVENTS, [*events_in(result.raw, "to_device", "events")])
    counts = {key: table_in(result.raw, key) for key in COUNTS}
    return copy.deepcopy({"next_batch": result.next_batch, "to_device": to_device, "rooms": {"join": rooms}, **counts})


def _only(types: frozenset[str], events: list[Event]) -> dict[str, Any]:
    return {"events": [event.raw for event in events if event.type in types]}
