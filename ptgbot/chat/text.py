"""Text as people type it, made fit to keep and to repeat."""

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
    """Return the text without control characters, with runs of blanks made one, ready for UTF-8."""
    return " ".join(_SURROGATE.sub("\ufffd", _UNFIT.sub(" ", text)).split())


def encodable(text: str) -> str:
    """Return the text with halves of surrogate pairs replaced: they can't be written as UTF-8."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def short(text: str, limit: int = 60) -> str:
    """Return the text, cut with an ellipsis where it is longer than ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fitting(text: str, size: int) -> int:
    """Return how many characters of a text fit into ``size`` bytes of UTF-8."""
    return len(text[:size].encode()[:size].decode(errors="ignore"))


def cut(text: str, size: int) -> str:
    """Return a text of at most ``size`` bytes of UTF-8, cut between characters, with an ellipsis where it was cut.

    Raises ValueError where not even the ellipsis fits.
    """
    ellipsis = "…"
    if fitting(text, size) == len(text):
        return text
    if size < len(ellipsis.encode()):
        raise ValueError(f"no room for text in {size} bytes")
    return text[: fitting(text, size - len(ellipsis.encode()))].rstrip() + ellipsis


def wildcards(names: Iterable[str]) -> re.Pattern[str]:
    """Return what matches the names of a list, in whatever case; ``*`` stands for anything."""
    each = (".*".join(re.escape(piece) for piece in name.split("*")) for name in names)
    return re.compile("|".join(f"(?:{one})" for one in each) or r"(?!)", re.IGNORECASE | re.DOTALL)


def listing(names: Iterable[str], none: str = "none", last: str = "and") -> str:
    """Return names as English lists them: ``a, b and c``."""
    *first, end = [*names] or [none]
    return f"{', '.join(first)} {last} {end}" if first else end


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known names most like a mistyped one, the nearest first."""
    return difflib.get_close_matches(short(name.lower()), sorted(known), count, 0.6)


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 track`` or ``3 tracks``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def fold(name: str, casemapping: str = "ascii") -> str:
    """Return a word as people mean it, in whatever case they type it, letters beyond ASCII included.

    ``casemapping`` is that of the network where the word is a nick: there ``[`` may be a large ``{``. Rights are never
    found this way, see :func:`ptgbot.chat.casemapping.casefolded`.
    """
    return casefolded(name.lower(), known(casemapping))
