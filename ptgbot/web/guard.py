"""Drops connections of readers that are too slow, or that never send a whole request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from attrs import define, field

PATIENCE = 10.0
"""Seconds in which a whole request must have arrived after a connection or its first byte."""
STALLED = 30.0
"""Seconds after which a connection that takes no bytes is dropped."""


@define(eq=False)
class Guard(asyncio.Protocol):
    """Stands between a connection and the protocol that reads its requests."""

    inner: asyncio.Protocol
    patience: float = PATIENCE
    stalled: float = STALLED
    _transport: asyncio.Transport | None = field(default=None, init=False)
    _reading: asyncio.TimerHandle | None = field(default=None, init=False)
    _writing: asyncio.TimerHandle | None = field(default=None, init=False)
    _answering: bool = field(default=False, init=False)

    def begin(self) -> None:
        """Note that a whole request has arrived."""
        self._answering = True
        self._stop_reading()

    def end(self) -> None:
        """Note that the request has been answered."""
        self._answering = False

    def _later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, call)

    def _drop(self) -> None:
        if self._transport:
            self._transport.abort()

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading.cancel()
            self._reading = None

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing.cancel()
            self._writing = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request."""
        self._transport = cast("asyncio.Transport", transport)
        self._reading = self._later(self.patience, self._drop)
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on bytes. The first ones after an answer begin a request."""
        if self._reading is None and not self._answering:
            self._reading = self._later(self.patience, self._drop)
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on the end of the reader's side."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Note that the reader takes no more bytes for now."""
        self._writing = self._later(self.stalled, self._drop)
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Note that the reader takes bytes again."""
        self._stop_writing()
        self.inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on the end of the connection."""
        self._stop_reading()
        self._stop_writing()
        self._transport = None
        self.inner.connection_lost(exc)
