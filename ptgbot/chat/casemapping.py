"""Comparison of names as an IRC network does it.

Source: https://modern.ircdocs.horse/#casemapping-parameter and RFC 2812 section 2.2.
"""

from __future__ import annotations

import string
from typing import Final, Literal

CaseMapping = Literal["ascii", "rfc1459", "rfc1459-strict"]

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_TABLES: Final[dict[CaseMapping, dict[int, int]]] = {
    "ascii": _LOWER,
    "rfc1459-strict": _LOWER | str.maketrans("[]\\", "{}|"),
    "rfc1459": _LOWER | str.maketrans("[]\\~", "{}|^"),
}


def known(value: str) -> CaseMapping:
    """Return the mapping that the ISUPPORT token CASEMAPPING names. An unknown name means ``ascii``, the narrowest."""
    match value.lower():
        case "rfc1459":
            return "rfc1459"
        case "rfc1459-strict" | "strict-rfc1459":
            return "rfc1459-strict"
        case _:
            return "ascii"


def casefolded(name: str, mapping: CaseMapping) -> str:
    """Return a nick or channel name in the form that is equal for equal names.

    Only ASCII letters are lowered: to a server ``É`` and ``é`` are two nicks, and one must not have the rights of
    the other. :func:`ptgbot.chat.text.fold` finds people by what somebody typed.
    """
    return name.translate(_TABLES[mapping])
