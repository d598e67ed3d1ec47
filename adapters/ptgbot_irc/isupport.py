"""The features that a server announces in RPL_ISUPPORT (005).

Source: https://modern.ircdocs.horse/#rplisupport-parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from ptgbot.chat.casemapping import CaseMapping, casefolded, known
from ptgbot_irc.line import LIMIT


@frozen
class Features:
    """The announced tokens that we use. Until the first 005 they have the values of RFC 1459."""

    casemapping: CaseMapping = "rfc1459"
    prefixes: tuple[tuple[str, str], ...] = (("o", "@"), ("v", "+"))
    """Mode and sign of each channel status, the highest first."""
    chantypes: str = "#&"
    statusmsg: str = "@+"
    """Signs that may stand before a channel to reach only those with that status."""
    list_modes: str = "b"
    """Channel modes (type A) that always take a parameter, or none to ask for the list."""
    parameter_modes: str = "k"
    """Channel modes (type B) that always take a parameter."""
    set_modes: str = "l"
    """Channel modes (type C) that take a parameter when set."""
    chanlimit: Mapping[str, int] = field(factory=dict)
    """How many channels one may join, by the signs they begin with (``#&``)."""
    nicklen: int | None = None
    """Characters that a nick may have; None if the server does not tell."""
    userlen: int = 18
    hostlen: int = 63
    topiclen: int = 300
    linelen: int = LIMIT
    join_targets: int | None = None
    """How many channels one JOIN may name; None if the server tells no limit."""
    network: str = ""
    bot_mode: str = ""
    """The user mode of a bot (https://ircv3.net/specs/extensions/bot-mode), empty if there is none."""
    denied_tags: frozenset[str] = frozenset()
    """Tags that the server does not relay, without ``+``; ``*`` for all but those with ``-`` before their name."""

    def fold(self, name: str) -> str:
        """Return a nick or channel name in the form that is equal for equal names on this network (CASEMAPPING)."""
        return casefolded(name, self.casemapping)

    def same(self, one: str, other: str) -> bool:
        """Say whether two nicks or channel names are the same on this network."""
        return self.fold(one) == self.fold(other)

    def is_channel(self, target: str) -> bool:
        """Say whether a target is a channel rather than a nick (CHANTYPES)."""
        return bool(target) and target[0] in self.chantypes

    def channel_of(self, target: str) -> str | None:
        """Return the channel that a message was sent to, None if it was sent to a nick.

        A message to the operators or voiced people of a channel belongs to the channel
        (https://modern.ircdocs.horse/#statusmsg-parameter).
        """
        name = target.lstrip(self.statusmsg) if not self.is_channel(target) else target
        return name if self.is_channel(name) else None

    def relays(self, tag: str) -> bool:
        """Say whether the server relays a client tag, such as ``+draft/react`` (CLIENTTAGDENY).

        Source: https://ircv3.net/specs/extensions/message-tags, "RPL_ISUPPORT Tokens".
        """
        name = tag.removeprefix("+")
        return name not in self.denied_tags and ("*" not in self.denied_tags or f"-{name}" in self.denied_tags)

    def with_tokens(self, tokens: Iterable[str]) -> Features:
        """Return these features updated by the tokens of one 005. Tokens with malformed values are ignored."""
        changed = self
        for token in tokens:
            name, _, value = token.partition("=")
            reader = _READERS.get(name.upper())
            if reader is not None:
                try:
                    changed = reader(changed, _unescape(value))
                except ValueError:
                    continue
        return changed


def _unescape(value: str) -> str:
    return re.sub(r"\\x([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), value)


def _prefix(features: Features, value: str) -> Features:
    match = re.fullmatch(r"\(([A-Za-z]*)\)(\S*)", value)
    if match and len(match[1]) == len(match[2]):
        return evolve(features, prefixes=tuple(zip(match[1], match[2], strict=True)))
    if not value:
        return evolve(features, prefixes=())
    return features


def _chanmodes(features: Features, value: str) -> Features:
    kinds = value.split(",")
    if len(kinds) < 4:
        return features
    return evolve(features, list_modes=kinds[0], parameter_modes=kinds[1], set_modes=kinds[2])


def _chanlimit(features: Features, value: str) -> Features:
    limits = dict(features.chanlimit)
    for part in value.split(","):
        signs, _, limit = part.partition(":")
        if limit and int(limit) > 0:  # ngircd writes 0 for "as many as you like"
            limits[signs] = int(limit)
    return evolve(features, chanlimit=limits)


def _targmax(features: Features, value: str) -> Features:
    for part in value.split(","):
        command, _, limit = part.partition(":")
        if command.upper() == "JOIN" and limit:
            return evolve(features, join_targets=max(int(limit), 1))
    return features


def _linelen(features: Features, value: str) -> Features:
    # Longer lines are of no use to people whose clients cut at 512.
    return evolve(features, linelen=min(max(int(value), 256), LIMIT))


_READERS: Final[dict[str, Callable[[Features, str], Features]]] = {
    "CASEMAPPING": lambda features, value: evolve(features, casemapping=known(value)),
    "PREFIX": _prefix,
    "CHANTYPES": lambda features, value: evolve(features, chantypes=value),
    "STATUSMSG": lambda features, value: evolve(features, statusmsg=value),
    "CHANMODES": _chanmodes,
    "CHANLIMIT": _chanlimit,
    "NICKLEN": lambda features, value: evolve(features, nicklen=int(value)),
    "USERLEN": lambda features, value: evolve(features, userlen=int(value)),
    "HOSTLEN": lambda features, value: evolve(features, hostlen=int(value)),
    "TOPICLEN": lambda features, value: evolve(features, topiclen=int(value)),
    "LINELEN": _linelen,
    "TARGMAX": _targmax,
    "NETWORK": lambda features, value: evolve(features, network=value),
    "CLIENTTAGDENY": lambda features, value: evolve(features, denied_tags=frozenset(value.split(","))),
    "BOT": lambda features, value: evolve(features, bot_mode=value[:1]),
}
