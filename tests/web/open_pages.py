"""Many people who have a page open: ``python open_pages.py PORT PEOPLE LAST [POLLERS]``.

Each loads the page, listens for builds and loads it again when it is among those that changed, as its script does: one
at a time, and once more where another build came meanwhile. Pollers request ``build.json`` instead of listening. By
bare connections, since a thousand clients of a library would be most of what is measured. Prints ``ready`` when all
are open, then one line of JSON when all have seen the topic ``number LAST``: for each person the time at which each
number was there first, and how many connections were lost.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from attrs import define, field

PAGE = "index.html"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_NUMBER = re.compile(rb"number (\d+)")


POLL, QUIET, GROWTH = 1.5, 6.0, 1.2
"""Seconds between two polls at first and at most, and how they grow while nothing changes; as in ``live.js``."""


@define
class Person:
    """One open page: a connection that listens, and one that loads."""

    port: int
    last: int
    seen: dict[int, float] = field(factory=dict)
    loads: int = 0
    lost: int = 0
    listening: asyncio.Event = field(factory=asyncio.Event)
    done: asyncio.Event = field(factory=asyncio.Event)
    _due: asyncio.Event = field(factory=asyncio.Event)
    _build: int = 0

    async def read(self) -> None:
        """Keep the page up to date until the last number was there."""
        loading, listening = asyncio.create_task(self._load()), asyncio.create_task(self._listen())
        await self.done.wait()
        listening.cancel()
        loading.cancel()

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"retry:"):
                self.listening.set()
                self._due.set()
            elif line.startswith(b"data: ") and self._is_news(json.loads(line[6:])):
                self._due.set()
        self.lost += 1

    def _is_news(self, about: dict[str, Any]) -> bool:
        """Say whether the page has changed, as its script does."""
        known, self._build = self._build, about["build"]
        return bool(about["since"] > known or about["pages"].get(PAGE, 0) > known)

    async def _load(self) -> None:
        async for body in self._requests(b"/", self._due.wait):
            self._due.clear()
            self.loads += 1
            if found := _NUMBER.search(body):
                self.seen.setdefault(int(found[1]), time.time())
                if int(found[1]) == self.last:
                    self.done.set()

    async def _requests(self, path: bytes, until: Callable[[], Awaitable[object]]) -> AsyncIterator[bytes]:
        """Request a path over one connection, each time after waiting. Yield the answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while True:
            await until()
            writer.write(b"GET %b HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" % path)
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                assert length
                body = await reader.readexactly(int(length[1]))
            except (asyncio.IncompleteReadError, ConnectionError):
                self.lost += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                continue
            yield gzip.decompress(body) if b"gzip" in head else body


@define
class Poller(Person):
    """One open page that polls."""

    _pause: float = POLL

    async def _listen(self) -> None:
        self.listening.set()
        self._due.set()
        async for body in self._requests(b"/build.json", self._rest):
            if self._is_news(json.loads(body)):
                self._pause = POLL
                self._due.set()
            else:
                self._pause = min(self._pause * GROWTH, QUIET)

    async def _rest(self) -> None:
        await asyncio.sleep(self._pause * random.uniform(0.75, 1.25))


async def main(port: int, people: int, last: int, pollers: int = 0) -> None:
    """Open all pages and follow them."""
    everybody = [Person(port, last) for _ in range(people)] + [Poller(port, last) for _ in range(pollers)]
    tasks = [asyncio.create_task(one.read()) for one in everybody]
    for one in everybody:
        await one.listening.wait()
    print("ready", flush=True)
    await asyncio.gather(*tasks)
    said = {"seen": [one.seen for one in everybody], "lost": sum(one.lost for one in everybody)}
    print(json.dumps({**said, "loads": sum(one.loads for one in everybody)}), flush=True)


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    asyncio.run(main(*map(int, sys.argv[1:])))
