"""The form of nicks. Source: https://modern.ircdocs.horse/#clients."""

from __future__ import annotations

import re
from typing import Final

_NICK: Final = re.compile(r"(?!-)[\w\[\]\\`^{|}-]+")


def is_nick(word: str) -> bool:
    """Say whether a word can be a nick, rather than a channel, a mask, a server or several targets.

    Nicks that begin with a digit are accepted. Users cannot choose them, but servers assign them after a netsplit.
    """
    return bool(_NICK.fullmatch(word))
