"""From an answer to lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ptgbot.chat.message import Kind, Outgoing
from ptgbot.chat.text import cut
from ptgbot_irc.isupport import Features
from ptgbot_irc.line import compose, tagged
from ptgbot_irc.names import is_nick
from ptgbot_irc.session import Session
from ptgbot_irc.splitting import room, split
from ptgbot_irc.text import clean

_CHANNEL: Final = re.compile(r"[#&+!][^\s,:\x00-\x20\x7f]+")
REPLY_TAG: Final = "+draft/reply"
"""https://ircv3.net/specs/client-tags/reply: clients show which message is answered."""
LONGEST_NICK: Final = 32
"""Bytes of a nick that the room for a topic is reckoned with."""


def lines(outgoing: Outgoing, session: Session, max_lines: int, answered: str = "") -> Sequence[bytes]:
    """Return the lines that say an answer. Raises ValueError for a target that is neither a channel nor a nick.

    ``answered`` is the server's id of the message that is answered, empty to send no tag.
    """
    target = outgoing.target
    if not (_CHANNEL.fullmatch(target) or is_nick(target)):
        raise ValueError(f"{target!r} can't be spoken to")
    text = clean(outgoing.text)
    if outgoing.kind is Kind.TOPIC:
        return [compose("TOPIC", target, cut(text, topic_size(session.features, target)))]
    if outgoing.kind is Kind.REPLY and outgoing.message is not None and not outgoing.message.private:
        text = f"{outgoing.message.person.nick}: {text}"
    if outgoing.kind is Kind.DONE or not text.strip():
        return []
    pieces = _pieces(text, clean(outgoing.more), _room(session, "PRIVMSG", target), max_lines)
    sent = [compose("PRIVMSG", target, piece) for piece in pieces]
    return [tagged(sent[0], {REPLY_TAG: answered}), *sent[1:]] if answered else sent


def topic_size(features: Features, channel: str) -> int:
    """Return the longest topic of a channel in bytes.

    It is the same in each connection, whatever nick we have: otherwise a topic that must be cut would be set anew.
    """
    longest = LONGEST_NICK + len("!@") + features.userlen + features.hostlen
    return min(features.topiclen, room(longest, "TOPIC", channel, features.linelen))


def _pieces(text: str, more: str, size: int, most: int) -> Sequence[str]:
    """Return at most ``most`` lines; where text had to be cut, the last line names the address ``more``."""
    whole = split(text, size)
    if len(whole) <= most or not more or len(more.encode()) > size:
        return split(text, size, most)
    return [*split(text, size, max(1, most - 1)), more]


def _room(session: Session, command: str, target: str) -> int:
    # Two more bytes: our nick may grow by a fallback's underlines before the last piece has left.
    prefix = session.identity.prefix(session.features) + 2
    return room(prefix, command, target, session.features.linelen)
