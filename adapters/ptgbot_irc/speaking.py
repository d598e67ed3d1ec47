"""Turns answers into lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ptgbot.chat.message import ITEMS, Kind, Outgoing
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
REACT_TAG: Final = "+draft/react"
"""https://ircv3.net/specs/client-tags/react: a reaction to the message that the reply tag names."""
CHECK_MARK: Final = "✅"
APART: Final = " // "
"""Stands between the answers to several people in one line."""
SHORT: Final = 300
"""Bytes of a line into which the items of a list are gathered."""
LONGEST_NICK: Final = 32
"""Bytes of a nick that the room for a topic is reckoned with."""


def lines(outgoing: Outgoing, session: Session, max_lines: int, answered: str = "") -> Sequence[bytes]:
    """Return the lines of an answer; empty if it has nothing to say.

    Args:
        outgoing: the answer; in a channel it is prefixed with the nick of the person who asked.
        session: tells the length of our prefix, which the server adds to each line.
        max_lines: the largest number of lines; a longer text is cut.
        answered: the server's id of the message that is answered, empty to send no reply tag.

    Raises:
        ValueError: the target is neither a channel nor a nick.
    """
    target = outgoing.target
    if not (_CHANNEL.fullmatch(target) or is_nick(target)):
        raise ValueError(f"{target!r} can't be spoken to")
    text = clean(outgoing.text)
    if outgoing.kind is Kind.TOPIC:
        return [compose("TOPIC", target, cut(text, topic_size(session.features, target)))]
    parts = _parts(text, [clean(item) for item in outgoing.items])
    if outgoing.kind is Kind.REPLY and outgoing.message is not None and not outgoing.message.private:
        parts = [f"{outgoing.message.person.nick}: {parts[0]}", *parts[1:]]
    if not "".join(parts).strip():
        return []
    pieces = _pieces(parts, clean(outgoing.more), _room(session, "PRIVMSG", target), max_lines)
    sent = [compose("PRIVMSG", target, piece) for piece in pieces]
    return [tagged(sent[0], {REPLY_TAG: answered}), *sent[1:]] if answered else sent


def reaction(target: str, answered: str) -> bytes:
    """Return the line that adds a check mark to a message.

    Args:
        target: the channel or nick.
        answered: the server's id of the message.
    """
    return tagged(compose("TAGMSG", target), {REPLY_TAG: answered, REACT_TAG: CHECK_MARK})


def together(outgoings: Sequence[Outgoing], session: Session) -> tuple[int, Sequence[bytes]]:
    """Return how many of several replies in one channel, from the first on, fit into one line, and that line.

    People who get the same answer are named before it. The number is below 2 if no line can hold two of them.
    """
    target, nicks = outgoings[0].target, dict[str, list[str]]()
    size = _room(session, "PRIVMSG", target)
    number, text = 0, ""
    for outgoing in outgoings:
        if outgoing.message is None or outgoing.message.private or not _CHANNEL.fullmatch(target):
            break
        nicks.setdefault(clean(outgoing.text), []).append(outgoing.message.person.nick)
        longer = APART.join(f"{', '.join(names)}: {said}" for said, names in nicks.items())
        if len(longer.encode()) > size:
            break
        number, text = number + 1, longer
    return (number, [compose("PRIVMSG", target, text)]) if number > 1 else (0, ())


def topic_size(features: Features, channel: str) -> int:
    """Return the longest topic of a channel in bytes.

    The length does not depend on our present nick. Otherwise a topic that must be cut would be set anew after each
    change.
    """
    longest = LONGEST_NICK + len("!@") + features.userlen + features.hostlen
    return min(features.topiclen, room(longest, "TOPIC", channel, features.linelen))


def _parts(text: str, items: Sequence[str]) -> list[str]:
    """Cut a text that is long before those of its items that no longer fit into a line of :data:`SHORT` bytes."""
    tail = ITEMS.join(items)
    if len(items) < 2 or len(text.encode()) <= SHORT or not text.endswith(tail):
        return [text]
    head = text[: len(text) - len(tail)].removesuffix(ITEMS)
    parts = [head or items[0]]
    for item in items if head else items[1:]:
        longer = f"{parts[-1]}{ITEMS}{item}"
        if len(longer.encode()) <= SHORT:
            parts[-1] = longer
        else:
            parts.append(item)
    return parts


def _pieces(parts: Sequence[str], more: str, size: int, most: int) -> Sequence[str]:
    """Return at most ``most`` lines. If the text had to be cut, the last line is the address ``more``."""
    each = [piece for part in parts for piece in split(part, size)]
    if len(each) <= most:
        return each
    text = ITEMS.join(parts)
    whole = split(text, size)
    if len(whole) <= most or not more or len(more.encode()) > size:
        return split(text, size, most)
    return [*split(text, size, max(1, most - 1)), more]


def _room(session: Session, command: str, target: str) -> int:
    # Two more bytes: our nick may grow by a fallback's underlines before the last piece has left.
    prefix = session.identity.prefix(session.features) + 2
    return room(prefix, command, target, session.features.linelen)
