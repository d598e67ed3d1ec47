"""Removes formatting codes and everything that could end a line from text.

Source: https://modern.ircdocs.horse/formatting.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_COLOUR: Final = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?")
_BREAKS: Final = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
CTCP: Final = "\x01"


def clean(text: str) -> str:
    """Return text without colours, formatting and control characters.

    A run of line breaks or tabs becomes one blank.
    """
    text = _BREAKS.sub(" ", _COLOUR.sub("", text))
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cs"})


def is_ctcp(text: str) -> bool:
    """Say whether a text is a CTCP request of a client, such as ``/me`` (https://modern.ircdocs.horse/ctcp)."""
    return text.startswith(CTCP)


def action(text: str) -> str | None:
    """Return the text of a ``/me`` line, None for any other text (https://modern.ircdocs.horse/ctcp, ACTION)."""
    word, blank, said = text.strip(CTCP).partition(" ")
    return said if is_ctcp(text) and word == "ACTION" and blank else None
