"""A lock file that admits one process at a time: the lease of the file store."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from ptgbot.store.store import Locked


class Lock:
    """A lock held through the system (``flock(2)``), so that it is free again however its holder ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.epoch = 0
        self._file = -1

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock and raise its epoch by one.

        Raises:
            Locked: another process has the lock.
            OSError: the file cannot be made or written.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = (os.read(handle, 32).decode("ascii", "replace").split() or [""])[0]
            os.close(handle)
            raise Locked(
                f"another ptgbot (process {holder or 'unknown'}) works on this state: {self.path} is locked. "
                "Stop it first; two must never write one state."
            ) from error
        former = os.read(handle, 64).split()
        self.epoch = int(former[1]) + 1 if len(former) > 1 and former[1].isdigit() else 1
        try:
            self._sign(handle)
        except OSError as error:
            os.close(handle)
            raise OSError(error.errno, error.strerror, str(self.path)) from error
        self._file = handle

    def _sign(self, handle: int) -> None:
        """Write our process and the epoch. Cut afterwards, because a full disk must not take the former epoch away."""
        text = f"{os.getpid()}\n{self.epoch}\n".encode()
        os.pwrite(handle, text, 0)
        os.ftruncate(handle, len(text))

    def held(self) -> bool:
        """Say whether this process still has the lock, and the file was not removed or replaced."""
        if self._file < 0:
            return False
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._file))  # noqa: PTH116 - called for every send
        except OSError:
            return False

    def release(self) -> None:
        """Release the lock. The file stays, because removing it would let two processes hold a lock."""
        self.epoch = 0
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)
