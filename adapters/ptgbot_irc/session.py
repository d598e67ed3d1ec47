"""The state of one connection, as told by its lines so far."""

from __future__ import annotations

import asyncio

from attrs import define, field

from ptgbot_irc.identity import Identity
from ptgbot_irc.isupport import Features
from ptgbot_irc.line import Line
from ptgbot_irc.membership import Membership


@define(eq=False)
class Session:
    """Our identity, our channels and the features of the server."""

    identity: Identity
    features: Features = field(factory=Features)
    membership: Membership = field(factory=Membership)
    welcomed: asyncio.Event = field(factory=asyncio.Event)
    """Set when the server has welcomed us and told its features."""

    def take(self, line: Line) -> None:
        """Update the state from one line of the server."""
        # Membership first: it must compare our own NICK with the nick we had.
        self.membership.take(line, self.identity.nick)
        self.identity.take(line, self.features)
        match line.command:
            case "005":
                self.features = self.features.with_tokens(line.params[1:-1])
                self.membership.features = self.features
            case "376" | "422":  # end of the message of the day, or there is none
                self.welcomed.set()

    def is_own(self, nick: str) -> bool:
        """Say whether a nick is our present one."""
        return self.features.same(nick, self.identity.nick)
