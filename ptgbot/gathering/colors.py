"""Turns typed colours into a hex value and a text colour that is readable on it."""

from __future__ import annotations

import functools
import hashlib

from attrs import frozen
from coloraide import Color

LONGEST = 60


@frozen
class Paint:
    """A background and the text colour for it, both ``#rrggbb``. Contrast is 4.5 or more (WCAG 2.1, 1.4.3)."""

    color: str
    ink: str


@functools.lru_cache(4096)
def paint(typed: str) -> Paint | None:
    """Return the colours for a typed CSS colour, None if it is not a CSS colour."""
    if len(typed) > LONGEST or not typed.isascii():
        return None
    try:
        color = Color(typed.strip())
        if any(value != value for value in color.coords(nans=False)):
            return None
        solid = Color.layer([color.convert("srgb"), Color("white")], space="srgb").fit("srgb")
    except (ValueError, TypeError, OverflowError):
        return None
    hexed = solid.set("alpha", 1).to_string(hex=True)
    if len(hexed) == 4:
        hexed = "#" + "".join(2 * letter for letter in hexed[1:])
    return Paint(hexed, _ink(hexed))


def _ink(background: str) -> str:
    dark, light = (Color(ink).contrast(Color(background), method="wcag21") for ink in ("black", "white"))
    return "#000000" if dark >= light else "#ffffff"


@functools.lru_cache(4096)
def own_color(track: str) -> str:
    """Return the colour of a track that was given none. It depends on the name only."""
    hue = int.from_bytes(hashlib.sha256(track.encode()).digest()[:2]) % 360
    return str(Color("oklch", [0.62, 0.13, hue]).convert("srgb").fit("srgb").to_string(hex=True))
