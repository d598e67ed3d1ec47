"""Pictures of a site's initials: an icon as SVG, and PNG for programs that read nothing else."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Sequence
from html import escape

GROUND, INK = "0b6e6e", "ffffff"
"""Colours (hexadecimal RGB) of the pictures: the accent of our style sheet, and white."""
_MOST = 3
_FONT = {
    "A": (14, 17, 17, 31, 17, 17, 17),
    "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 15),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "J": (7, 2, 2, 2, 2, 18, 12),
    "K": (17, 18, 20, 24, 20, 18, 17),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 21, 19, 17, 17, 17),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "Q": (14, 17, 17, 17, 21, 18, 13),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30),
    "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 17, 10, 4),
    "W": (17, 17, 17, 21, 21, 21, 10),
    "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 10, 4, 4, 4, 4),
    "Z": (31, 1, 2, 4, 8, 16, 31),
}
"""Letters of seven rows; each row is five bits, the leftmost first."""
_LINES = (31, 0, 0, 28, 0, 0, 31)
"""Three lines, where we have no letter."""


def initials(title: str) -> str:
    """Return the first letters of the first three words of a title, numbers left out; empty if it has no letters."""
    firsts = (next((letter for letter in word if letter.isalpha()), "") for word in title.split())
    return "".join(firsts)[:_MOST].upper()


def icon(title: str) -> str:
    """Return an icon of the initials as SVG. They stay within the circle to which systems may cut an icon."""
    letters = escape(initials(title)) or "·"
    size = {1: 280, 2: 220}.get(len(initials(title)) or 1, 150)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
        f'<rect width="512" height="512" fill="#{GROUND}"/>'
        f'<text x="256" y="256" dy=".35em" font-family="sans-serif" font-weight="700" font-size="{size}" '
        f'text-anchor="middle" fill="#{INK}">{letters}</text></svg>\n'
    )


def png(title: str, width: int, height: int) -> bytes:
    """Return a picture of the initials as PNG (ISO/IEC 15948), ``width`` and ``height`` in pixels."""
    plain = unicodedata.normalize("NFKD", initials(title))
    letters = [_FONT[letter] for letter in plain if letter in _FONT] or [_LINES]
    rows = [_row(letters, line) for line in range(7)]
    scale = max(1, min(width * 6 // 10 // len(rows[0]), height * 5 // 10 // 7))
    left, top = (width - len(rows[0]) * scale) // 2, (height - 7 * scale) // 2
    blank = _packed("0" * width)
    drawn = [
        _packed("".join(bit * scale for bit in row).rjust(left + len(row) * scale, "0").ljust(width, "0"))
        for row in rows
    ]
    lines = [*([blank] * top), *(line for line in drawn for _ in range(scale))]
    lines += [blank] * (height - len(lines))
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    body = zlib.compress(b"".join(lines), 9)
    chunks = ((b"IHDR", head), (b"PLTE", bytes.fromhex(GROUND + INK)), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _row(letters: Sequence[tuple[int, ...]], line: int) -> str:
    return "0".join(f"{letter[line]:05b}" for letter in letters)


def _packed(bits: str) -> bytes:
    """Return a line of one bit for each pixel, without a filter."""
    whole = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return b"\0" + int(whole, 2).to_bytes(len(whole) // 8, "big")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
