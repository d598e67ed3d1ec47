"""One sync, and the events that a limited timeline left out.

Source: Matrix client-server API, sections "Syncing", "GET /sync", "GET /rooms/{roomId}/messages",
"GET /rooms/{roomId}/members".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

from ptgbot_matrix.event import Event, events_in, table_in, text_in
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, ServerTrouble, Wire, part

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
"""Events that are asked for with one request to ``/messages``."""


@frozen
class Timeline:
    """Events of one room that we are in, in order: first those of the gap, then the timeline."""

    room: str
    state: list[Event]
    """State before the timeline, but behind the gap."""
    events: list[Event]
    prev_batch: str = ""
    """Token to ask for earlier events with if the timeline is limited, else empty."""
    gap: list[Event] = field(factory=list)
    """Events that a limited timeline left out, once they have been asked for."""


@frozen
class SyncResult:
    """The response to one ``GET /sync``."""

    since: str | None
    """The token that was asked from; None in the first sync ever."""
    is_full: bool
    """Whether the whole state of each room came along."""
    next_batch: str
    raw: JsonObject
    joined: list[Timeline]
    invited: dict[str, JsonObject]
    """Stripped state of the rooms that we are invited to, by room id."""
    left: dict[str, list[Event]]
    """Last events of the rooms that we left or were removed from, by room id."""

    @property
    def is_empty(self) -> bool:
        """Whether the response holds nothing new."""
        return set(self.raw) <= {"next_batch"}


async def request_sync(
    wire: Wire, since: str | None, *, full: bool, hold: float, wanted: str = FILTER
) -> SyncResult:
    """Request a sync. The server may hold the request for ``hold`` seconds, until something happens.

    ``wanted`` is the filter, or the id of a filter that the server keeps.

    Raises:
        OSError: the homeserver could not be reached.
        RequestRefused: the homeserver does not know the sync token, or the access token is lost.
        TryLater: the homeserver asks for a pause.
    """
    query = {"filter": wanted, "timeout": "0" if full else str(int(hold * 1000))}
    if since is not None:
        query["since"] = since
    if full:
        query["full_state"] = "true"
    raw = await wire.get("/sync", query, patience=0 if full else hold)
    next_batch = text_in(raw, "next_batch")
    if not next_batch:
        raise ServerTrouble("the homeserver's answer to /sync has no position")
    rooms = table_in(raw, "rooms")
    invite, leave = table_in(rooms, "invite"), table_in(rooms, "leave")
    return SyncResult(
        since,
        full,
        next_batch,
        raw,
        list(_joined(table_in(rooms, "join"))),
        {room: table_in(invite, room) for room in invite},
        {room: list(events_in(table_in(leave, room), "timeline", "events")) for room in leave},
    )


def _joined(rooms: JsonObject) -> Iterator[Timeline]:
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


async def members_at(wire: Wire, room: str, position: str) -> list[Event]:
    """Return the memberships of everybody who was in a room at a sync token.

    Raises:
        OSError: the homeserver could not be reached.
        RequestRefused: the homeserver refuses the request.
        TryLater: the homeserver asks for a pause.
    """
    found = await wire.get(f"/rooms/{part(room)}/members", {"membership": "join", "at": position})
    return [*events_in(found, "chunk")]


async def events_left_out(wire: Wire, timeline: Timeline, since: str, most: int) -> list[Event]:
    """Return the newest ``most`` events between a sync token and a limited timeline, the oldest of them first.

    Raises:
        OSError: the homeserver could not be reached.
        TryLater: the homeserver asks for a pause.
    """
    found: list[Event] = []
    known = {event.id for event in timeline.events}
    position = timeline.prev_batch
    while position and len(found) < most:
        query = {"dir": "b", "from": position, "to": since, "limit": str(PAGE)}
        try:
            raw = await wire.get(f"/rooms/{part(timeline.room)}/messages", query)
        except RequestRefused:  # somebody has removed us from the room meanwhile
            break
        page = [event for event in events_in(raw, "chunk") if event.id not in known]
        known.update(event.id for event in page)
        found += page
        position = text_in(raw, "end")
        if not raw.get("chunk"):
            break
    return found[:most][::-1]
