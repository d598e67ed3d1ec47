"""Our own nick, user name and host, as others on the network see them."""

from __future__ import annotations

from attrs import define

from ptgbot_irc.isupport import Features
from ptgbot_irc.line import Line


@define
class Identity:
    """Our nick, user name and host, kept up to date from the lines of the server. Parts not seen yet are None."""

    nick: str
    user: str | None = None
    host: str | None = None

    def take(self, line: Line, features: Features) -> None:
        """Update nick, user name and host from one line of the server.

        Source: https://modern.ircdocs.horse, "RPL_HOSTHIDDEN (396)"; https://ircv3.net/specs/extensions/chghost.
        """
        if line.command == "001" and line.params:
            self.nick = line.params[0]
        elif line.command == "396" and len(line.params) > 1:
            # RPL_HOSTHIDDEN; some servers put user@host there.
            user, at, host = line.params[1].rpartition("@")
            self.host = host
            self.user = user if at else self.user
        elif line.source and features.same(line.nick, self.nick):
            self._take_own(line)

    def _take_own(self, line: Line) -> None:
        user, at, host = line.source.partition("!")[2].rpartition("@")
        if at:
            self.user, self.host = user, host
        if line.command == "NICK" and line.params:
            self.nick = line.params[0]
        elif line.command == "CHGHOST" and len(line.params) > 1:
            self.user, self.host = line.params[0], line.params[1]

    def prefix(self, features: Features) -> int:
        """Return the length of ``nick!user@host`` in bytes. A part that is unknown counts with its longest length."""
        user = len(self.user.encode()) if self.user is not None else features.userlen
        host = len(self.host.encode()) if self.host is not None else features.hostlen
        return len(self.nick.encode()) + len("!") + user + len("@") + host
