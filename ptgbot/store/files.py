"""Files that are replaced as a whole: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable.

    Raises:
        OSError: the folder cannot be opened or synced.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


OWNER = 0o600
"""Readable by the bot alone: journals tell what people typed in private."""


def replace_file(path: Path, raw: bytes, sync: Callable[[int], None] = os.fsync, mode: int = OWNER) -> None:
    """Replace a file as a whole and durably: readers see the old or the new contents, never a part.

    Raises:
        OSError: the file was not replaced, or its folder could not be synced.
    """
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


def check_folder(folder: Path) -> None:
    """Make sure that files in a folder can be replaced, by making a file there and removing it.

    Raises:
        OSError: no file can be made there; ``filename`` is the folder.
    """
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=".ptgbot-check.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
    os.close(handle)
    os.unlink(name)


def remove_leftovers(path: Path) -> None:
    """Remove temporary files that a crash in :func:`replace_file` left for this path.

    Call it only while holding the lock.

    Raises:
        OSError: a file cannot be removed.
    """
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
        leftover.unlink(missing_ok=True)


def read_back(path: Path, length: int) -> int:
    """Return how many bytes of a file can be read, at most ``length`` + 1. Bypasses the page cache where possible.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        with contextlib.suppress(OSError, AttributeError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return len(file.read(length + 1))
