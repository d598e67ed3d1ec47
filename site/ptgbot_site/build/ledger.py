"""A record of the content with which every page was last written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field


@define
class Ledger:
    """The record, kept beside the doctrees, so that a restarted builder writes only changed pages.

    The digests of a build count only after :meth:`commit`. Until then the files of its pages may be old or new, so
    these pages are due at the next build in any case.
    """

    path: Path
    _written: dict[str, str] = field(factory=dict)
    """Digest of what each page shows."""
    _due: dict[str, str] = field(factory=dict, init=False)
    _unsure: set[str] = field(factory=set, init=False)

    @classmethod
    def load(cls, path: Path) -> Ledger:
        """Read the stored record; a damaged one counts as empty."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            entries = {page: digest for page, digest in stored.items() if isinstance(digest, str)}
        except (OSError, ValueError, AttributeError):
            entries = {}
        return cls(path, entries)

    def begin(self, digests: Mapping[str, str]) -> list[str]:
        """Take the digests of all pages. Return the pages that must be written."""
        self._due = dict(digests)
        self._unsure |= {page for page, digest in digests.items() if self._written.get(page) != digest}
        return sorted(self._unsure & self._due.keys())

    @property
    def gone(self) -> list[str]:
        """Pages that were written and no longer exist."""
        return sorted((self._written.keys() | self._unsure) - self._due.keys())

    def commit(self) -> None:
        """Note that every due page has been written.

        Raises:
            OSError: the record cannot be stored.
        """
        self._unsure.clear()
        if self._written != self._due:
            self._written = self._due
            part = self.path.with_suffix(".part")
            part.write_text(json.dumps(self._written), encoding="utf-8")
            part.replace(self.path)
