"""Functions on typed text: cleaning, cutting, comparing, listing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from ptgbot.chat.casemapping import casefolded, known

_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: line ends, IRC colours, terminal escapes
    "\u2028\u2029"  # line and paragraph separators
    "\u200b\ufeff"  # invisible blanks
    "\u202a-\u202e\u2066-\u2069]"  # bidirectional overrides, which make a text read as another one
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text without control characters and invisible characters, with single blanks, encodable as UTF-8."""
    return " ".join(_SURROGATE.sub("\ufffd", _UNFIT.sub(" ", text)).split())


def encodable(text: str) -> str:
    """Return text in which lone surrogates, which UTF-8 cannot encode, are replaced by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def short(text: str, limit: int = 60) -> str:
    """Return text of at most ``limit`` characters, with an ellipsis if it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fitting(text: str, size: int) -> int:
    """Return how many characters of a text fit into ``size`` bytes of UTF-8."""
    return len(text[:size].encode()[:size].decode(errors="ignore"))


def cut(text: str, size: int) -> str:
    """Return text of at most ``size`` bytes of UTF-8, cut between characters, with an ellipsis if it was cut.

    Raises:
        ValueError: not even the ellipsis fits.
    """
    ellipsis = "…"
    if fitting(text, size) == len(text):
        return text
    if size < len(ellipsis.encode()):
        raise ValueError(f"no room for text in {size} bytes")
    return text[: fitting(text, size - len(ellipsis.encode()))].rstrip() + ellipsis


def wildcards(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that matches any of the names in any case; ``*`` stands for any text."""
    each = (".*".join(re.escape(piece) for piece in name.split("*")) for name in names)
    return re.compile("|".join(f"(?:{one})" for one in each) or r"(?!)", re.IGNORECASE | re.DOTALL)


def listing(names: Iterable[str], none: str = "none", last: str = "and") -> str:
    """Return names as English lists them: ``a, b and c``; ``none`` for an empty list."""
    *first, end = [*names] or [none]
    return f"{', '.join(first)} {last} {end}" if first else end


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known names that are similar to a mistyped one, the most similar first."""
    return difflib.get_close_matches(short(name.lower()), sorted(known), count, 0.6)


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 track`` or ``3 tracks``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def fold(name: str, casemapping: str = "ascii") -> str:
    """Return a typed word in a form for comparison: lower case, letters beyond ASCII included.

    ``casemapping`` is that of the network if the word is a nick: there ``[`` may be the upper case of ``{``. Never
    decide about rights with this function, see :func:`ptgbot.chat.casemapping.casefolded`.
    """
    return casefolded(name.lower(), known(casemapping))
