"""The engine in files: a journal with archives, a folder of documents, a folder of blobs, and a lock as its lease."""

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
from ptgbot.store.files import check_folder, remove_leftovers, replace_file, sync_folder
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
        """The folder of the adapters' blobs: ``ptg.blobs``."""
        return self.export.with_name(f"{self.export.stem}.blobs")


@define(eq=False)
class FileStore(Store):
    """A store beside an exported file. Blocking calls run in one thread, one at a time."""

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
        """Return the store beside an exported file."""
        return cls(Paths(export))

    async def open(self, *, lead: bool = True) -> Contents | None:
        """Lock and read the journal. A follower reads the same files without locking or changing them.

        Raises:
            Locked: another process leads.
            Damaged: a line before the last is not what was written.
            Newer: a later version wrote it.
            OSError: a file cannot be read.
        """
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
            self.journal.check_writable()
            check_folder(self.paths.export.parent)
        except BaseException:
            self.lock.release()
            raise
        return contents

    def leads(self) -> bool:
        """Say whether the lock is held and its file is still the one that other processes would lock."""
        return self.lock.held()

    @property
    def epoch(self) -> int:
        """Number of the leadership, counted in the lock file."""
        return self.lock.epoch

    @property
    def size(self) -> int:
        """Size of the journal in bytes."""
        return self.journal.length

    def _check(self) -> None:
        if not self.leads():
            raise Fenced(f"{self.paths.lock} is not held any more: somebody removed it or another ptgbot has it")

    async def append(self, batch: Body) -> int:
        """Write a line and wait until the disk has it. Return its position.

        Raises:
            NotWritten: the line is not in the journal.
            Fenced: another process leads by now.
        """

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
        """Return the batches after a position, from as many archives as needed.

        Raises:
            Damaged: a line is not what was written.
            OSError: a file cannot be read.
        """
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
        """Write a new journal aside and rename it to the name of the old one, which stays as an archive.

        Raises:
            Fenced: another process leads by now.
            OSError: it could not be written; the old journal stays in use.
        """

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
        """Yield the rotated files; damaged ones are skipped and named in ``notes``."""
        paths = await self._in_thread(lambda: journals.archives(self.paths.journal))
        for path in paths if oldest else reversed(paths):
            try:
                contents = await self._in_thread(functools.partial(journals.read, path))
            except Damaged as error:
                self.notes.append(f"An archive was passed over: {error}")
            else:
                yield contents

    async def scrub(self, rewrite: Rewrite, contents: Contents) -> list[str]:
        """Rewrite the archives and the journal, and remove the file of torn lines.

        Raises:
            Fenced: another process leads by now.
            OSError: a file could not be written.
        """

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
        """Write a file into the folder of documents, and wait until the disk has file and folder.

        Raises:
            Fenced: another process leads by now.
            ValueError: the name is unsafe.
            OSError: it could not be written.
        """
        await self._in_thread(lambda: self._put(self.paths.documents, name, raw))

    async def get_document(self, name: str) -> bytes:
        """Read a file in the folder of documents.

        Raises:
            KeyError: there is no such file.
            ValueError: the name is unsafe.
            OSError: it cannot be read.
        """
        raw = await self._in_thread(lambda: _get(self.paths.documents / safe(name)))
        if raw is None:
            raise KeyError(name)
        return raw

    async def keep_documents(self, names: frozenset[str]) -> None:
        """Remove all other files in the folder, including half-written ones.

        Raises:
            Fenced: another process leads by now.
            OSError: a file cannot be removed.
        """

        def call() -> None:
            self._check()
            if self.paths.documents.is_dir():
                for path in self.paths.documents.iterdir():
                    if path.name not in names:
                        path.unlink()
                sync_folder(self.paths.documents)

        await self._in_thread(call)

    async def put_blob(self, name: str, raw: bytes) -> None:
        """Write a file into the folder of blobs.

        Raises:
            Fenced: another process leads by now.
            ValueError: the name is unsafe.
            OSError: it could not be written.
        """
        await self._in_thread(lambda: self._put(self.paths.blobs, name, raw))

    async def get_blob(self, name: str) -> bytes | None:
        """Read a file in the folder of blobs, None if there is none.

        Raises:
            ValueError: the name is unsafe.
            OSError: it cannot be read.
        """
        return await self._in_thread(lambda: _get(self.paths.blobs / safe(name)))

    def _put(self, folder: Path, name: str, raw: bytes) -> None:
        self._check()
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            sync_folder(folder.parent)
        replace_file(folder / safe(name), raw, self.sync)

    async def close(self) -> None:
        """Wait for the last write, close the files and release the lock."""
        await self._in_thread(self.abandon)
        self._thread.shutdown()

    def abandon(self) -> None:
        """Close the files and release the lock at once, as the system does when a process is killed."""
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
    """Rewrite an archive; return the reason if that is impossible, else the empty string."""
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
