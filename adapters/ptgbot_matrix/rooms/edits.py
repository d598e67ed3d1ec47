"""Answered messages, and the reply to a person who edits one of them.

Source: Matrix client-server API, section "Event replacements".
"""

from __future__ import annotations

from typing import Final

from attrs import define, field

from ptgbot.chat.message import Kind, Message, Outgoing
from ptgbot_matrix.recent import Recent
from ptgbot_matrix.rooms.timeline import Edited

NOT_READ: Final = "I don't read edits: what you typed first counts. Please type it again, or undo it."


@define(eq=False)
class AnsweredMessages:
    """The newest messages that were answered."""

    _senders: Recent = field(factory=Recent, init=False)
    """Matrix ids of the senders, by the message's event id."""

    def add(self, message: Message) -> None:
        """Note that a message is being answered."""
        self._senders.put(message.id, message.person.account or "")

    def reply_to(self, edit: Edited) -> Outgoing | None:
        """Return the reply to an edit: once for each answered message, and only to its sender; else None."""
        if self._senders.get(edit.original) != edit.message.person.account:
            return None
        self._senders.forget(edit.original)
        return Outgoing(Kind.REPLY, edit.message.room.id, NOT_READ, edit.message, f"ptg-edit-{edit.original}")
