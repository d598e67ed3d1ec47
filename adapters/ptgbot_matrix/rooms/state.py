"""The state of a room, as far as we need it: replaced as events come, never merged."""

from __future__ import annotations

from attrs import define, field

from ptgbot_matrix.event import Event, text_in
from ptgbot_matrix.rooms.levels import PowerLevels, levels
from ptgbot_matrix.session.wire import JsonObject


@define(eq=False)
class RoomState:
    """One room that we are in."""

    id: str
    alias: str = field(default="", init=False)
    """Canonical alias, empty without one."""
    encrypted: bool = field(default=False, init=False)
    create: Event | None = field(default=None, init=False)
    """The ``m.room.create`` event."""
    power: JsonObject | None = field(default=None, init=False)
    """Content of the ``m.room.power_levels`` event."""
    _levels: PowerLevels | None = field(default=None, init=False)

    @property
    def levels(self) -> PowerLevels:
        """The power levels as of the last event taken."""
        if self._levels is None:
            self._levels = levels(self.create, self.power)
        return self._levels

    def take(self, event: Event) -> None:
        """Follow a state event."""
        match event.type, event.state_key:
            case "m.room.create", "":
                self.create, self._levels = event, None
            case "m.room.power_levels", "":
                self.power, self._levels = event.content, None
            case "m.room.canonical_alias", "":
                self.alias = text_in(event.content, "alias")
            case "m.room.encryption", "":
                self.encrypted = True  # it cannot be switched off again

    def rewind(self, events: list[Event]) -> None:
        """Go back to the power levels before the first of these events that changes them."""
        for event in events:
            if event.type == "m.room.power_levels" and event.state_key == "":
                # If the server does not tell the former levels, nobody has any rights: too few rather than too many.
                self.power, self._levels = event.former or {}, None
                return
