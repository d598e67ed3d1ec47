"""Files that are whole or not there: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType


class Locked(Exception):
    """Another process has the state."""


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


OWNER = 0o600
"""Readable by the bot alone: journals tell what people typed in private."""


def replace_file(path: Path, raw: bytes, sync: Callable[[int], None] = os.fsync, mode: int = OWNER) -> None:
    """Put new contents in a file's place: readers see the old or the new ones whole. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(raw)
            file.flush()
            sync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove what a crash left of :func:`replace_file` for this path. Only the holder of the lock may do so."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
        leftover.unlink(missing_ok=True)


def read_back(path: Path, length: int) -> int:
    """Return how many bytes the disk itself holds, passing the page cache where the system allows it."""
    with path.open("rb") as file:
        with contextlib.suppress(OSError, AttributeError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return len(file.read(length + 1))


class Lock:
    """One process at a time, held by the system: it is free again when the holder ends, however that happens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock. Raises Locked if somebody has it, OSError if the file can't be made."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 32).decode("ascii", "replace").strip()
            os.close(handle)
            raise Locked(
                f"another ptgbot (process {holder or 'unknown'}) works on this state: {self.path} is locked. "
                "Stop it first; two must never write one state."
            ) from error
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._file = handle

    def release(self) -> None:
        """Give the lock up. The file stays: removing it would let two hold it."""
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)
