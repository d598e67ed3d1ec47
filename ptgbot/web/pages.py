"""Keeps pages in memory, because all browsers that show a page request it at the same moment after a build."""

from __future__ import annotations

import asyncio
from pathlib import Path

from attrs import define, field, frozen

from ptgbot.web.files import find

MOST = 32 * 2**20
"""Most bytes of kept pages; beyond that, the least recently requested are dropped."""
LARGEST = 2 * 2**20
"""Most bytes of a page that is kept."""


@frozen
class Page:
    """A page of one release, ready to be sent."""

    name: str
    """Its name below the site."""
    plain: bytes
    packed: bytes | None
    """The page compressed by gzip (RFC 1952); None if it is too small for that."""
    tag: str
    """Entity tag (RFC 9110, section 8.8.3), without quotes."""

    @property
    def size(self) -> int:
        """Memory for its contents in bytes."""
        return len(self.plain) + len(self.packed or b"")


@define(eq=False)
class Pages:
    """Reads each page of a release once, even if many requests arrive at once. Pages of former releases are dropped."""

    root: Path
    """The link to the current release."""
    most: int = MOST
    _release: str = field(default="", init=False)
    _kept: dict[str, Page] = field(factory=dict, init=False)
    _size: int = field(default=0, init=False)
    _reading: dict[str, asyncio.Task[Page | None]] = field(factory=dict, init=False)

    async def get(self, name: str) -> Page | None:
        """Return the page at an address, None if the address is not a page, does not exist or exceeds ``LARGEST``."""
        if name and not name.endswith((".html", "/")):
            return None
        try:
            release = str(self.root.readlink())
        except OSError:
            return None
        if release != self._release:
            self._release, self._size = release, 0
            self._kept.clear()
            self._reading.clear()
        page = self._kept.pop(name, None)
        if page:
            self._kept[name] = page
            return page
        return await self._read(name)

    async def _read(self, name: str) -> Page | None:
        task = self._reading.get(name)
        if task is None:
            release, reading = self._release, self._reading
            task = reading[name] = asyncio.create_task(asyncio.to_thread(_load, self.root, name), name="read a page")
            task.add_done_callback(lambda done: self._note(release, name, done))
        # One reader who leaves takes nothing from the others.
        return await asyncio.shield(task)

    def _note(self, release: str, name: str, done: asyncio.Task[Page | None]) -> None:
        if release != self._release:
            return
        self._reading.pop(name, None)
        page = None if done.cancelled() or done.exception() else done.result()
        if page:
            self._kept[name] = page
            self._size += page.size
            while self._size > self.most:
                self._size -= self._kept.pop(next(iter(self._kept))).size


def _load(root: Path, name: str) -> Page | None:
    found = find(root, name)
    if found is None or found[0].suffix != ".html":
        return None
    path, inner = found
    try:
        about = path.stat()
        if about.st_size > LARGEST:
            return None
        packed = path.with_name(f"{path.name}.gz")
        content = packed.read_bytes() if packed.exists() else None
        return Page(inner, path.read_bytes(), content, f"{about.st_mtime_ns:x}-{about.st_size:x}")
    except OSError:
        # The release was swept away meanwhile; who asks again gets the current one.
        return None
