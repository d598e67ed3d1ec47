"""Splits long text into pieces that fit a line, counted in bytes and cut between characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ptgbot.chat.text import cut as shortened
from ptgbot.chat.text import fitting
from ptgbot_irc.line import LIMIT

_ZERO_WIDTH_JOINER = "\u200d"


def room(prefix: int, command: str, target: str, limit: int = LIMIT) -> int:
    """Return the bytes left for text in ``:PREFIX COMMAND TARGET :text``, the line that the server passes on.

    A line has at most 512 bytes with its CR LF (RFC 1459 section 2.3).

    Args:
        prefix: length of our ``nick!user@host`` in bytes, as others see it.
        command: the command, such as ``PRIVMSG``.
        target: the channel or nick.
        limit: the longest line in bytes, with its CR LF.
    """
    return limit - len("\r\n") - len(":") - prefix - len(f" {command} {target} :".encode())


def split(text: str, size: int, most: int | None = None) -> Sequence[str]:
    """Split text into pieces of at most ``size`` bytes of UTF-8 each; joined they are the text again.

    A piece ends behind a blank if there is one near, never inside a character, and not before a combining mark or
    joiner. If more than ``most`` pieces were needed, the last one is cut and ends with an ellipsis.

    Raises:
        ValueError: ``size`` is below 4.
    """
    if size < 4:
        raise ValueError("no room for text")
    pieces: list[str] = []
    while text:
        cut = _cut(text, size)
        if most is not None and len(pieces) + 1 == most and cut < len(text):
            return [*pieces, shortened(text, size)]
        pieces.append(text[:cut])
        text = text[cut:]
    return pieces


def _cut(text: str, size: int) -> int:
    end = fitting(text, size)
    if end == len(text):
        return end
    blank = text.rfind(" ", end * 2 // 3, end)
    if blank >= 0:
        return blank + 1
    whole = end
    while whole > end - 16 and whole > 1 and _joins(text, whole):
        whole -= 1
    return end if _joins(text, whole) else whole


def _joins(text: str, at: int) -> bool:
    """Say whether the character at this place belongs to the character before it."""
    char = text[at]
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or char == _ZERO_WIDTH_JOINER
        or text[at - 1] == _ZERO_WIDTH_JOINER
        or 0x1F3FB <= ord(char) <= 0x1F3FF
    )
