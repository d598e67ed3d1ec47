"""What can be a nick. Source: https://modern.ircdocs.horse/#clients."""

from __future__ import annotations

import re
from typing import Final

_NICK: Final = re.compile(r"(?!-)[\w\[\]\\`^{|}-]+")


def is_nick(word: str) -> bool:
    """Say whether a word can be somebody's nick, not a channel, a mask, a server or several targets.

    Nobody may choose one that begins with a digit, but servers give such a one to whoever loses theirs in a split.
    """
    return bool(_NICK.fullmatch(word))
