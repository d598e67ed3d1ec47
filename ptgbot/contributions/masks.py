"""People who are not shown as they are: those who are hidden have a pseudonym, others are shown by their initials."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

_MOST: Final = 4
"""Most initials of a name."""


@frozen
class Mask:
    """The id and the name by which a person is shown."""

    id: str
    name: str
    is_hidden: bool = False


@frozen
class Masks:
    """How people want to be shown who want it otherwise than everybody."""

    by_id: Mapping[str, Mask] = field(factory=dict)
    """Masks by the ids that people would have without them."""
    punch_cards: frozenset[str] = frozenset()
    """Shown ids of people who want their hours of the week to be shown."""


def initials(name: str) -> str:
    """Return the initials of a name, such as ``M. L.`` of ``Mira Lind``; of an address those of its first part."""
    words = ("".join(map(_letter, word)) for word in unicodedata.normalize("NFC", name.partition("@")[0]).split())
    found = [f"{word[0].upper()}." for word in words if word]
    return " ".join(found[:_MOST])


def _letter(letter: str) -> str:
    return letter if letter.isalpha() else ""
