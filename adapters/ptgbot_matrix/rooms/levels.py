"""Power levels: what each user may do in a room.

Source: Matrix client-server API, section "m.room.power_levels"; room version 12 (MSC4289) for creators. nio adds new
levels to the former ones, so that somebody who was taken off the list keeps their level, and it knows no creators.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from ptgbot_matrix.event import Event, table_in, text_in
from ptgbot_matrix.session.wire import JsonObject

UNBOUNDED: Final = float("inf")
"""Level of a creator from room version 12 on."""
_CREATOR: Final = 100
_STATE: Final = 50


@frozen
class PowerLevels:
    """The power levels of a room at one moment."""

    creators: frozenset[str] = frozenset()
    """Users above all levels."""
    users: Mapping[str, int] = field(factory=dict)
    default: int = 0
    events: Mapping[str, int] = field(factory=dict)
    state_default: int = _STATE

    def of(self, user: str) -> float:
        """Return the level of a user."""
        return UNBOUNDED if user in self.creators else self.users.get(user, self.default)

    def may_set(self, user: str, kind: str) -> bool:
        """Say whether a user may send state events of a type."""
        return self.of(user) >= self.needed(kind)

    def needed(self, kind: str) -> int:
        """Return the level that state events of a type need."""
        return self.events.get(kind, self.state_default)


def levels(create: Event | None, power: JsonObject | None) -> PowerLevels:
    """Return the levels that follow from ``m.room.create`` and the content of ``m.room.power_levels``.

    Either may be None if the room has none, or if it has not come yet.
    """
    creators = _creators(create) if create and _has_privileged_creators(create) else frozenset()
    if power is None:
        first = {create.sender: _CREATOR} if create and not creators else {}
        return PowerLevels(creators, first)
    return PowerLevels(
        creators,
        _numbers(table_in(power, "users")),
        _number(power.get("users_default"), 0),
        _numbers(table_in(power, "events")),
        _number(power.get("state_default"), _STATE),
    )


def _has_privileged_creators(create: Event) -> bool:
    version = text_in(create.content, "room_version") or "1"
    return bool(re.fullmatch(r"[0-9]{1,4}", version)) and int(version) >= 12


def _creators(create: Event) -> frozenset[str]:
    more = create.content.get("additional_creators")
    return frozenset(
        [create.sender, *(one for one in (more if isinstance(more, list) else ()) if isinstance(one, str))]
    )


def _numbers(table: JsonObject) -> dict[str, int]:
    return {key: _number(value, 0) for key, value in table.items()}


def _number(value: Any, otherwise: int) -> int:
    """Return a level, which may be a string in room versions before 10."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,16}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
