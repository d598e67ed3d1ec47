"""Text as people mean it: without the codes that colour it, and without anything that could end a line.

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
    """Return text without colours, formatting and control characters; line breaks become one blank."""
    text = _BREAKS.sub(" ", _COLOUR.sub("", text))
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cs"})


def is_ctcp(text: str) -> bool:
    """Say whether a line is a request of a client to a client; ``/me`` is one (ACTION)."""
    return text.startswith(CTCP)


def action(text: str) -> str | None:
    """Return the text of a ``/me`` line, None for any other (https://modern.ircdocs.horse/ctcp, ACTION)."""
    word, blank, said = text.strip(CTCP).partition(" ")
    return said if is_ctcp(text) and word == "ACTION" and blank else None
