"""Reads values out of JSON that others have written: a field may be missing, of another type or too large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MOST: Final = 2**53
"""Largest number that counts; JSON has no larger whole numbers for everybody (RFC 8259, section 6)."""
LONGEST: Final = 2_000_000
"""Most characters of a text that are read."""
_DIGITS: Final = 20


def mapping_in(tree: object, *keys: str) -> Mapping[str, Any]:
    """Return the object at a place of a tree, an empty one if there is none."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def text_in(tree: object, *keys: str) -> str:
    """Return the text at a place of a tree, empty if there is none. Halves of surrogate pairs are replaced."""
    found = mapping_in(tree, *keys[:-1]).get(keys[-1])
    if not isinstance(found, str):
        return ""
    found = found[:LONGEST]
    if found.isascii():
        return found
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number_in(tree: object, *keys: str) -> int | None:
    """Return the whole number at a place of a tree, None if there is none. Old servers write numbers as texts."""
    found = mapping_in(tree, *keys[:-1]).get(keys[-1])
    if isinstance(found, bool):
        return None
    if isinstance(found, float):
        found = int(found) if abs(found) <= MOST else None
    if isinstance(found, str):
        found = _parsed(found.strip())
    return found if isinstance(found, int) and abs(found) <= MOST else None


def flag_in(tree: object, *keys: str) -> bool:
    """Say whether the value at a place of a tree is true."""
    found = mapping_in(tree, *keys[:-1]).get(keys[-1])
    return found is True or (isinstance(found, str) and found.lower() == "true")


def _parsed(text: str) -> int | None:
    digits = text[1:] if text[:1] in "+-" else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        return None
    return int(text)
