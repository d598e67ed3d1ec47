"""Server-sent events (HTML Living Standard section 9.2) that tell browsers of new builds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager

from attrs import define, field

MOST_CLIENTS = 2000
"""Most open event streams; further pages poll instead."""
BEAT = 15.0
"""Seconds between two comments that keep a stream alive."""


@define(eq=False)
class Listener:
    """The event stream of one open page. Builds that the page has not read yet are merged into one message."""

    _build: int | None = None
    _pages: set[str] = field(factory=set)
    _news: asyncio.Event = field(factory=asyncio.Event)
    _closed: bool = False

    def tell(self, build: int, pages: Iterable[str]) -> None:
        """Note a build and its changed pages. Never waits."""
        self._build = build
        self._pages.update(pages)
        self._news.set()

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._news.set()

    async def messages(self, beat: float) -> AsyncIterator[bytes]:
        """Yield the messages of the stream, and a comment after every ``beat`` seconds without a build."""
        yield b"retry: 2000\n\n"
        while not self._closed:
            try:
                async with asyncio.timeout(beat):
                    await self._news.wait()
            except TimeoutError:
                yield b": alive\n\n"
                continue
            self._news.clear()
            if self._build is not None:
                news = {"build": self._build, "pages": sorted(self._pages)}
                self._build = None
                self._pages.clear()
                yield f"event: build\nid: {news['build']}\ndata: {json.dumps(news)}\n\n".encode()


@define
class Listeners:
    """The event streams of all open pages."""

    most: int = MOST_CLIENTS
    _open: set[Listener] = field(factory=set)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def is_full(self) -> bool:
        """Whether the largest number of streams is open."""
        return len(self._open) >= self.most

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """Open a stream while the context lasts."""
        listener = Listener()
        self._open.add(listener)
        try:
            yield listener
        finally:
            self._open.discard(listener)

    def tell(self, build: int, pages: Iterable[str]) -> None:
        """Tell all open pages of a build and its changed pages."""
        told = tuple(pages)
        for listener in self._open:
            listener.tell(build, told)

    def close(self) -> None:
        """End all streams."""
        for listener in self._open:
            listener.close()
