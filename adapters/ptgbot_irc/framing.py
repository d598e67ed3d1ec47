"""Bytes to lines, with a bound: no line of a server can fill our memory or end the reader."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define

MAX_LINE = 8191 + 512
"""Bytes of the longest line a server may send: tags (message-tags specification) and the rest (RFC 1459)."""


@define
class LineBuffer:
    """Cuts a stream at LF; a line longer than ``limit`` is skipped up to its end and counted."""

    limit: int = MAX_LINE
    skipped: int = 0
    _rest: bytes = b""
    _skipping: bool = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the complete lines in order, without CR LF, without empty ones."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest
        for line in lines:
            skip, self._skipping = self._skipping, False
            if skip:
                continue
            if len(line) > self.limit:
                self.skipped += 1
            elif line := line.strip(b"\r"):
                yield line
        if len(self._rest) > self.limit:
            self.skipped += not self._skipping
            self._skipping = True
            self._rest = b""
