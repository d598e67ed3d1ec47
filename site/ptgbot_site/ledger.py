"""Which content every page was last written with, and since when it has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from attrs import define, field, frozen


@frozen
class Entry:
    """A page's content: a digest, and when it first had it (UTC)."""

    digest: str
    changed: datetime


@define
class Ledger:
    """Kept beside the doctrees, so that a builder that starts again neither rewrites pages nor dates them
    anew.

    What a build is about to write counts only after :meth:`commit`. Until then nobody knows what stands in
    the files of these pages, so they are due at the next build whatever it shows.
    """

    path: Path
    _written: dict[str, Entry] = field(factory=dict)
    _due: dict[str, Entry] = field(factory=dict, init=False)
    _unsure: set[str] = field(factory=set, init=False)

    @classmethod
    def load(cls, path: Path) -> Ledger:
        """Read it; what cannot be read counts as nothing written."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            entries = {page: Entry(row[0], datetime.fromisoformat(row[1])) for page, row in stored.items()}
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            entries = {}
        return cls(path, entries)

    def begin(self, digests: Mapping[str, str], now: datetime) -> list[str]:
        """Take the digests of all pages; return those that have to be written."""
        self._due = {}
        for page, digest in digests.items():
            known = self._written.get(page)
            self._due[page] = known if known and known.digest == digest else Entry(digest, now)
        self._unsure |= {page for page, entry in self._due.items() if self._written.get(page) != entry}
        return sorted(self._unsure & self._due.keys())

    def changed(self, page: str) -> datetime | None:
        """Return since when a page has the content it is written with."""
        entry = self._due.get(page)
        return entry.changed if entry else None

    def commit(self) -> None:
        """Everything due has been written. Raises OSError."""
        self._unsure.clear()
        if self._written != self._due:
            self._written = self._due
            rows = {page: [entry.digest, entry.changed.isoformat()] for page, entry in self._written.items()}
            part = self.path.with_suffix(".part")
            part.write_text(json.dumps(rows), encoding="utf-8")
            part.replace(self.path)
