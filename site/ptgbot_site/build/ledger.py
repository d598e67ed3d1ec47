"""Which content every page was last written with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field


@define
class Ledger:
    """Kept beside the doctrees, so that a builder that starts again writes only pages that changed.

    What a build is about to write counts only after :meth:`commit`. Until then nobody knows what stands in
    the files of these pages, so they are due at the next build whatever it shows.
    """

    path: Path
    _written: dict[str, str] = field(factory=dict)
    """Digest of what each page shows."""
    _due: dict[str, str] = field(factory=dict, init=False)
    _unsure: set[str] = field(factory=set, init=False)

    @classmethod
    def load(cls, path: Path) -> Ledger:
        """Read it; what cannot be read counts as nothing written."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            entries = {page: digest for page, digest in stored.items() if isinstance(digest, str)}
        except (OSError, ValueError, AttributeError):
            entries = {}
        return cls(path, entries)

    def begin(self, digests: Mapping[str, str]) -> list[str]:
        """Take the digests of all pages; return those that have to be written."""
        self._due = dict(digests)
        self._unsure |= {page for page, digest in digests.items() if self._written.get(page) != digest}
        return sorted(self._unsure & self._due.keys())

    @property
    def gone(self) -> list[str]:
        """Pages that were written once and are no more."""
        return sorted((self._written.keys() | self._unsure) - self._due.keys())

    def commit(self) -> None:
        """Everything due has been written. Raises OSError."""
        self._unsure.clear()
        if self._written != self._due:
            self._written = self._due
            part = self.path.with_suffix(".part")
            part.write_text(json.dumps(self._written), encoding="utf-8")
            part.replace(self.path)
