"""People who come over a bridge: as a puppet each, or all through one relay bot that writes ``<nick> text``.

They are themselves, with the rights of attendees at most: the server vouches for the bridge, not for them.
"""

from __future__ import annotations

import re
from typing import Final

import attrs
from attrs import field, frozen

from ptgbot.chat.message import Message, Person, Role
from ptgbot.chat.text import clean, wildcards

_RELAYED: Final = re.compile(r"\s*(?:\[[^\[\]]{1,32}\]\s*)?<([^<>]{1,64})>\s+(\S.*)", re.DOTALL)
"""A relayed line; some bots write the name of the network before it, as in ``[discord] <ada> text``."""
_INVISIBLE: Final = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")


def relayed(text: str) -> tuple[str, str] | None:
    """Return the nick and the text in a line of a relay bot, None for any other line."""
    found = _RELAYED.fullmatch(text)
    # Relay bots put invisible signs into nicks, so that nobody who is in both rooms is notified twice.
    nick = clean(_INVISIBLE.sub("", found[1])) if found else ""
    return (nick, found[2]) if found and nick else None


@frozen
class Bridges:
    """The puppets and the relay bots of one network, by patterns in which ``*`` stands for any text."""

    puppets: re.Pattern[str] = field(default=(), converter=wildcards)
    relays: re.Pattern[str] = field(default=(), converter=wildcards)

    def is_relay(self, *names: str) -> bool:
        """Say whether one of the names of a sender is that of a relay bot."""
        return any(self.relays.fullmatch(name) for name in names if name)

    def admit(self, message: Message, name: str, *, relay: bool) -> Message | None:
        """Return a message as it counts, None if it does not.

        Args:
            message: the message as it came.
            name: the name of the sender that patterns of puppets are compared with.
            relay: whether the sender is a relay bot. Only what it relays counts, and only in rooms.
        """
        if relay:
            found = None if message.private else relayed(message.text)
            if found is None:
                return None
            nick, text = found
            person = Person(f"<{nick.lower()}>{message.person.key}", nick, bridged=True)
            return attrs.evolve(message, person=person, role=Role.ATTENDEE, text=text)
        if self.puppets.fullmatch(name):
            return attrs.evolve(message, person=attrs.evolve(message.person, bridged=True), role=Role.ATTENDEE)
        return message
