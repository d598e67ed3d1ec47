"""Events in a room other than commands, read from single Matrix events.

Source: Matrix client-server API, sections "Event replacements", "Redactions", "Event annotations and reactions",
"m.room.member", "m.room.topic", "m.emote".
"""

from __future__ import annotations

from attrs import frozen

from ptgbot.chat.heard import HeardKind
from ptgbot.chat.text import clean
from ptgbot_matrix.event import Event, table_in, text_in
from ptgbot_matrix.rooms.reading import without_quote


@frozen
class Happening:
    """Something that a person did."""

    kind: HeardKind
    user: str
    """Matrix id of the person."""
    text: str = ""
    about: str = ""
    """Event id of the event that this one is about."""


def subject(event: Event) -> str:
    """Return the Matrix id of the person that an event is about: the sender, or the member for memberships."""
    return event.state_key or "" if event.type == "m.room.member" else event.sender


def happening(event: Event, former_name: str | None) -> Happening | None:
    """Return what happened, None for commands and for events that no feature needs.

    ``former_name`` is the display name of the person that the event is about, None if they were not in the room as far
    as we know. It counts only if the server does not tell the former membership.
    """
    match event.type, event.state_key:
        case "m.room.member", str():
            return _membership(event, former_name)
        case "m.room.topic", "":
            topic = clean(text_in(event.content, "topic"))
            same = event.former is not None and clean(text_in(event.former, "topic")) == topic
            return None if same else Happening(HeardKind.TOPIC, event.sender, topic)
        case "m.room.redaction", None:
            # Since room version 11 the id stands in the content.
            about = text_in(event.content, "redacts") or text_in(event.raw, "redacts")
            return Happening(HeardKind.REDACTION, event.sender, about=about) if about else None
        case "m.reaction", None:
            return _reaction(event)
        case "m.room.message", None:
            return _message(event)
    return None


def _membership(event: Event, former_name: str | None) -> Happening | None:
    former = event.former
    if former is not None:
        before = text_in(former, "displayname") if text_in(former, "membership") == "join" else None
    else:
        before = former_name if "replaces_state" in event.unsigned else None
    user, name = subject(event), text_in(event.content, "displayname")
    if event.membership != "join":
        return None if before is None else Happening(HeardKind.LEAVE, user)
    if before is None:
        return Happening(HeardKind.JOIN, user)
    return None if before == name else Happening(HeardKind.NICK, user, name)


def _reaction(event: Event) -> Happening | None:
    relation = table_in(event.content, "m.relates_to")
    about, sign = text_in(relation, "event_id"), text_in(relation, "key")
    if relation.get("rel_type") != "m.annotation" or not about or not sign:
        return None
    return Happening(HeardKind.REACTION, event.sender, sign, about)


def _message(event: Event) -> Happening | None:
    kind, relation = text_in(event.content, "msgtype"), table_in(event.content, "m.relates_to")
    if kind not in ("m.text", "m.emote"):
        return None
    if relation.get("rel_type") == "m.replace":
        text, about = text_in(table_in(event.content, "m.new_content"), "body"), text_in(relation, "event_id")
        return Happening(HeardKind.EDIT, event.sender, text, about) if text and about else None
    if kind != "m.emote":
        return None
    body = text_in(event.content, "body")
    text = without_quote(body) if table_in(relation, "m.in_reply_to") else body
    return Happening(HeardKind.ACTION, event.sender, text) if text.strip() else None
