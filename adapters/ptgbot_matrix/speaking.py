"""From an answer to an event.

Source: Matrix client-server API, sections "Rich replies", "Threading", "User and room mentions", "Annotations".
"""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from ptgbot.chat.message import Kind, Outgoing
from ptgbot.chat.text import clean
from ptgbot_matrix.wire import Json

DONE: Final = "✅"


@frozen
class Piece:
    """One event to be sent. ``target`` is a room, or a person whose direct chat is meant."""

    kind: Kind
    target: str
    type: str
    content: Json
    transaction: str


def piece(outgoing: Outgoing, thread: str, limit: int) -> Piece:
    """Return what says an answer; ``thread`` is the root of the thread that the message stands in, if any."""
    kind, target, transaction = outgoing.kind, outgoing.target, outgoing.transaction
    message = outgoing.message
    text = _cut(clean(outgoing.text), limit)
    if kind is Kind.TOPIC:
        return Piece(kind, target, "m.room.topic", {"topic": text}, "")
    if kind is Kind.DONE and message is not None:
        relation = {"rel_type": "m.annotation", "event_id": message.id, "key": DONE}
        return Piece(kind, target, "m.reaction", {"m.relates_to": relation}, transaction)
    if kind is Kind.TELL:
        # Notices ring for nobody, and this is what somebody asked to be told.
        return Piece(kind, target, "m.room.message", _said("m.text", text, [target]), transaction)
    if kind in (Kind.REPLY, Kind.REACH) and message is not None and message.id:
        content = _said("m.notice", text, [message.person.account or ""])
        return Piece(kind, target, "m.room.message", {**content, **_reply(message.id, thread)}, transaction)
    return Piece(kind, target, "m.room.message", _said("m.notice", text, []), transaction)


def _said(kind: str, text: str, mentioned: list[str]) -> dict[str, Any]:
    # Mentions are always set: without them clients look for names in the text, which somebody else typed.
    users = {"user_ids": [user for user in mentioned if user]} if any(mentioned) else {}
    return {"msgtype": kind, "body": text, "m.mentions": users}


def _reply(event: str, thread: str) -> dict[str, Any]:
    to = {"m.in_reply_to": {"event_id": event}}
    if not thread:
        return {"m.relates_to": to}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": thread, "is_falling_back": False, **to}}


def _cut(text: str, limit: int) -> str:
    raw = text.encode()
    return text if len(raw) <= limit else raw[: limit - 3].decode(errors="ignore") + "…"
