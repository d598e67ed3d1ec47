"""Remembers on the disk what a site shows, so that no builder is started to make the same pages again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import define, field

from ptgbot.projection import Shown


@define(eq=False)
class ShownBefore:
    """A digest of what the last complete build showed: slices, zone, configuration, and the code of the pages."""

    path: Path
    """File of the digest."""
    told: str
    """The configuration of the pages."""
    brought: Sequence[Path] = ()
    """Folders of the code that makes the pages."""
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
        whole = [shown.zone, self.told, self._code, {**shown.slices}, {**shown.touched}]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _states(folders: Iterable[Path]) -> str:
    """Return the names, sizes and modification times of all files in folders."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    states = ((path, path.stat()) for path in files if path.suffix != ".pyc")
    return "\n".join(f"{path} {about.st_size} {about.st_mtime_ns}" for path, about in states)
