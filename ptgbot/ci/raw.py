"""Keeps events as they came: JSON lines in a file for each day of arrival (UTC), compressed when the day is over.

The running day is a plain file, so that a crash can tear its last line at most.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ptgbot.store.files import sync_folder

_PLAIN: Final = ".jsonl"
_PACKED: Final = ".jsonl.gz"


@frozen
class Kept:
    """An event as it was stored."""

    server: str
    source: str
    """``stream`` or ``rest``."""
    event: Any

    def line(self) -> bytes:
        """Return the line of the file."""
        return json.dumps([self.server, self.source, self.event], separators=(",", ":")).encode() + b"\n"


@frozen
class Position:
    """A place in the stored events: everything before it was read."""

    day: date = date.min
    offset: int = 0
    """Bytes of the plain file of the day."""


@frozen
class Raw:
    """The stored events in a folder."""

    folder: Path

    def append(self, day: date, events: Sequence[Kept]) -> bool:
        """Write events. They are durable when it returns. Return whether they are the first of their day.

        Args:
            day: the day on which they came.
            events: the events, in their order.

        Raises:
            OSError: they cannot be written; none of them counts then.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._plain(day)
        is_new = not path.exists()
        with path.open("ab") as file:
            before = file.tell()
            try:
                file.write(b"".join(event.line() for event in events))
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), before)
                raise
        if is_new:
            sync_folder(self.folder)
        return is_new

    def mend(self) -> int:
        """Remove the torn last line of each plain file. Return how many were torn.

        Raises:
            OSError: a file cannot be read or written.
        """
        torn = 0
        for path in self.folder.glob(f"*{_PLAIN}"):
            raw = path.read_bytes()
            whole = raw.rfind(b"\n") + 1
            if whole < len(raw):
                os.truncate(path, whole)
                torn += 1
        return torn

    def pack(self, today: date) -> None:
        """Compress the files of the days before today.

        Raises:
            OSError: a file cannot be read or written.
        """
        for day in self.days():
            path = self._plain(day)
            if day >= today or not path.exists():
                continue
            if not self._packed(day).exists():
                self._compress(path, self._packed(day))
            path.unlink()
            sync_folder(self.folder)

    def _compress(self, path: Path, packed: Path) -> None:
        part = packed.with_name(f".{packed.name}.part")
        with path.open("rb") as plain, part.open("wb") as file:
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as made:
                shutil.copyfileobj(plain, made)
            file.flush()
            os.fsync(file.fileno())
        part.replace(packed)
        sync_folder(self.folder)

    def days(self) -> list[date]:
        """Return the days with events, in order."""
        names = {path.name.partition(".")[0] for path in self.folder.glob("[0-9]*.jsonl*")}
        return sorted(date.fromisoformat(name) for name in names)

    def read(self, since: Position = Position()) -> Iterator[tuple[Kept, Position]]:
        """Yield the events after a position, each with the position behind it.

        Raises:
            OSError: a file cannot be read, or is damaged.
        """
        for day in self.days():
            if day < since.day:
                continue
            start = since.offset if day == since.day and not self._packed(day).exists() else 0
            at = start
            for line in self._lines(day, start):
                at += len(line)
                if line.endswith(b"\n"):
                    yield Kept(*json.loads(line)), Position(day, at)

    def expire(self, today: date, keep: int) -> bool:
        """Throw away the months whose last day is older than ``keep`` days. Return whether there was one.

        Raises:
            OSError: a file cannot be removed.
        """
        limit = today - timedelta(days=keep)
        old = [day for day in self.days() if _next_month(day) <= limit]
        for day in old:
            self._plain(day).unlink(missing_ok=True)
            self._packed(day).unlink(missing_ok=True)
        return bool(old)

    def _lines(self, day: date, offset: int) -> Iterator[bytes]:
        if self._packed(day).exists():
            with gzip.open(self._packed(day)) as packed:
                yield from packed
        else:
            with self._plain(day).open("rb") as plain:
                plain.seek(offset)
                yield from plain

    def _plain(self, day: date) -> Path:
        return self.folder / f"{day}{_PLAIN}"

    def _packed(self, day: date) -> Path:
        return self.folder / f"{day}{_PACKED}"


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
