"""Writes the state: batches, exports, rotation and forgetting, one at a time, in a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import attrs
from attrs import define, field

from ptgbot.store import journal as journals
from ptgbot.store.edits import Tree
from ptgbot.store.export import ExportFile, digest
from ptgbot.store.files import Lock, replace_file
from ptgbot.store.journal import Damaged, NotWritten, encode
from ptgbot.store.record import Batch, Export, scrub_tree
from ptgbot.store.state import StoredState

T = TypeVar("T")
Places = Sequence[tuple[str, ...]]


@define
class Keeper:
    """Everything that writes goes through here, so that two writes never meet."""

    state: StoredState
    file: ExportFile
    lock: Lock
    rotate_at: int = 4_000_000
    """Bytes of journal from which on it is rotated, if a new one would be less than half as long."""
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _exporting: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _thread: ThreadPoolExecutor = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "journal")

    async def commit(self, batch: Batch) -> None:
        """Write a batch whose edits are in the working state. Raises NotWritten, having taken them back."""
        async with self._turn:
            await self._commit(batch)

    async def export(self, at: datetime) -> str | None:
        """Bring the exported file up to date. Returns the name of a file that somebody edited meanwhile.

        Raises NotWritten where the journal, OSError where the file could not be written.
        """
        async with self._exporting:
            return await self._export(at)

    async def rotate(self) -> bool:
        """Start a new journal where this one has grown long. Raises OSError, leaving the old one in use."""
        async with self._turn:
            if self.state.journal.length < self.rotate_at or self.state.unfinished:
                return False
            lines = await self._in_thread(self.state.snapshot().render)
            if sum(map(len, lines)) * 2 > self.state.journal.length:
                return False
            await self._in_thread(lambda: self._replace(lines))
            return True

    async def forget(self, key: str, places: Places, at: datetime) -> list[str]:
        """Take a person out of state and files. Returns sentences about files that could not be rewritten.

        Raises NotWritten where nothing happened; OSError where it will be finished at the next start.
        """
        async with self._exporting, self._turn:
            marker = {"key": key, "places": [list(place) for place in places]}
            await self._commit(Batch(self.state.seq + 1, forget=marker))
            problems = await self._finish_forgetting()
        await self.export(at)
        return problems

    async def finish_forgetting(self, at: datetime) -> list[str]:
        """Rewrite the files for people whose forgetting a crash cut short."""
        async with self._exporting, self._turn:
            if not self.state.unfinished:
                return []
            problems = await self._finish_forgetting()
        await self.export(at)
        return problems

    async def close(self) -> None:
        """Wait for the last write, close the files and give the lock up."""
        async with self._turn:
            await self._in_thread(self.state.journal.close)
            self._thread.shutdown()
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

    async def _commit(self, batch: Batch, shown: Tree | None = None) -> None:
        batch = attrs.evolve(batch, seq=self.state.seq + 1)
        task = asyncio.ensure_future(self._write(batch, shown))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            with contextlib.suppress(NotWritten):
                await task
            raise

    async def _write(self, batch: Batch, shown: Tree | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            line = await loop.run_in_executor(self._thread, self.state.write, batch)
        except Exception as error:
            self.state.take_back(batch)
            if isinstance(error, NotWritten):
                raise
            raise NotWritten(repr(error)) from error
        self.state.commit(batch, line, shown)

    async def _export(self, at: datetime) -> str | None:
        state = self.state
        # The root is a snapshot: commands go on while it is rendered.
        root, seq, changed = state.committed, state.seq, state.changed or at
        raw = await asyncio.to_thread(self.file.format.render, _tree(root[self.file.format.feature]), at, changed)
        on_disk = await asyncio.to_thread(self.file.read)
        found = digest(on_disk) if on_disk is not None else None
        known = [export.digest for export in state.exports]
        aside = None
        if found is not None and found not in known:
            aside = (await asyncio.to_thread(self.file.put_aside, "edited", at)).name
        if found == digest(raw) and not aside:
            return None
        instead = len(known) > 1 and found == known[0] != known[1]
        async with self._turn:
            await self._commit(Batch(0, export=Export(digest(raw), seq, at, instead)), root)
            await self._in_thread(lambda: self.file.write(raw))
        return aside

    def _replace(self, lines: Sequence[bytes]) -> None:
        self.state.journal.keep()
        self.state.journal.replace(lines)

    async def _finish_forgetting(self) -> list[str]:
        problems: list[str] = []
        lines = await self._in_thread(self.state.snapshot().render)
        await self._in_thread(lambda: self.state.journal.keep())
        for key, places in self.state.unfinished:
            problems += await self._in_thread(lambda k=key, p=places: self._scrub_archives(k, p))  # type: ignore[misc]
        await self._in_thread(lambda: self.state.journal.replace(lines))
        self.state.unfinished.clear()
        torn = self.state.journal.path.with_suffix(".torn")
        torn.unlink(missing_ok=True)
        return problems

    def _scrub_archives(self, key: str, places: Places) -> list[str]:
        problems = []
        for path in journals.archives(self.state.journal.path):
            try:
                contents = journals.read(path)
            except Damaged as error:
                problems.append(f"{path.name} is damaged and was left as it is: {error}")
                continue
            head = dict(contents.checkpoint)
            head["state"] = scrub_tree(head["state"], places)
            head["handled"] = {}
            batches = [Batch.from_json(body).without(key, places).to_json() for body in contents.batches]
            replace_file(path, b"".join(map(encode, [head, *batches])))
        return problems


def _tree(value: object) -> Tree:
    assert isinstance(value, dict)
    return value
