"""Server-sent events (HTML Living Standard section 9.2) that tell browsers of new builds."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from ptgbot.serving import MOST_FROM_ONE, MOST_STREAMS

BEAT = 15.0
"""Seconds between two comments that keep a stream alive."""
_CHANCE = random.SystemRandom()
_RETRY = (1000, 3000)
"""Milliseconds after which a browser opens a lost stream again."""


def event_of(about: Mapping[str, Any]) -> bytes:
    """Return the event that tells of a build.

    Args:
        about: the contents of ``build.json``.
    """
    return f"event: build\nid: {about['build']}\ndata: {json.dumps(about)}\n\n".encode()


@define(eq=False)
class Listener:
    """The event stream of one open page. A page that reads slowly is told of the newest build only."""

    _event: bytes = b""
    project: str = ""
    """The project whose builds it tells; empty for the site itself."""
    _news: asyncio.Event = field(factory=asyncio.Event, init=False)
    _closed: bool = field(default=False, init=False)

    def tell(self, event: bytes) -> None:
        """Note a build. Never waits."""
        self._event = event
        self._news.set()

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._news.set()

    async def messages(self, beat: float) -> AsyncIterator[bytes]:
        """Yield the messages of the stream, and a comment after every ``beat`` seconds without a build.

        The first message tells of the present build, so that a page knows whether it has missed one.
        """
        # After a restart not all pages come back in one moment.
        yield b"retry: %d\n\n" % _CHANCE.randint(*_RETRY) + self._take()
        while not self._closed:
            try:
                async with asyncio.timeout(beat):
                    await self._news.wait()
            except TimeoutError:
                yield b": alive\n\n"
                continue
            self._news.clear()
            if event := self._take():
                yield event

    def _take(self) -> bytes:
        event, self._event = self._event, b""
        return event


@define
class Listeners:
    """The event streams of all open pages."""

    most: int = MOST_STREAMS
    most_from_one: int = MOST_FROM_ONE
    refused: int = field(default=0, init=False)
    """Number of streams that were refused."""
    _open: set[Listener] = field(factory=set, init=False)
    _addresses: Counter[str] = field(factory=Counter, init=False)
    _events: dict[str, bytes] = field(factory=dict, init=False)
    """The events of the newest builds, by the path of the project; empty for the site itself."""

    def __len__(self) -> int:
        return len(self._open)

    def admits(self, address: str | None) -> bool:
        """Return whether one more stream may be opened from an address, and count a refusal.

        Args:
            address: the reader's address; None if it is unknown, and therefore not counted.
        """
        full = len(self._open) >= self.most or (address and self._addresses[address] >= self.most_from_one)
        self.refused += bool(full)
        return not full

    @contextmanager
    def listen(self, address: str | None = None, project: str = "") -> Iterator[Listener]:
        """Open a stream of the builds of the site, or of a project below it, while the context lasts."""
        listener = Listener(self._events.get(project, b""), project)
        self._open.add(listener)
        if address:
            self._addresses[address] += 1
        try:
            yield listener
        finally:
            self._open.discard(listener)
            if address:
                self._addresses[address] -= 1
                if not self._addresses[address]:
                    del self._addresses[address]

    def tell(self, about: Mapping[str, Any], project: str = "") -> None:
        """Tell all open pages of the site, or of a project below it, of a build, and those that are opened later."""
        self._events[project] = event = event_of(about)
        for listener in self._open:
            if listener.project == project:
                listener.tell(event)

    def close(self) -> None:
        """End all streams."""
        for listener in self._open:
            listener.close()
