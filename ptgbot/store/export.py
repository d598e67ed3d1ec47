"""The exported file: written from committed state, known again by its digest, understood when edited by hand."""

from __future__ import annotations

import hashlib
import stat
from datetime import datetime
from pathlib import Path
from typing import Protocol

from attrs import frozen

from ptgbot.store.edits import Edit, Tree
from ptgbot.store.files import replace_file

READABLE = 0o644
"""Other programs read the exported file."""


class Unreadable(Exception):
    """The file does not hold what it should; the message names the place."""


class Format(Protocol):
    """How a feature's part of the state looks in the exported file."""

    @property
    def feature(self) -> str:
        """Name of the feature whose part it is."""

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the file's contents for a state as of a moment; ``changed`` is when it changed last."""

    def parse(self, raw: bytes) -> Tree:
        """Return the state that a file's contents tell of. Raises Unreadable."""

    def stamped(self, raw: bytes) -> datetime | None:
        """Return the moment at which a file says it was written, None where it does not say. Raises Unreadable."""

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another."""


def digest(raw: bytes) -> str:
    """Return the name under which a file's contents are remembered."""
    return hashlib.sha256(raw).hexdigest()


@frozen
class ExportFile:
    """The file beside the journal that others read and may edit while the bot is away."""

    path: Path
    format: Format

    def read(self) -> bytes | None:
        """Return what it holds, None where there is none. Raises OSError."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, raw: bytes) -> None:
        """Put new contents in place; who may read the file stays as it is. Raises OSError."""
        mode = stat.S_IMODE(self.path.stat().st_mode) if self.path.exists() else READABLE
        replace_file(self.path, raw, mode=mode)

    def put_aside(self, why: str, at: datetime) -> Path:
        """Rename the file so that nothing in it is lost. Returns its new name. Raises OSError."""
        name = f"{self.path.name}.{why}-{at:%Y%m%d-%H%M%S}"
        others = (self.path.with_name(f"{name}-{n}") for n in range(2, 1000))
        target = self.path.with_name(name)
        while target.exists():
            target = next(others)
        return self.path.rename(target)
