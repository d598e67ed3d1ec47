"""Remembers on the disk what a site shows, so that no builder is started to make the same pages again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import define, field

from ptgbot.projection import Shown

_TRANSIENT = (".pyc", "-shm", "-wal", ".part")
"""Ends of the names of files that change without a change of what they stand for, those of SQLite among them."""


@define(eq=False)
class ShownBefore:
    """A digest of what the last complete build showed: slices, zone, configuration, and the code of the pages."""

    path: Path
    """File of the digest."""
    told: str
    """The configuration of the pages."""
    brought: Sequence[Path] = ()
    """Folders of the code that makes the pages."""
    bulk: Path | None = None
    """Folder of bulk storage that the pages show: a command may have written there while no bot ran."""
    _code: str | None = field(default=None, init=False)

    def holds(self, shown: Shown) -> bool:
        """Say whether the site on the disk shows these slices."""
        try:
            return self.path.read_text("ascii") == self._digest(shown)
        except (OSError, ValueError):
            return False

    def put(self, shown: Shown) -> None:
        """Note that the site shows these slices.

        Raises:
            OSError: the file cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(self._digest(shown), "ascii")
        part.replace(self.path)

    def _digest(self, shown: Shown) -> str:
        if self._code is None:
            self._code = _states(self.brought)
        stored = stored_in(self.bulk) if self.bulk else ""
        whole = [shown.zone, self.told, self._code, stored, {**shown.slices}, {**shown.touched}]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def stored_in(bulk: Path) -> str:
    """Return a text that changes when a file directly in a folder of bulk storage does."""
    return _states([*bulk.glob("*")], deep=False)


def _states(folders: Iterable[Path], *, deep: bool = True) -> str:
    """Return the names, sizes and modification times of the files in folders, with those in folders below if deep."""
    found = (path for folder in folders for path in (folder.rglob("*") if deep else folder.glob("*")))
    files = sorted(path for path in found if path.is_file() and not path.name.endswith(_TRANSIENT))
    states = ((path, path.stat()) for path in files)
    return "\n".join(f"{path} {about.st_size} {about.st_mtime_ns}" for path, about in states)
