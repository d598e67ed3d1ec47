"""Which names are the same name to an IRC network.

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
    """Return the mapping that ISUPPORT names; an unknown name means ``ascii``, the narrowest."""
    match value.lower():
        case "rfc1459":
            return "rfc1459"
        case "rfc1459-strict" | "strict-rfc1459":
            return "rfc1459-strict"
        case _:
            return "ascii"


def casefolded(name: str, mapping: CaseMapping) -> str:
    """Return the form of a nick or channel that is equal for equal names.

    Only ASCII letters are made small: to a server ``É`` and ``é`` are two nicks, and one must not have the rights of
    the other. :func:`ptgbot.chat.text.fold` finds people by what somebody typed.
    """
    return name.translate(_TABLES[mapping])
