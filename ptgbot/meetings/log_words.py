"""The words of the log of a meeting, for the search: each once, without marks, in groups by their first character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

MOST: Final = 4000
"""Words of one meeting that the search knows, the first ones said. An hour of a dozen people has less than a third."""
LONGEST: Final = 40
"""Characters of a word that the search knows."""
OTHER: Final = "_"
"""Name of the group of words that begin with none of ``a-z0-9``."""
_WORD: Final = re.compile(r"\w+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
GROUPS: Final = (*_LETTERS, "0", OTHER)
"""Names of the groups."""
_SEARCHED: Final = ("line", "action")
"""Kinds of lines that people said and that have a text."""


def plain(text: str) -> str:
    """Return a text in small letters without marks, as the script of the search makes it."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if unicodedata.category(c)[0] != "M")


def group_of(word: str) -> str:
    """Return the group of a word: its first character if that is one of ``a-z``, ``0`` for digits, else ``_``."""
    first = word[0]
    if first in _LETTERS:
        return first
    return "0" if first in _DIGITS else OTHER


def words_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of the log of a document by group, divided by blanks, in the order of the alphabet."""
    known: dict[str, None] = {}
    for line in document["log"]:
        if line["kind"] in _SEARCHED and len(known) < MOST:
            known.update(dict.fromkeys(word[:LONGEST] for word in _WORD.findall(plain(line["text"] or ""))))
    groups: dict[str, list[str]] = {}
    for word in sorted([*known][:MOST]):
        if len(word) > 1 or not word.isascii():
            groups.setdefault(group_of(word), []).append(word)
    return {group: " ".join(words) for group, words in groups.items()}
