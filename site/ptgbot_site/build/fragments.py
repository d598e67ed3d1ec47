"""A cache of pieces of pages, so that unchanged pieces are not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container

from attrs import define, field, frozen

MOST = 128 * 2**20
"""Most characters that are kept; the least recently used pieces are dropped first."""


@define
class Fragments:
    """The HTML of pieces, by a digest of everything that they show. A piece is kept while a page shows it."""

    most: int = MOST
    _known: dict[str, str] = field(factory=dict, init=False)
    _size: int = field(default=0, init=False)
    _shown: dict[str, set[str]] = field(factory=dict, init=False)
    """The pieces of each page, as last written."""
    _writing: dict[str, set[str]] = field(factory=dict, init=False)
    """The pieces of each page written in this build."""
    _pages: dict[str, int] = field(factory=dict, init=False)
    """The number of pages that show each piece."""

    def of_page(self, page: str) -> Pieces:
        """Return the pieces for a page that is being written."""
        return Pieces(self, self._writing.setdefault(page, set()))

    def get(self, key: str) -> str | None:
        """Return the HTML of a piece, None if it must be made."""
        html = self._known.pop(key, None)
        if html is not None:
            self._known[key] = html
        return html

    def put(self, key: str, html: str) -> None:
        """Store the HTML of a piece."""
        self._size += len(html) - len(self._known.pop(key, ""))
        self._known[key] = html
        while self._size > self.most:
            self._drop(next(iter(self._known)))

    def settle(self, pages: Container[str]) -> None:
        """Remove the pieces that no page shows any longer. Call it after a build; ``pages`` are all existing pages."""
        written, self._writing = self._writing, {}
        gone: dict[str, set[str]] = {page: set() for page in self._shown if page not in pages}
        for page, used in {**written, **gone}.items():
            former = self._shown.pop(page, set())
            for key in used - former:
                self._pages[key] = self._pages.get(key, 0) + 1
            for key in former - used:
                self._leave(key)
            if used:
                self._shown[page] = used

    def _leave(self, key: str) -> None:
        left = self._pages.pop(key) - 1
        if left:
            self._pages[key] = left
        else:
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._size -= len(self._known.pop(key, ""))


@frozen
class Pieces:
    """The cached pieces for one page."""

    fragments: Fragments
    _used: set[str]

    def get(self, key: str) -> str | None:
        """Return the HTML of a piece, None if it must be made."""
        self._used.add(key)
        return self.fragments.get(key)

    def put(self, key: str, html: str) -> None:
        """Store the HTML of a piece that :meth:`get` did not find."""
        self.fragments.put(key, html)


def digest(*shown: object) -> str:
    """Return a digest of everything that a piece shows. The order counts."""
    return hashlib.sha256(json.dumps(shown).encode(errors="surrogatepass")).hexdigest()
