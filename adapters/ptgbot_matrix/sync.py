"""One answer to /sync, and the events that a limited timeline left out.

Source: Matrix client-server API, sections "Syncing", "GET /sync", "GET /rooms/{roomId}/messages".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

from ptgbot_matrix.event import Event, events_in, table_in, text_in
from ptgbot_matrix.wire import Json, Refused, ServerTrouble, Wire, part

FILTER: Final = json.dumps(
    {
        "presence": {"not_types": ["*"]},
        "account_data": {"not_types": ["*"]},
        "room": {
            "timeline": {"limit": 100, "lazy_load_members": True},
            "state": {"lazy_load_members": True},
            "ephemeral": {"not_types": ["*"]},
            "account_data": {"not_types": ["*"]},
        },
    },
    separators=(",", ":"),
)
PAGE: Final = 100
"""Events that servers give at once, at most."""


@frozen
class Timeline:
    """What happened in one room we are in: first what the timeline left out, then the state before it, then it."""

    room: str
    state: list[Event]
    events: list[Event]
    prev_batch: str = ""
    """From where to go back, where the timeline is limited; else empty."""
    gap: list[Event] = field(factory=list)


@frozen
class News:
    """What came with one answer."""

    position: str
    raw: Json
    joined: list[Timeline]
    invited: dict[str, Json]
    left: dict[str, list[Event]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all came."""
        return set(self.raw) <= {"next_batch"}


async def fetch(wire: Wire, since: str | None, *, full: bool, seconds: float) -> News:
    """Ask for news, for so many seconds. Raises OSError, Refused, TryLater."""
    query = {"filter": FILTER, "timeout": "0" if full else str(int(seconds * 1000))}
    if since is not None:
        query["since"] = since
    if full:
        query["full_state"] = "true"
    raw = await wire.get("/sync", query, patience=0 if full else seconds)
    position = text_in(raw, "next_batch")
    if not position:
        raise ServerTrouble("the homeserver's answer to /sync has no position")
    rooms = table_in(raw, "rooms")
    return News(
        position,
        raw,
        list(_joined(table_in(rooms, "join"))),
        {room: table_in(table_in(rooms, "invite"), room) for room in table_in(rooms, "invite")},
        {
            room: list(events_in(table_in(table_in(rooms, "leave"), room), "timeline", "events"))
            for room in table_in(rooms, "leave")
        },
    )


def _joined(rooms: Json) -> Iterator[Timeline]:
    for room in rooms:
        raw = table_in(rooms, room)
        timeline = table_in(raw, "timeline")
        limited = timeline.get("limited") is True
        yield Timeline(
            room,
            list(events_in(raw, "state", "events")),
            list(events_in(timeline, "events")),
            text_in(timeline, "prev_batch") if limited else "",
        )


async def fill(wire: Wire, timeline: Timeline, since: str, most: int) -> list[Event]:
    """Return what happened between a position and a limited timeline, the oldest first, at most so many events."""
    found: list[Event] = []
    known = {event.id for event in timeline.events}
    position = timeline.prev_batch
    while position and len(found) < most:
        query = {"dir": "b", "from": position, "to": since, "limit": str(PAGE)}
        try:
            raw = await wire.get(f"/rooms/{part(timeline.room)}/messages", query)
        except Refused:  # thrown out meanwhile
            break
        page = [event for event in events_in(raw, "chunk") if event.id not in known]
        known.update(event.id for event in page)
        found += page
        position = text_in(raw, "end")
        if not raw.get("chunk"):
            break
    return found[:most][::-1]
