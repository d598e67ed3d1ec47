"""Turns an answer into the event that carries it.

Source: Matrix client-server API, sections "Rich replies", "Threading", "User and room mentions", "Annotations".
"""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from ptgbot.chat.message import Kind, Outgoing
from ptgbot.chat.text import clean
from ptgbot_matrix.formatting import FORMAT, formatted, split_items
from ptgbot_matrix.session.wire import JsonObject

CHECK_MARK: Final = "✅"
"""Key of the reaction that says that a command has worked."""


@frozen
class AnswerEvent:
    """An event to be sent."""

    kind: Kind
    target: str
    """Id of a room, or the Matrix id of a person whose direct chat is meant."""
    type: str
    content: JsonObject
    transaction: str
    """Transaction id; empty for state events, which have none."""
    awaited: bool = False
    """Whether somebody waits for it: then what goes wrong is told to them, and nothing is tried again."""


def event_for(outgoing: Outgoing, thread: str, limit: int) -> AnswerEvent:
    """Return the event for an answer.

    Args:
        thread: event id of the root of the thread that holds the answered message, empty outside threads.
        limit: number of bytes after which the text is cut.
    """
    kind, target, transaction = outgoing.kind, outgoing.target, outgoing.transaction
    message = outgoing.message
    text, pretty = _rendered(outgoing, limit)
    if kind is Kind.TOPIC:
        return AnswerEvent(kind, target, "m.room.topic", {"topic": text}, "")
    if kind is Kind.DONE and message is not None:
        relation = {"rel_type": "m.annotation", "event_id": message.id, "key": CHECK_MARK}
        return AnswerEvent(kind, target, "m.reaction", {"m.relates_to": relation}, transaction)
    if kind is Kind.TELL:
        # Somebody asked to be told this, so it must notify them; clients do not notify anybody of an m.notice.
        return AnswerEvent(kind, target, "m.room.message", _text("m.text", text, [target], pretty), transaction)
    if kind in (Kind.REPLY, Kind.REACH) and message is not None and message.id:
        content = _text("m.notice", text, [message.person.account or ""], pretty)
        return AnswerEvent(kind, target, "m.room.message", {**content, **_reply(message.id, thread)}, transaction)
    return AnswerEvent(kind, target, "m.room.message", _text("m.notice", text, [], pretty), transaction)


def _rendered(outgoing: Outgoing, limit: int) -> tuple[str, str]:
    """Return the plain text of an answer, and its HTML, empty if plain text says the same."""
    text = clean(outgoing.text)
    if len(text.encode()) > limit:
        return _cut(text, limit), ""
    head, items = split_items(text, [clean(item) for item in outgoing.items])
    people = [key for key in outgoing.people if key.startswith("@") and ":" in key]
    pretty = formatted(head, items, people)
    lines = [head, *items] if head else items
    # An event has at most 65,536 bytes (section "Size limits"), and HTML may need several bytes for one.
    return "\n".join(lines), pretty if len(pretty.encode()) <= 2 * limit else ""


def _text(msgtype: str, text: str, mentioned: list[str], pretty: str) -> dict[str, Any]:
    # Without m.mentions clients look for names in the text, which may be somebody else's words.
    users = {"user_ids": [user for user in mentioned if user]} if any(mentioned) else {}
    shown = {"format": FORMAT, "formatted_body": pretty} if pretty else {}
    return {"msgtype": msgtype, "body": text, **shown, "m.mentions": users}


def _reply(event: str, thread: str) -> dict[str, Any]:
    to = {"m.in_reply_to": {"event_id": event}}
    if not thread:
        return {"m.relates_to": to}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": thread, "is_falling_back": False, **to}}


def _cut(text: str, limit: int) -> str:
    raw = text.encode()
    return text if len(raw) <= limit else raw[: limit - 3].decode(errors="ignore") + "…"
