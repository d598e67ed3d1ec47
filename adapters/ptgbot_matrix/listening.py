"""From the news of a sync to messages, with the rights that each sender has at that very event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import define, field, frozen

from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.chat.text import wildcards
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.event import Event, table_in, text_in
from ptgbot_matrix.levels import Levels
from ptgbot_matrix.places import Places
from ptgbot_matrix.reading import Form, Reader, Typed, local_part
from ptgbot_matrix.room import RoomState
from ptgbot_matrix.sync import Timeline


@frozen
class Heard:
    """A message, or an edit of one, that somebody sent."""

    message: Message
    form: Form
    original: str
    """Id of the message that an edit changes."""
    thread: str
    """Id of the first message of the thread it stands in."""


@frozen
class Arrived:
    """We have just come into a room."""

    room: str
    event: str
    created_by_us: bool
    encrypted: bool


@frozen
class Sealed:
    """An encrypted event that could not be opened yet, with the levels of its moment."""

    room: str
    event: Event
    levels: Levels


News = Heard | Arrived | Sealed


@define(eq=False)
class Listener:
    """Follows the rooms. Pure: the network is elsewhere."""

    config: MatrixConfig
    places: Places
    user: Callable[[], str]
    clock: Callable[[], datetime]
    open: Callable[[str, Event], Event | None] = lambda _room, _event: None
    """Opens an encrypted event."""
    rooms: dict[str, RoomState] = field(factory=dict, init=False)
    _reader: Reader = field(init=False)
    _ignored: re.Pattern[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._reader = Reader(self.config.track_prefixes, self._alias_of)
        self._ignored = wildcards(self.config.ignore)

    def take(self, timeline: Timeline, *, anew: bool) -> Iterator[News]:
        """Follow what happened in a room; ``anew`` where its whole state came along."""
        state = RoomState(timeline.room) if anew else self.rooms.get(timeline.room) or RoomState(timeline.room)
        self.rooms[timeline.room] = state
        if anew:
            self._set(state, timeline.state)
            state.rewind(timeline.gap)
        yield from self._follow(state, timeline.gap)
        if not anew:
            self._set(state, timeline.state)
        yield from self._follow(state, timeline.events)

    def _set(self, state: RoomState, events: list[Event]) -> None:
        for event in events:
            state.take(event)
        for event in events:
            if event.type == "m.room.tombstone" and event.state_key == "":
                self.places.upgraded(state, event)

    def _follow(self, state: RoomState, events: list[Event]) -> Iterator[News]:
        came = next((at for at, event in enumerate(events) if self._is_our_coming(event)), None)
        for at, event in enumerate(events):
            if event.type == "m.room.tombstone" and event.state_key == "":
                self.places.upgraded(state, event)
            if event.is_state:
                state.take(event)
            if at == came:
                ours = state.create is not None and state.create.sender == self.user()
                yield Arrived(state.id, event.id, ours, state.encrypted)
            elif heard := self._hear(state, event, came is not None and at < came):
                yield heard

    def _is_our_coming(self, event: Event) -> bool:
        former = event.former
        before = text_in(former, "membership") if former else ""
        return event.is_member(self.user()) and event.membership == "join" and before != "join"

    def again(self, sealed: Sealed) -> Heard | None:
        """Return what an encrypted event says, if its key has come meanwhile."""
        state, event = self.rooms.get(sealed.room), self.open(sealed.room, sealed.event)
        typed = self._reader.read(event) if state and event else None
        return self._heard(state, event, typed, sealed.levels) if state and event and typed else None

    def _hear(self, state: RoomState, event: Event, before_us: bool) -> Heard | Sealed | None:
        private = self.places.of(state.id) is None
        if event.sender == self.user() or self._is_ignored(event.sender) or not event.id:
            return None
        if (before_us or event.ours != "join") and not (private and event.ours == "invite"):
            return None  # history; but what came with the invitation to a direct chat is meant for us
        if event.type == "m.room.encrypted" and not event.is_state:
            opened = self.open(state.id, event)
            if opened is None:
                return Sealed(state.id, event, state.levels)
            event = opened
        typed = self._reader.read(event)
        return self._heard(state, event, typed, state.levels) if typed else None

    def _heard(self, state: RoomState, event: Event, typed: Typed, levels: Levels) -> Heard:
        private = self.places.of(state.id) is None
        relation = table_in(event.content, "m.relates_to")
        thread = text_in(relation, "event_id") if relation.get("rel_type") == "m.thread" else ""
        person = Person(event.sender.lower(), local_part(event.sender), event.sender)
        role = Role.ATTENDEE if private else self._role(levels.of(event.sender))
        message = Message(self.clock(), self._room(state), person, role, typed.text, private, event.id)
        return Heard(message, typed.form, typed.original, thread)

    def _role(self, level: float) -> Role:
        if level >= self.config.admin_level:
            return Role.ADMIN
        return Role.MODERATOR if level >= self.config.moderator_level else Role.ATTENDEE

    def _room(self, state: RoomState) -> Room:
        place = self.places.of(state.id)
        features = place.config.features if place else None
        return Room(
            self.config.name,
            state.id,
            place.name if place else state.alias or state.id,
            None if features is None else frozenset(features),
            self.config.exclamation,
        )

    def _alias_of(self, room: str) -> str:
        return self.rooms[room].alias if room in self.rooms else ""

    def _is_ignored(self, user: str) -> bool:
        return bool(self._ignored.fullmatch(user))
