"""Reads messages from timelines, with the power level that each sender has at that very event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from attrs import define, field, frozen

from ptgbot.chat.addressing import Addressed
from ptgbot.chat.bridged import Bridges
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.chat.text import wildcards
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.event import Event, table_in, text_in
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.happenings import Happening, happening, subject
from ptgbot_matrix.rooms.levels import PowerLevels
from ptgbot_matrix.rooms.reading import MessageReader, Replacement, local_part, said_to_bot
from ptgbot_matrix.rooms.state import RoomState
from ptgbot_matrix.session.sync import Timeline


@frozen
class ReceivedMessage:
    """A message from a person."""

    message: Message
    thread: str
    """Event id of the root of its thread, empty outside of threads."""


@frozen
class Edited:
    """An edit of a message."""

    message: Message
    """The edit itself; its text is empty."""
    original: str
    """Event id of the message that was edited."""


@frozen
class Arrived:
    """The bot has just joined a room."""

    room: str
    event: str
    """Event id of our membership."""
    created_by_us: bool
    encrypted: bool


@frozen
class Joined:
    """Somebody else was invited to a room that is not configured, or joined it."""

    room: str


@frozen
class Undecrypted:
    """An encrypted event whose key is missing."""

    room: str
    event: Event
    levels: PowerLevels
    """Power levels when it was sent."""


Readable = ReceivedMessage | Edited | Heard
TimelineEntry = Readable | Arrived | Joined | Undecrypted


def _deaf(_room: Room) -> bool:
    """Listen in no room."""
    return False


def _no_key(_room: str, _event: Event) -> None:
    """Decrypt nothing."""


@define(eq=False)
class TimelineReader:
    """Follows the state of the rooms and reads their messages, without input or output."""

    config: MatrixConfig
    configured: ConfiguredRooms
    clock: Callable[[], datetime]
    """Returns the time now (UTC, aware)."""
    decrypt: Callable[[str, Event], Event | None] = _no_key
    """Decrypts an event of a room, given its id; None while the key is missing."""
    listens: Callable[[Room], bool] = _deaf
    """Says whether a feature wants to hear what happens in a room besides commands."""
    rooms: dict[str, RoomState] = field(factory=dict, init=False)
    """Rooms that we are in, by id."""
    _reader: MessageReader = field(init=False)
    _ignored: re.Pattern[str] = field(init=False)
    _addressed: Addressed = field(factory=Addressed, init=False)
    _bridges: Bridges = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._reader = MessageReader(self.config.track_prefixes, self._alias_of)
        self._ignored = wildcards(self.config.ignore)
        self._bridges = Bridges(self.config.puppets, self.config.relays)

    def is_in(self, room: str) -> bool:
        """Say whether we are in a room."""
        return room in self.rooms

    def is_encrypted(self, room: str) -> bool:
        """Say whether we are in a room that is encrypted."""
        return room in self.rooms and self.rooms[room].encrypted

    def is_ignored(self, user: str) -> bool:
        """Say whether a Matrix id is that of a bot or a bridge."""
        return self._ignored.fullmatch(user) is not None

    def enter(self, room: str, encrypted: bool) -> None:
        """Note a room that we have just made; the next sync brings the rest of its state."""
        self.rooms.setdefault(room, RoomState(room)).encrypted |= encrypted

    def take(self, timeline: Timeline, *, anew: bool) -> Iterator[TimelineEntry]:
        """Follow a timeline. ``anew`` says that the whole state of the room came with it."""
        state = RoomState(timeline.room) if anew else self.rooms.get(timeline.room) or RoomState(timeline.room)
        self.rooms[timeline.room] = state
        if anew:
            self._set(state, timeline.state)
            state.rewind(timeline.gap)
        yield from self._follow(state, timeline.gap)
        if not anew:
            self._set(state, timeline.state)
        yield from self._follow(state, timeline.events)

    def decrypt_again(self, undecrypted: Undecrypted) -> Sequence[Readable] | None:
        """Return the contents of an encrypted event, None if its key has not arrived yet."""
        state, event = self.rooms.get(undecrypted.room), self.decrypt(undecrypted.room, undecrypted.event)
        return [*self._contents(state, event, undecrypted.levels)] if state and event else None

    def name(self, room: str) -> str:
        """Return the name of a room for people."""
        return self._room(self.rooms[room]).name

    def is_heard(self, room: str) -> bool:
        """Say whether we are in a room in which a feature listens."""
        return room in self.rooms and self._is_heard(self.rooms[room])

    def reconnect(self, room: str, members: Sequence[Event]) -> Heard:
        """Note all members of a room and return the event for those who listen there."""
        state = self.rooms[room]
        state.members.clear()
        for event in members:
            state.take(event)
        state.all_members = True
        return Heard(self.clock(), HeardKind.RECONNECT, self._room(state), members=tuple(self.members(room)))

    def members(self, room: str) -> Sequence[Person]:
        """Return the members of a room besides us and ignored users, nobody while not all members are known."""
        state = self.rooms.get(room)
        if state is None or not state.all_members:
            return ()
        others = [user for user in state.members if user != self.config.user and not self._ignored.fullmatch(user)]
        return [_person(user, state) for user in others]

    def _set(self, state: RoomState, events: list[Event]) -> None:
        for event in events:
            state.take(event)
        for event in events:
            if event.type == "m.room.tombstone" and event.state_key == "":
                self.configured.upgraded(state, event)

    def _follow(self, state: RoomState, events: list[Event]) -> Iterator[TimelineEntry]:
        our_join = next((at for at, event in enumerate(events) if self._is_our_join(event)), None)
        for at, event in enumerate(events):
            if event.type == "m.room.tombstone" and event.state_key == "":
                self.configured.upgraded(state, event)
            heard = [*self._hear(state, event, our_join is not None and at < our_join)]
            if event.is_state:
                state.take(event)
                if event.type == "m.space.child":
                    self.configured.space_changed.set()
            if at == our_join:
                created_by_us = state.create is not None and state.create.sender == self.config.user
                yield Arrived(state.id, event.id, created_by_us, state.encrypted)
            else:
                yield from heard
                if self._grows(state, event, our_join is not None and at < our_join):
                    yield Joined(state.id)

    def _grows(self, state: RoomState, event: Event, before_our_join: bool) -> bool:
        ours = before_our_join or event.is_member(self.config.user) or self.configured.of(state.id) is not None
        return not ours and event.type == "m.room.member" and event.membership in ("join", "invite")

    def _is_our_join(self, event: Event) -> bool:
        former = event.former
        before = text_in(former, "membership") if former else ""
        return event.is_member(self.config.user) and event.membership == "join" and before != "join"

    def _hear(self, state: RoomState, event: Event, before_our_join: bool) -> Iterator[Readable | Undecrypted]:
        private, person = self.configured.of(state.id) is None, subject(event)
        if person == self.config.user or self._ignored.fullmatch(person) or not event.id:
            return
        if (before_our_join or event.ours != "join") and not (private and event.ours == "invite"):
            # History. But lines sent between the invitation to a direct chat and our join are meant for us.
            return
        if event.type == "m.room.encrypted" and not event.is_state:
            decrypted = self.decrypt(state.id, event)
            if decrypted is None:
                yield Undecrypted(state.id, event, state.levels)
                return
            event = decrypted
        yield from self._contents(state, event, state.levels)

    def _contents(self, state: RoomState, event: Event, levels: PowerLevels) -> Iterator[Readable]:
        if message := self._message(state, event, levels):
            yield message
        if self._is_heard(state) and (found := happening(event, state.members.get(subject(event)))):
            yield self._heard(state, event, found, levels)

    def _message(self, state: RoomState, event: Event, levels: PowerLevels) -> ReceivedMessage | Edited | None:
        found = self._reader.read(event)
        if found is None:
            return None
        private = self.configured.of(state.id) is None
        role = Role.ATTENDEE if private else self._role(levels.of(event.sender))
        text = "" if isinstance(found, Replacement) else found.text
        message = Message(self.clock(), self._room(state), _person(event.sender, state), role, text, private, event.id)
        if isinstance(found, Replacement):
            return Edited(message, found.original)
        admitted = self._bridges.admit(message, event.sender, relay=self._bridges.is_relay(event.sender))
        if admitted is None:
            return None
        message = self._addressed.taken(admitted, said_to_bot(event, admitted.text, self.config.user))
        relation = table_in(event.content, "m.relates_to")
        return ReceivedMessage(message, text_in(relation, "event_id") if relation.get("rel_type") == "m.thread" else "")

    def _is_heard(self, state: RoomState) -> bool:
        return self.configured.of(state.id) is not None and self.listens(self._room(state))

    def _heard(self, state: RoomState, event: Event, found: Happening, levels: PowerLevels) -> Heard:
        role = self._role(levels.of(found.user))
        room, person = self._room(state), _person(found.user, state)
        return Heard(self.clock(), found.kind, room, person, role, found.text, event.id, found.about)

    def _role(self, level: float) -> Role:
        if level >= self.config.admin_level:
            return Role.ADMIN
        return Role.MODERATOR if level >= self.config.moderator_level else Role.ATTENDEE

    def _room(self, state: RoomState) -> Room:
        configured = self.configured.of(state.id)
        features = configured.config.features if configured else None
        return Room(
            self.config.name,
            state.id,
            configured.name if configured else state.alias or state.id,
            None if features is None else frozenset(features),
            self.config.exclamation,
            local_part(self.config.user),
        )

    def _alias_of(self, room: str) -> str:
        return self.rooms[room].alias if room in self.rooms else ""


def _person(user: str, state: RoomState) -> Person:
    return Person(user.lower(), local_part(user), user, display=state.members.get(user, ""))
