"""The exported file: written from committed state, recognised by its digest, and imported when edited by hand."""

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
    """A file or document does not hold what it should. The message names the place."""


class Format(Protocol):
    """The form of a feature's part of the state in the exported file."""

    @property
    def feature(self) -> str:
        """Name of the feature."""

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the contents of the file.

        Args:
            tree: the feature's part of the state.
            at: the moment of the export (UTC); places that follow the schedule are those of this moment.
            changed: the moment of the last change (UTC).
        """

    def parse(self, raw: bytes) -> Tree:
        """Return the feature's part of the state from the contents of the file.

        Raises:
            Unreadable: the contents have not the right shape.
        """

    def stamped(self, raw: bytes) -> datetime | None:
        """Return the moment at which the file says it was written, None if it does not say.

        Raises:
            Unreadable: the contents are not JSON.
        """

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another."""


def digest(raw: bytes) -> str:
    """Return the SHA-256 of a file's contents, by which the file is recognised."""
    return hashlib.sha256(raw).hexdigest()


@frozen
class ExportFile:
    """The file beside the journal that others read, and may edit while the bot is stopped."""

    path: Path
    format: Format

    def read(self) -> bytes | None:
        """Return the contents, None if there is no file.

        Raises:
            OSError: the file cannot be read.
        """
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, raw: bytes) -> None:
        """Replace the contents as a whole and keep the file's permissions.

        Raises:
            OSError: the file cannot be written; the old contents stay.
        """
        mode = stat.S_IMODE(self.path.stat().st_mode) if self.path.exists() else READABLE
        replace_file(self.path, raw, mode=mode)

    def put_aside(self, why: str, at: datetime) -> Path:
        """Rename the file so that its contents are kept. Return its new path.

        Raises:
            OSError: the file cannot be renamed.
        """
        name = f"{self.path.name}.{why}-{at:%Y%m%d-%H%M%S}"
        others = (self.path.with_name(f"{name}-{n}") for n in range(2, 1000))
        target = self.path.with_name(name)
        while target.exists():
            target = next(others)
        return self.path.rename(target)
