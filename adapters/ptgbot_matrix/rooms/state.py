"""The state of a room, as far as the bot needs it. It is replaced by each event, never merged."""

from __future__ import annotations

from attrs import define, field

from ptgbot.chat.text import clean
from ptgbot_matrix.event import Event, text_in, texts_in
from ptgbot_matrix.rooms.levels import PowerLevels, levels
from ptgbot_matrix.session.wire import JsonObject


@define(eq=False)
class RoomState:
    """A room that we are in."""

    id: str
    alias: str = field(default="", init=False)
    """Canonical alias, empty without one."""
    encrypted: bool = field(default=False, init=False)
    create: Event | None = field(default=None, init=False)
    """The ``m.room.create`` event."""
    power: JsonObject | None = field(default=None, init=False)
    """Content of the ``m.room.power_levels`` event."""
    topic: str = field(default="", init=False)
    """Topic without formatting, empty without one."""
    pinned: tuple[str, ...] = field(default=(), init=False)
    """Ids of the pinned events, in their order."""
    members: dict[str, str] = field(factory=dict, init=False)
    """Display names of the members that we know of, by Matrix id."""
    all_members: bool = field(default=False, init=False)
    """Whether ``members`` has all of them; the server tells only some by itself."""
    _levels: PowerLevels | None = field(default=None, init=False)

    @property
    def levels(self) -> PowerLevels:
        """The power levels after the last event."""
        if self._levels is None:
            self._levels = levels(self.create, self.power)
        return self._levels

    def take(self, event: Event) -> None:
        """Update the state from a state event."""
        match event.type, event.state_key:
            case "m.room.create", "":
                self.create, self._levels = event, None
            case "m.room.power_levels", "":
                self.power, self._levels = event.content, None
            case "m.room.canonical_alias", "":
                self.alias = text_in(event.content, "alias")
            case "m.room.topic", "":
                self.topic = clean(text_in(event.content, "topic"))
            case "m.room.pinned_events", "":
                self.pinned = texts_in(event.content, "pinned")
            case "m.room.member", str(user):
                self._take_member(user, event)
            case "m.room.encryption", "":
                self.encrypted = True  # it cannot be switched off again

    def _take_member(self, user: str, event: Event) -> None:
        if event.membership == "join":
            self.members[user] = text_in(event.content, "displayname")
        else:
            self.members.pop(user, None)

    def rewind(self, events: list[Event]) -> None:
        """Go back to the power levels before the first of these events that changes them."""
        for event in events:
            if event.type == "m.room.power_levels" and event.state_key == "":
                # If the server does not tell the former levels, nobody has any rights: too few rather than too many.
                self.power, self._levels = event.former or {}, None
                return
