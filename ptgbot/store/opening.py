"""Opens a state from the newest checkpoint, the archives, and an exported file that was edited by hand meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from attrs import define, field, frozen

from ptgbot.store.documents import stored_name
from ptgbot.store.edits import Edit, EditConflict, Tree, applied, get, same
from ptgbot.store.export import ExportFile, Unreadable, digest
from ptgbot.store.history import HISTORY, RECORDED, Log
from ptgbot.store.record import Batch, Cause, Export, Record
from ptgbot.store.state import Derivation, StoredState
from ptgbot.store.store import Contents, Damaged, Store

Complete = Callable[[Tree], None]


@define
class Opened:
    """An opened state, with sentences for the operator about how it was opened."""

    state: StoredState
    store: Store
    notes: list[str] = field(factory=list)


@frozen
class Opening:
    """Opens a state.

    ``empty`` is the state before the first change; ``complete`` upgrades the state of an earlier version in place.
    """

    store: Store
    file: ExportFile
    empty: Tree
    complete: Complete
    now: datetime
    discard_edits: bool = False
    history: int = HISTORY
    """Commands kept in memory for undo and log."""
    derivation: Derivation = field(factory=Derivation)

    async def open(self) -> Opened:
        """Take the leadership and read the state.

        Raises:
            Locked: another process works on the state.
            Damaged: the store is not what was written, and cannot be read.
            Newer: a later version wrote it.
            Unreadable: the exported file was edited and does not hold what it should.
            NotWritten, OSError: it cannot be read or written.
        """
        contents = await self.store.open()
        try:
            state = await self._existing(contents) if contents else await self._first()
            opened = Opened(state, self.store, self.store.notes)
            await self._hand_edit(opened)
            await self.store.keep_documents(frozenset(stored_name(*item) for item in state.documents.items()))
        except BaseException:
            await self.store.close()
            raise
        return opened

    async def follow(self) -> Opened | None:
        """Read the state from the disk, even while a leader works on it, and change nothing.

        Return None if there is none.

        Raises:
            Damaged: the store is not what was written.
            Newer: a later version wrote it.
            OSError: it cannot be read.
        """
        contents = await self.store.open(lead=False)
        return Opened(await self._existing(contents), self.store, self.store.notes) if contents else None

    async def _first(self) -> StoredState:
        """Begin a new state. An exported file that exists already is validated first."""
        raw = self.file.read()
        if raw is not None and not self.discard_edits:
            self.file.format.parse(raw)
        state = StoredState(self.empty, log=Log(self.history), derivation=self.derivation)
        await self.store.rotate(state.snapshot().render())
        return state

    async def _existing(self, contents: Contents) -> StoredState:
        state = await self._loaded(contents)
        if found := await self._older(state):
            state.log.replace([*found, *state.log.records])
        return state

    async def _loaded(self, contents: Contents) -> StoredState:
        state = StoredState.from_checkpoint(contents.checkpoint, Log(self.history), self.derivation)
        self.complete(state.committed)
        if state.stale:
            state.derived, state.derived_seq = await self._derived_anew(state.seq), state.seq
            state.stale = False
        for number, body in enumerate(contents.batches, 2):
            try:
                state.replay(Batch.from_json(body))
            except (EditConflict, KeyError, TypeError, ValueError) as error:
                raise Damaged(
                    f"{contents.name}, line {number}: {error!r} does not follow from the lines before it."
                ) from error
        return state

    async def _derived_anew(self, until: int) -> Tree:
        """Compute the derived tree from all archives up to and including a batch."""
        derived: Tree = {}
        state: Tree = {}
        seq = -1
        if not self.derivation.version:
            return derived
        async for contents in self.store.archives(oldest=True):
            if contents.checkpoint["seq"] > seq:
                state, seq = contents.checkpoint["state"], contents.checkpoint["seq"]
                self.complete(state)
            for batch in map(Batch.from_json, contents.batches):
                if not seq < batch.seq <= until:
                    continue
                for record in batch.records:
                    state = applied(state, record.placed)
                    derived = self.derivation.derive(derived, state, record)
                seq = batch.seq
        return derived

    async def _older(self, state: StoredState) -> list[Record]:
        """Return the commands in archives that are no longer in the journal, the oldest first.

        Stops reading archives when the log is full.
        """
        missing = state.log.most - len(state.log.records)
        first = min((record.number for record in state.log.records), default=state.number + 1)
        found: dict[int, Record] = {}
        if missing <= 0:
            return []
        async for contents in self.store.archives():
            for record in records(contents):
                if record.number < first and record.kind in RECORDED:
                    found.setdefault(record.number, record)
            if len(found) >= missing:
                break
        return [found[number] for number in sorted(found)]

    async def _hand_edit(self, opened: Opened) -> None:
        raw = self.file.read()
        state = opened.state
        if raw is None or digest(raw) in [export.digest for export in state.exports]:
            return
        if self.discard_edits:
            aside = self.file.put_aside("discarded", self.now)
            opened.notes.append(f"{self.file.path.name} was put aside as {aside.name}.")
            return
        try:
            theirs = self.file.format.parse(raw)
        except Unreadable as error:
            raise Unreadable(
                f"{self.file.path}: {error} Mend the file, or start with --discard-edits to put it aside."
            ) from error
        await self._commit_file(opened, raw, self._merge(state, theirs))

    def _merge(self, state: StoredState, theirs: Tree) -> list[Edit]:
        """Return the changes made by hand since the last export, as edits of the present state."""
        part = self.file.format.feature
        mine = cast("Tree", state.working[part])
        base = mine
        if state.exports:
            export = state.exports[-1]
            shown = cast("Tree", state.state_at(export)[part])
            base = self.file.format.parse(self.file.format.render(shown, export.at, export.at))
        edits = []
        for edit in self.file.format.changes(base, theirs):
            here = get(mine, edit.at)
            edits.append(Edit(edit.at, here, edit.now))
        return [edit for edit in edits if not _alike(edit)]

    async def _commit_file(self, opened: Opened, raw: bytes, edits: Sequence[Edit]) -> None:
        """Commit a hand edit together with the digest of the edited file.

        With two batches, a crash between them would apply the same edit again, over later changes.
        """
        state, part = opened.state, self.file.format.feature
        made = _applicable(cast("Tree", state.working[part]), edits)
        name, number = self.file.path.name, state.number + 1
        edited = bool(state.exports)
        typed = f"{'edit' if edited else 'import'} {name}"
        # What a first file tells of happened when it was written, so that the file alone shows the same.
        at = (None if edited else self.file.format.stamped(raw)) or self.now
        record = Record(number, part, at, "file", "file", "", "", "", typed, made, kind=Cause.FILE)
        batch = Batch(state.seq + 1, [record] if made else [], export=Export(digest(raw), state.seq + 1, self.now))
        state.attempt(batch.edits)
        await opened.store.append(batch.to_json())
        state.commit(batch)
        if made and edited:
            places = ", ".join(".".join(edit.at) for edit in made[:5])
            opened.notes.append(f"{name} was edited by hand: {len(made)} change(s) taken over ({places}).")


def _alike(edit: Edit) -> bool:
    """Say whether an edit changes nothing, not even the order of keys."""
    return same(edit.was, edit.now) and json.dumps(edit.to_json().get("was")) == json.dumps(edit.to_json().get("is"))


def _applicable(tree: Tree, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits that can be applied one after the other. Edits below a removed parent are left out."""
    made = []
    for edit in edits:
        try:
            tree = applied(tree, [edit])
        except EditConflict:
            continue
        made.append(edit)
    return made


def records(contents: Contents) -> list[Record]:
    """Return all records in the batches after a checkpoint.

    Raises:
        KeyError, TypeError, ValueError: a batch has another shape.
    """
    return [record for body in contents.batches for record in Batch.from_json(body).records]
