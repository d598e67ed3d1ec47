"""Cuts received bytes into lines. Memory is bounded, however long a line the server sends."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define

MAX_LINE = 8191 + 512
"""Bytes of the longest line a server may send: tags (message-tags specification) and the rest (RFC 1459)."""


@define
class LineBuffer:
    """Splits a stream at LF. A line longer than ``limit`` bytes is skipped up to its end and counted in ``skipped``.

    RFC 1459 section 2.3 demands CR LF; like most programs, this accepts a bare LF.
    """

    limit: int = MAX_LINE
    skipped: int = 0
    _rest: bytes = b""
    _skipping: bool = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take received bytes and yield the lines that are complete by now, without CR LF and without empty lines."""
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
