"""Keeps files in memory, because all browsers that show a page request it at the same moment after a build."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field, frozen

from ptgbot.web.encoding import IDENTITY
from ptgbot.web.files import find

MOST = 32 * 2**20
"""Most bytes of kept files; beyond that, the least recently requested are dropped."""
LARGEST = 2 * 2**20
"""Most bytes of a file that is kept."""
SUFFIXES: Mapping[str, str] = {IDENTITY: "", "gzip": ".gz", "br": ".br"}
"""Suffixes of the forms of a file, by their content codings."""


@frozen
class Page:
    """A file of one release, ready to be sent."""

    name: str
    """Its name below the site."""
    build: str
    """Number of its release."""
    forms: Mapping[str, bytes]
    """Its contents by content coding; always as it is, and compressed if that was worth it."""
    tag: str
    """Entity tag (RFC 9110, section 8.8.3), without quotes."""

    @property
    def plain(self) -> bytes:
        """Its contents as they are."""
        return self.forms[IDENTITY]

    @property
    def size(self) -> int:
        """Memory for its contents in bytes."""
        return sum(map(len, self.forms.values()))


@define(eq=False)
class Pages:
    """Reads each file of a release once, even if many requests arrive at once. Files of former releases are dropped."""

    root: Path
    """The link to the current release."""
    most: int = MOST
    _release: str = field(default="", init=False)
    _kept: dict[str, Page] = field(factory=dict, init=False)
    _size: int = field(default=0, init=False)
    _reading: dict[str, asyncio.Task[Page | None]] = field(factory=dict, init=False)

    async def get(self, name: str) -> Page | None:
        """Return the file at an address, None if there is no file or it exceeds ``LARGEST``."""
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
            load = asyncio.to_thread(_load, self.root, name, Path(release).name)
            task = reading[name] = asyncio.create_task(load, name="read a page")
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


def _load(root: Path, name: str, release: str) -> Page | None:
    found = find(root, name)
    if found is None:
        return None
    path, inner = found
    try:
        about = path.stat()
        if about.st_size > LARGEST:
            return None
        build = path.parents[inner.count("/")].name
        if not build.isdecimal():
            # A finished page is in no release.
            build = release
        forms = {coding: form.read_bytes() for coding, form in forms_of(path).items()}
        return Page(inner, build, forms, f"{about.st_mtime_ns:x}-{about.st_size:x}")
    except OSError:
        # The release was swept away meanwhile; who asks again gets the current one.
        return None


def forms_of(path: Path) -> dict[str, Path]:
    """Return the forms in which a file is there, by content coding."""
    forms = {coding: path.with_name(f"{path.name}{suffix}") for coding, suffix in SUFFIXES.items()}
    return {coding: form for coding, form in forms.items() if coding == IDENTITY or form.is_file()}
