"""Pieces of pages as they were written last: what did not change is not made again."""

from __future__ import annotations

import hashlib
import json

from attrs import define, field

MOST = 128 * 2**20
"""Characters that are remembered; the pieces used least lately are forgotten."""


@define
class Fragments:
    """HTML of pieces by a digest of everything that is shown in them."""

    most: int = MOST
    _known: dict[str, str] = field(factory=dict, init=False)
    _size: int = field(default=0, init=False)

    def get(self, key: str) -> str | None:
        """Return a piece, None where it has to be made."""
        html = self._known.pop(key, None)
        if html is not None:
            self._known[key] = html
        return html

    def put(self, key: str, html: str) -> None:
        """Remember a piece."""
        self._size += len(html) - len(self._known.pop(key, ""))
        self._known[key] = html
        while self._size > self.most:
            self._size -= len(self._known.pop(next(iter(self._known))))


def digest(*shown: object) -> str:
    """Return a digest of what is shown in a piece; order counts."""
    return hashlib.sha256(json.dumps(shown).encode(errors="surrogatepass")).hexdigest()
