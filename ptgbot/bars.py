"""A bar for work that takes long, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Protocol, TextIO, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_WIDTH = 30
_ERASED = "\r\x1b[K"
"""Empties the line of a terminal."""
_PAUSE = 0.1
"""Seconds between two drawings."""


class _Counted(Iterable[T_co], Sized, Protocol[T_co]):
    """A collection whose length is known before the work."""


def progress(items: _Counted[T], what: str, stream: TextIO | None = None) -> Iterator[T]:
    """Yield the items, and draw on a terminal how many are done. Elsewhere nothing is written.

    The line ends even if the work does not, so that what is said then has a line of its own.

    Args:
        items: what is worked on.
        what: a word for the work, before the bar.
        stream: where to draw; standard error if left out.
    """
    out = stream or sys.stderr
    if not out.isatty():
        yield from items
        return
    total, drawn = len(items), 0.0
    try:
        for number, item in enumerate(items):
            if time.monotonic() - drawn >= _PAUSE:
                drawn = time.monotonic()
                out.write(bar(what, number, total))
                out.flush()
            yield item
        out.write(bar(what, total, total))
    finally:
        out.write("\n")


def write_line(text: str, stream: TextIO) -> None:
    """Write a line; on a terminal it takes the place of a bar."""
    stream.write(f"{_ERASED if stream.isatty() else ''}{text}\n")


def bar(what: str, done: int, total: int) -> str:
    """Return a bar that replaces the one before it in the line."""
    filled = _WIDTH * done // max(total, 1)
    return f"\r{what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}"
