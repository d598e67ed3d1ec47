"""The store in files: a journal with its archives, a folder of documents, one of blobs, and a lock as its lease."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from attrs import define, field, frozen

from ptgbot.store.file import journal as journals
from ptgbot.store.file.journal import Journal, encode, lines
from ptgbot.store.file.lock import Lock
from ptgbot.store.files import remove_leftovers, replace_file, sync_folder
from ptgbot.store.store import Body, Contents, Damaged, Fenced, NotWritten, Rewrite, Store, safe

T = TypeVar("T")


@frozen
class Paths:
    """The files of one state, all named after the exported file."""

    export: Path

    @property
    def journal(self) -> Path:
        """The journal: ``ptg.journal.jsonl`` beside ``ptg.json``."""
        return self.export.with_name(f"{self.export.stem}.journal.jsonl")

    @property
    def lock(self) -> Path:
        """The lock: ``ptg.lock``."""
        return self.export.with_name(f"{self.export.stem}.lock")

    @property
    def documents(self) -> Path:
        """The folder of documents: ``ptg.documents``."""
        return self.export.with_name(f"{self.export.stem}.documents")

    @property
    def blobs(self) -> Path:
        """The folder of what adapters keep: ``ptg.blobs``."""
        return self.export.with_name(f"{self.export.stem}.blobs")


@define(eq=False)
class FileStore(Store):
    """A store beside an exported file. Everything that blocks runs in one thread, one call at a time."""

    paths: Paths
    sync: journals.Sync = os.fsync
    notes: list[str] = field(factory=list)
    lock: Lock = field(init=False)
    journal: Journal = field(init=False)
    _thread: ThreadPoolExecutor = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.lock = Lock(self.paths.lock)
        self.journal = Journal(self.paths.journal, 0, self.sync)
        self._thread = ThreadPoolExecutor(1, "store")

    @classmethod
    def beside(cls, export: Path) -> FileStore:
        """Return the store whose exported file that is."""
        return cls(Paths(export))

    async def open(self, *, lead: bool = True) -> Contents | None:
        """Lock and read the journal. A follower reads the same files and leaves them as they are."""
        return await self._in_thread(self._lead if lead else self._follow)

    def _follow(self) -> Contents | None:
        # The journal is replaced by a rename: what is read here is the old file or the new one, whole.
        return journals.read(self.paths.journal) if self.paths.journal.exists() else None

    def _lead(self) -> Contents | None:
        self.lock.acquire()
        try:
            for path in (self.paths.export, self.paths.journal, *journals.archives(self.paths.journal)):
                remove_leftovers(path)
            if not self.paths.journal.exists():
                return None
            contents = journals.read(self.paths.journal)
            self.journal.length = contents.length
            if contents.torn and (aside := self.journal.cut(contents.torn)):
                self.notes.append(
                    f"The last line of {self.paths.journal.name} was cut off while it was written, before anybody was "
                    f"told that it counts; its {len(contents.torn)} bytes are kept in {aside.name}."
                )
        except BaseException:
            self.lock.release()
            raise
        return contents

    def leads(self) -> bool:
        """Say whether the lock is still held, and still the one that others would ask for."""
        return self.lock.held()

    @property
    def epoch(self) -> int:
        """Number of the leadership, counted in the lock file."""
        return self.lock.epoch

    @property
    def size(self) -> int:
        """Bytes of the journal."""
        return self.journal.length

    def _check(self) -> None:
        if not self.leads():
            raise Fenced(f"{self.paths.lock} is not held any more: somebody removed it or another ptgbot has it")

    async def append(self, batch: Body) -> int:
        """Write a line and wait until the disk has it."""

        def call() -> int:
            self._check()
            try:
                self.journal.append(encode(batch))
            except (TypeError, ValueError) as error:
                raise NotWritten(repr(error)) from error
            position: int = batch["seq"]
            return position

        return await self._in_thread(call)

    async def read(self, position: int) -> Sequence[Body]:
        """Return the batches behind a position, from as many archives as that takes."""
        return await self._in_thread(lambda: self._read(position))

    def _read(self, position: int) -> Sequence[Body]:
        found: dict[int, Body] = {}
        for path in (self.paths.journal, *reversed(journals.archives(self.paths.journal))):
            contents = journals.read(path)
            found = {**{body["seq"]: body for body in contents.batches}, **found}
            if contents.checkpoint["seq"] <= position:
                break
        return [found[seq] for seq in sorted(found) if seq > position]

    async def rotate(self, contents: Contents, at_most: int | None = None) -> bool:
        """Write a new journal aside and let it take the name of the old one, which stays as an archive."""

        def call() -> bool:
            self._check()
            raw = lines(contents)
            if at_most is not None and len(raw) > at_most:
                return False
            if self.paths.journal.exists():
                self.journal.keep()
            self.journal.replace(raw)
            return True

        return await self._in_thread(call)

    async def archives(self, *, oldest: bool = False) -> AsyncIterator[Contents]:
        """Yield the rotated files."""
        paths = await self._in_thread(lambda: journals.archives(self.paths.journal))
        for path in paths if oldest else reversed(paths):
            try:
                contents = await self._in_thread(functools.partial(journals.read, path))
            except Damaged as error:
                self.notes.append(f"An archive was passed over: {error}")
            else:
                yield contents

    async def scrub(self, rewrite: Rewrite, contents: Contents) -> list[str]:
        """Rewrite the archives and the journal, and remove what was cut off."""

        def call() -> list[str]:
            self._check()
            raw = lines(contents)
            self.journal.keep()
            problems = [problem for path in journals.archives(self.paths.journal) if (problem := _scrub(path, rewrite))]
            self.journal.replace(raw)
            self.paths.journal.with_suffix(".torn").unlink(missing_ok=True)
            return problems

        return await self._in_thread(call)

    async def put_document(self, name: str, raw: bytes) -> None:
        """Write a file into the folder of documents, and wait until the disk has both."""
        await self._in_thread(lambda: self._put(self.paths.documents, name, raw))

    async def get_document(self, name: str) -> bytes:
        """Read a file of the folder of documents."""
        raw = await self._in_thread(lambda: _get(self.paths.documents / safe(name)))
        if raw is None:
            raise KeyError(name)
        return raw

    async def keep_documents(self, names: frozenset[str]) -> None:
        """Remove all other files of the folder, also half-written ones."""

        def call() -> None:
            self._check()
            if self.paths.documents.is_dir():
                for path in self.paths.documents.iterdir():
                    if path.name not in names:
                        path.unlink()
                sync_folder(self.paths.documents)

        await self._in_thread(call)

    async def put_blob(self, name: str, raw: bytes) -> None:
        """Write a file into the folder of blobs."""
        await self._in_thread(lambda: self._put(self.paths.blobs, name, raw))

    async def get_blob(self, name: str) -> bytes | None:
        """Read a file of the folder of blobs."""
        return await self._in_thread(lambda: _get(self.paths.blobs / safe(name)))

    def _put(self, folder: Path, name: str, raw: bytes) -> None:
        self._check()
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            sync_folder(folder.parent)
        replace_file(folder / safe(name), raw, self.sync)

    async def close(self) -> None:
        """Wait for the last write, close the files and give the lock up."""
        await self._in_thread(self.abandon)
        self._thread.shutdown()

    def abandon(self) -> None:
        """Let go of files and lock at once, as the system does when the process is killed."""
        self.journal.close()
        self.lock.release()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        # Shielded: a cancelled waiter must not make a write that happened look as if it had not.
        task = asyncio.ensure_future(asyncio.get_running_loop().run_in_executor(self._thread, call))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await task
            raise


def _scrub(path: Path, rewrite: Rewrite) -> str:
    """Rewrite an archive; return why that can't be done, nothing if it was."""
    try:
        contents = journals.read(path)
    except Damaged as error:
        return f"{path.name} is damaged and was left as it is: {error}"
    replace_file(path, lines(rewrite(contents)))
    return ""


def _get(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
