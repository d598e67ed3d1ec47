"""Events in rooms besides commands: lines, joins and leaves, topics."""

from __future__ import annotations

import enum
from datetime import datetime

from attrs import frozen

from ptgbot.chat.message import Person, Role, Room


class HeardKind(enum.StrEnum):
    """The kind of an event in a room."""

    LINE = "line"
    ACTION = "action"
    """A ``/me`` line (CTCP ACTION, ``m.emote``)."""
    EDIT = "edit"
    """A message was replaced (Matrix ``m.replace``); ``about`` names the first version."""
    REDACTION = "redaction"
    """A message was removed; ``about`` names it."""
    REACTION = "reaction"
    """Somebody reacted to the message that ``about`` names, with the sign in ``text``."""
    JOIN = "join"
    LEAVE = "leave"
    """Somebody left, was removed or disconnected."""
    NICK = "nick"
    """Somebody has another nick now; ``text`` is the new one."""
    TOPIC = "topic"
    """The room's topic is another one now; ``text`` is the new one."""
    RECONNECT = "reconnect"
    """The bot is back after it missed something; ``members`` lists who is there."""


@frozen
class Heard:
    """An event in a room where a feature listens."""

    at: datetime
    """When it arrived (UTC, aware)."""
    kind: HeardKind
    room: Room
    person: Person | None = None
    """Who did it; None for the bot itself and for a reconnect."""
    role: Role = Role.ATTENDEE
    text: str = ""
    id: str = ""
    """The protocol's id of the event; empty where the protocol has none."""
    about: str = ""
    """Id of the event that this one is about."""
    taken: str = ""
    """Name of the feature that took the line as its command; empty where it was conversation."""
    own: bool = False
    """Whether the bot itself said it. Such a line is reported when its answer is committed, never from an echo."""
    members: tuple[Person, ...] = ()
