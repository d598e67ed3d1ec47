"""Events as they come from a server that may be anybody's: only what has the right shape is believed.

Source: Matrix client-server API, section "Events".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

from ptgbot_matrix.wire import Json


@frozen
class Event:
    """Something that happened in a room."""

    id: str
    type: str
    sender: str
    content: Json = field(factory=dict)
    state_key: str | None = None
    unsigned: Json = field(factory=dict)
    raw: Json = field(factory=dict, repr=False, eq=False)
    """As it came."""

    @property
    def is_state(self) -> bool:
        """Whether it sets a part of the room's state."""
        return self.state_key is not None

    @property
    def membership(self) -> str:
        """What a member event makes of somebody: join, invite, leave, ban, knock."""
        return text_in(self.content, "membership")

    @property
    def ours(self) -> str:
        """Our own membership when it was sent, as the server tells (``unsigned.membership``, since 1.11)."""
        return text_in(self.unsigned, "membership") or "join"

    @property
    def former(self) -> Json | None:
        """What this part of the state was before, as the server tells."""
        found = self.unsigned.get("prev_content")
        return found if isinstance(found, dict) else None

    def is_member(self, user: str) -> bool:
        """Say whether it is about somebody's membership."""
        return self.type == "m.room.member" and self.state_key == user


def read(raw: object) -> Event | None:
    """Return the event in a piece of JSON; None where it is none."""
    if not isinstance(raw, dict):
        return None
    kind, sender, key = raw.get("type"), raw.get("sender"), raw.get("state_key")
    if not isinstance(kind, str) or not isinstance(sender, str) or not (key is None or isinstance(key, str)):
        return None
    return Event(text_in(raw, "event_id"), kind, sender, table_in(raw, "content"), key, table_in(raw, "unsigned"), raw)


def events_in(raw: Json, *path: str) -> Iterator[Event]:
    """Yield the events of a list at a place in a piece of JSON."""
    for key in path[:-1]:
        raw = table_in(raw, key)
    found = raw.get(path[-1])
    for one in found if isinstance(found, list) else ():
        if event := read(one):
            yield event


def table_in(raw: Json, key: str) -> Json:
    """Return an object in a piece of JSON, empty where there is none."""
    found = raw.get(key)
    return found if isinstance(found, dict) else {}


def text_in(raw: Json, key: str) -> str:
    """Return a text in a piece of JSON, empty where there is none."""
    found: Any = raw.get(key)
    return found if isinstance(found, str) else ""
