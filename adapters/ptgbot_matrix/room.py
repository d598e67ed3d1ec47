"""What we know of a room: the parts of its state that matter to us, replaced as events come, never merged."""

from __future__ import annotations

from attrs import define, field

from ptgbot_matrix.event import Event, text_in
from ptgbot_matrix.levels import Levels, levels
from ptgbot_matrix.wire import Json


@define(eq=False)
class RoomState:
    """One room that we are in."""

    id: str
    alias: str = field(default="", init=False)
    encrypted: bool = field(default=False, init=False)
    create: Event | None = field(default=None, init=False)
    power: Json | None = field(default=None, init=False)
    _levels: Levels | None = field(default=None, init=False)

    @property
    def levels(self) -> Levels:
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
                self.encrypted = True  # it can't be turned off again

    def rewind(self, events: list[Event]) -> None:
        """Go back to the levels before the first of these, where they were changed by one of them."""
        for event in events:
            if event.type == "m.room.power_levels" and event.state_key == "":
                # Without a word on what was before nobody has any rights: better too few than too many.
                self.power, self._levels = event.former or {}, None
                return
