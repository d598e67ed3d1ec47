"""Writes the state: batches, documents, exports, rotation and forgetting, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import attrs
from attrs import define, field

from ptgbot.store.documents import digest_of, from_bytes, stored_name, to_bytes
from ptgbot.store.edits import Edit, Json, Tree
from ptgbot.store.export import ExportFile, digest
from ptgbot.store.record import Batch, Export, Forgetting, scrub_tree
from ptgbot.store.state import StoredState
from ptgbot.store.store import Contents, NotWritten, Store

Places = Sequence[tuple[str, ...]]
Documents = Mapping[str, Json]
"""Documents by their ids."""


def _nobody() -> None:
    return None


@define
class Keeper:
    """The only writer of the state. It makes one write at a time."""

    state: StoredState
    file: ExportFile
    store: Store
    rotate_at: int = 4_000_000
    """Size in bytes from which the journal is rotated, if a new one would be less than half as long."""
    timed: Callable[[float], None] = lambda _seconds: None
    """Called with the seconds that each batch took to be on the disk."""
    on_documents: Callable[[], None] = field(default=_nobody, init=False)
    """Called after each commit that wrote documents."""
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _exporting: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _grown: int = field(default=0, init=False)
    """Size in bytes from which another rotation is worth trying."""

    def leads(self) -> bool:
        """Say whether this process may write, send and show. Cheap; call it before every effect that others see."""
        return self.store.leads()

    async def commit(self, batch: Batch, documents: Documents | None = None) -> None:
        """Write documents, then the batch that lists them. The edits of the batch are in the working state already.

        Raises:
            NotWritten: nothing was written, and the edits have been reverted.
            Fenced: nothing was written, because another process leads by now.
        """
        async with self._turn:
            await self._commit(batch, documents=documents or {})

    async def probe(self) -> None:
        """Write an empty batch to find out whether the store accepts writes.

        Raises:
            NotWritten: the store does not accept writes.
        """
        async with self._turn:
            await self._commit(Batch(0))

    async def document(self, identifier: str) -> Json:
        """Return a document.

        Raises:
            KeyError: there is no document with this id.
            Damaged: its bytes are not those that were written.
            OSError: it cannot be read.
        """
        return await read_document(self.store, self.state.documents, identifier)

    async def export(self, at: datetime) -> str | None:
        """Bring the exported file up to date.

        Return the new name of a file that somebody edited meanwhile, None if nobody did.

        Raises:
            NotWritten: the journal could not be written.
            OSError: the file could not be written.
        """
        async with self._exporting:
            return await self._export(at)

    async def rotate(self) -> bool:
        """Start a new journal if this one has grown long and the new one would be much shorter. Return whether it did.

        Raises:
            OSError: the new journal could not be written; the old one stays in use.
        """
        async with self._turn:
            size = self.store.size
            if size < max(self.rotate_at, self._grown) or self.state.unfinished:
                return False
            rotated = await self.store.rotate(await self._rendered(), size // 2)
            self._grown = 0 if rotated else size * 5 // 4
            return rotated

    async def forget(
        self,
        key: str,
        places: Places,
        at: datetime,
        derived: Sequence[Edit] = (),
        documents: Documents | None = None,
    ) -> list[str]:
        """Erase a person from state and files. Return a sentence for each file that could not be rewritten.

        Args:
            key: the person's key on their network.
            places: places of the state that belong to the person, each beginning with a feature's name.
            at: the moment of the export that follows (UTC).
            derived: edits that remove the person from the derived tree.
            documents: documents rewritten without the person, by their ids.

        Raises:
            NotWritten: nothing happened.
            OSError: the files will be rewritten at the next start.
        """
        async with self._exporting, self._turn:
            batch = Batch(0, forget=Forgetting(key, [tuple(place) for place in places], derived))
            await self._commit(batch, documents=documents or {})
            problems = await self._finish_forgetting()
        await self.export(at)
        return problems

    async def finish_forgetting(self, at: datetime) -> list[str]:
        """Rewrite the files for people whose forgetting a crash interrupted. Return sentences as :meth:`forget` does.

        Raises:
            OSError: a file could not be written; the next start will try again.
        """
        async with self._exporting, self._turn:
            if not self.state.unfinished:
                return []
            problems = await self._finish_forgetting()
        await self.export(at)
        return problems

    async def close(self) -> None:
        """Wait for the last write, close the store and give up the leadership."""
        async with self._turn:
            await self.store.close()

    async def _rendered(self, schema: int = 0) -> Contents:
        return await asyncio.to_thread(self.state.snapshot(schema).render)

    async def _commit(self, batch: Batch, shown: Tree | None = None, documents: Documents | None = None) -> None:
        task = asyncio.ensure_future(self._write(batch, shown, documents or {}))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            # Shielded: a cancelled waiter must not make a write that happened look as if it had not.
            with contextlib.suppress(NotWritten):
                await task
            raise

    async def _write(self, batch: Batch, shown: Tree | None, documents: Documents) -> None:
        former = {identifier: self.state.documents.get(identifier) for identifier in documents}
        try:
            digests = await self._put(documents)
            batch = attrs.evolve(batch, seq=self.state.seq + 1, documents={**batch.documents, **digests})
            if batch.schema > self.state.schema:
                await self.store.rotate(await self._rendered(batch.schema))
                self.state.schema = batch.schema
            began = time.monotonic()
            await self.store.append(batch.to_json())
            self.timed(time.monotonic() - began)
        except Exception as error:
            self.state.take_back(batch)
            if isinstance(error, NotWritten):
                raise
            raise NotWritten(repr(error)) from error
        self.state.commit(batch, shown)
        if any(former.get(identifier) not in (None, found) for identifier, found in digests.items()):
            with contextlib.suppress(OSError):  # the next start removes what is left
                await self._remove_unlisted()
        if digests:
            self.on_documents()

    async def _put(self, documents: Documents) -> dict[str, str]:
        digests = {}
        for identifier, body in documents.items():
            raw = await asyncio.to_thread(to_bytes, body)
            digests[identifier] = digest_of(raw)
            await self.store.put_document(stored_name(identifier, digests[identifier]), raw)
        return digests

    async def _remove_unlisted(self) -> None:
        names = frozenset(stored_name(*item) for item in self.state.documents.items())
        await self.store.keep_documents(names)

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
            await asyncio.to_thread(self.file.write, raw)
        return aside

    async def _finish_forgetting(self) -> list[str]:
        contents, people = await self._rendered(), tuple(self.state.unfinished)
        problems = await self.store.scrub(lambda archive: scrubbed(archive, people), contents)
        self.state.unfinished.clear()
        return problems


def scrubbed(contents: Contents, people: Sequence[Forgetting]) -> Contents:
    """Return the contents of an archive without these people, and without any answers and delivered rows.

    Raises:
        KeyError, TypeError, ValueError: a batch has another shape.
    """
    head = {key: value for key, value in contents.checkpoint.items() if key not in ("derived", "deliver")}
    head["handled"] = {}
    batches = [Batch.from_json(body) for body in contents.batches]
    for person in people:
        head["state"] = scrub_tree(head["state"], person.places)
        batches = [batch.without(person.key, person.places) for batch in batches]
    return Contents(head, [batch.to_json() for batch in batches])


async def read_document(store: Store, digests: Mapping[str, str], identifier: str) -> Json:
    """Return a document by its id.

    Args:
        store: where its bytes are.
        digests: digests of the documents by their ids.
        identifier: the id.

    Raises:
        KeyError: there is no document with this id.
        Damaged: its bytes are not those that were written.
        OSError: it cannot be read.
    """
    found = digests[identifier]
    raw = await store.get_document(stored_name(identifier, found))
    return from_bytes(raw, identifier, found)


def _tree(value: object) -> Tree:
    assert isinstance(value, dict)
    return value
