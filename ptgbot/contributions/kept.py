"""Keeps the newest snapshot open between requests: to open it takes longer than to answer most of them."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Generic, TypeVar

from attrs import define, field

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.snapshots import current_snapshot

T = TypeVar("T")
_IDLE: Final = 60.0
_MEMORY: Final = 100
"""Most megabytes that the engine takes; its one thread leaves a processor to the chat."""


@define(eq=False)
class _Opened:
    path: Path
    database: Duck
    users: int = 0
    _spare: list[Duck] = field(factory=list, init=False)

    @contextmanager
    def connection(self) -> Iterator[Duck]:
        """Return a context with a connection that nobody else uses. It is kept: to prepare one takes long, too."""
        try:
            found = self._spare.pop()
        except IndexError:
            found = self.database.further()
            found.prepare_old()
        try:
            yield found
        finally:
            self._spare.append(found)

    def close(self) -> None:
        """Close the connections and the database."""
        for one in (*self._spare, self.database):
            one.close()


@define(eq=False)
class Kept(Generic[T]):
    """The newest snapshot of one folder, opened once, and what is known of it. Several threads may read at a time.

    It is closed when nobody has read for a while, or when there is a newer one and the last reader has left.
    """

    know: Callable[[Duck, Path, Path], T]
    """Returns what is asked of each snapshot once: of an open one, its file, and the folder of the bulk storage."""
    idle: float = _IDLE
    """Seconds after the last reader until it is closed."""
    _opened: _Opened | None = field(default=None, init=False)
    _known: tuple[Path, T] | None = field(default=None, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _closing: threading.Timer | None = field(default=None, init=False)

    @property
    def path(self) -> Path | None:
        """The file that is open, None if none is."""
        return self._opened.path if self._opened else None

    @contextmanager
    def reading(self, folder: Path) -> Iterator[tuple[Duck, T] | None]:
        """Return a context with a connection to the newest snapshot and what is known of it; None if there is none yet.

        The connection understands the questions of old addresses.

        Args:
            folder: the folder of the feature's bulk storage.

        Raises:
            OSError: the snapshot cannot be read.
            Unusable: it is damaged.
        """
        path = current_snapshot(folder)
        if path is None:
            yield None
            return
        opened, known = self._taken(path, folder)
        try:
            with opened.connection() as connection:
                yield connection, known
        finally:
            self._left(opened)

    def close(self) -> None:
        """Close the snapshot, unless it is being read."""
        with self._lock:
            if self._opened and not self._opened.users:
                self._opened.close()
                self._opened = None
                atexit.unregister(self.close)

    def _taken(self, path: Path, folder: Path) -> tuple[_Opened, T]:
        with self._lock:
            if self._closing:
                self._closing.cancel()
            before = self._opened
            if before is None or before.path != path:
                if before is None:
                    # What is open at the end of the program would be told of as a leak.
                    atexit.register(self.close)
                self._opened = _Opened(path, Duck(path, read_only=True, memory=_MEMORY, threads=1))
                if before and not before.users:
                    before.close()
            assert self._opened
            if self._known is None or self._known[0] != path:
                self._known = (path, self.know(self._opened.database, path, folder))
            self._opened.users += 1
            return self._opened, self._known[1]

    def _left(self, opened: _Opened) -> None:
        with self._lock:
            opened.users -= 1
            if opened.users:
                return
            if opened is not self._opened:
                opened.close()
                return
            self._closing = threading.Timer(self.idle, self.close)
            self._closing.daemon = True
            self._closing.start()
