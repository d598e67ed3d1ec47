"""Events from servers that may be hostile: only values of the right type are used.

Source: Matrix client-server API, section "Events".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

from ptgbot_matrix.session.wire import JsonObject


@frozen
class Event:
    """An event of a room, or one that was sent to our device."""

    id: str
    """Event id, empty where there is none (stripped state, events sent to a device)."""
    type: str
    sender: str
    content: JsonObject = field(factory=dict)
    state_key: str | None = None
    unsigned: JsonObject = field(factory=dict)
    raw: JsonObject = field(factory=dict, repr=False, eq=False)
    """The event as it came."""

    @property
    def is_state(self) -> bool:
        """Whether it is a state event."""
        return self.state_key is not None

    @property
    def membership(self) -> str:
        """The membership in a member event: join, invite, leave, ban or knock."""
        return text_in(self.content, "membership")

    @property
    def ours(self) -> str:
        """Our own membership when the event was sent, as the server tells it (``unsigned.membership``, Matrix 1.11)."""
        return text_in(self.unsigned, "membership") or "join"

    @property
    def former(self) -> JsonObject | None:
        """Content of the state event that this one replaced, None if the server does not tell it."""
        found = self.unsigned.get("prev_content")
        return found if isinstance(found, dict) else None

    def is_member(self, user: str) -> bool:
        """Say whether it is a member event about a user."""
        return self.type == "m.room.member" and self.state_key == user


def read_event(raw: object) -> Event | None:
    """Return the event in a JSON value, None if the value is not one."""
    if not isinstance(raw, dict):
        return None
    kind, sender, key = raw.get("type"), raw.get("sender"), raw.get("state_key")
    if not isinstance(kind, str) or not isinstance(sender, str) or not (key is None or isinstance(key, str)):
        return None
    return Event(text_in(raw, "event_id"), kind, sender, table_in(raw, "content"), key, table_in(raw, "unsigned"), raw)


def events_in(raw: JsonObject, *path: str) -> Iterator[Event]:
    """Yield the events of the list that stands under these keys."""
    for key in path[:-1]:
        raw = table_in(raw, key)
    found = raw.get(path[-1])
    for one in found if isinstance(found, list) else ():
        if event := read_event(one):
            yield event


def table_in(raw: JsonObject, key: str) -> JsonObject:
    """Return the object under a key, an empty one if there is none."""
    found = raw.get(key)
    return found if isinstance(found, dict) else {}


def text_in(raw: JsonObject, key: str) -> str:
    """Return the string under a key, an empty one if there is none."""
    found: Any = raw.get(key)
    return found if isinstance(found, str) else ""


def texts_in(raw: JsonObject, key: str) -> tuple[str, ...]:
    """Return the strings of the list under a key, none if there is no list."""
    found: Any = raw.get(key)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
