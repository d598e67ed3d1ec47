"""Start: the lock, the journal, the archives, and a file that somebody edited by hand meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from attrs import define, field, frozen

from ptgbot.store import journal as journals
from ptgbot.store.edits import Edit, EditConflict, Tree, applied, get, same
from ptgbot.store.export import ExportFile, Unreadable, digest
from ptgbot.store.files import Lock, remove_leftovers, replace_file
from ptgbot.store.history import HISTORY, RECORDED, Log
from ptgbot.store.journal import Damaged, Journal
from ptgbot.store.record import Batch, Export, Kind, Record
from ptgbot.store.state import StoredState

Complete = Callable[[Tree], None]


@frozen
class Paths:
    """The files of one state."""

    export: Path

    @property
    def journal(self) -> Path:
        """The journal: ``ptg.journal.jsonl`` beside ``ptg.json``."""
        return self.export.with_name(f"{self.export.stem}.journal.jsonl")

    @property
    def lock(self) -> Path:
        """The lock: ``ptg.lock``."""
        return self.export.with_name(f"{self.export.stem}.lock")


@define
class Opened:
    """An opened state, and what the operator should know of how it went."""

    state: StoredState
    lock: Lock
    notes: list[str] = field(factory=list)


@frozen
class Opening:
    """Opens a state. ``empty`` is what it holds before anything happened; ``complete`` brings an old one up to date."""

    file: ExportFile
    empty: Tree
    complete: Complete
    now: datetime
    discard_edits: bool = False
    history: int = HISTORY
    """Commands kept in memory for undo and log."""

    @property
    def paths(self) -> Paths:
        """The files of this state."""
        return Paths(self.file.path)

    def open(self) -> Opened:
        """Lock and read the state. Raises Locked, Damaged, Newer, Unreadable, NotWritten, OSError."""
        lock = Lock(self.paths.lock)
        lock.acquire()
        try:
            self._tidy()
            opened = Opened(self._existing() if self.paths.journal.exists() else self._first(), lock)
            self._cut(opened)
            self._hand_edit(opened)
        except BaseException:
            lock.release()
            raise
        return opened

    def _tidy(self) -> None:
        for path in (self.paths.export, self.paths.journal, *journals.archives(self.paths.journal)):
            remove_leftovers(path)

    def _first(self) -> StoredState:
        """Make the journal of a new state; a file that is there already is checked before."""
        raw = self.file.read()
        if raw is not None and not self.discard_edits:
            self.file.format.parse(raw)
        state = StoredState(Journal(self.paths.journal, 0), self.empty, log=Log(self.history))
        state.journal.length = _create(self.paths.journal, state.snapshot().render())
        return state

    def _existing(self) -> StoredState:
        contents = journals.read(self.paths.journal)
        state = load(self.paths.journal, contents, self.complete, self.history)
        if found := older(self.paths.journal, state):
            state.log.replace([*found, *state.log.records])
        return state

    def _cut(self, opened: Opened) -> None:
        torn = journals.read(self.paths.journal).torn
        if torn and (aside := opened.state.journal.cut(torn)):
            opened.notes.append(
                f"The last line of {self.paths.journal.name} was cut off while it was written, before anybody was "
                f"told that it counts; its {len(torn)} bytes are kept in {aside.name}."
            )

    def _hand_edit(self, opened: Opened) -> None:
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
        self._commit_file(opened, raw, self._merge(state, theirs))

    def _merge(self, state: StoredState, theirs: Tree) -> list[Edit]:
        """Return what the hand changed since the export it started from, as edits of the present state."""
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

    def _commit_file(self, opened: Opened, raw: bytes, edits: Sequence[Edit]) -> None:
        """Commit what the hand changed, and in the same breath that this file is known now.

        Otherwise a crash before the next export would take the same edit over again, above later changes.
        """
        state, part = opened.state, self.file.format.feature
        made = _applicable(cast("Tree", state.working[part]), edits)
        name, number = self.file.path.name, state.number + 1
        edited = bool(state.exports)
        typed = f"{'edit' if edited else 'import'} {name}"
        record = Record(number, part, self.now, "file", "file", "", "", "", typed, made, kind=Kind.FILE)
        batch = Batch(state.seq + 1, [record] if made else [], export=Export(digest(raw), state.seq + 1, self.now))
        state.attempt(batch.edits)
        state.commit(batch, state.write(batch))
        if made and edited:
            places = ", ".join(".".join(edit.at) for edit in made[:5])
            opened.notes.append(f"{name} was edited by hand: {len(made)} change(s) taken over ({places}).")


def _alike(edit: Edit) -> bool:
    """Say whether an edit changes nothing, not even the order of an object's keys."""
    return same(edit.was, edit.now) and json.dumps(edit.to_json().get("was")) == json.dumps(edit.to_json().get("is"))


def _applicable(tree: Tree, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits that can be made one after the other: a parent that is gone takes its children along."""
    made = []
    for edit in edits:
        try:
            tree = applied(tree, [edit])
        except EditConflict:
            continue
        made.append(edit)
    return made


def _create(path: Path, lines: Sequence[bytes]) -> int:
    raw = b"".join(lines)
    replace_file(path, raw)
    return len(raw)


def load(path: Path, contents: journals.Contents, complete: Complete, history: int) -> StoredState:
    """Return the state that a journal file tells of. Raises Damaged."""
    state = StoredState.from_checkpoint(Journal(path, contents.length), contents.checkpoint)
    state.log = Log(history)
    complete(state.committed)
    for number, body in enumerate(contents.batches, 2):
        try:
            state.replay(Batch.from_json(body), journals.encode(body))
        except (EditConflict, KeyError, TypeError, ValueError) as error:
            raise Damaged(f"{path}, line {number}: {error!r} does not follow from the lines before it.") from error
    return state


def older(path: Path, state: StoredState) -> list[Record]:
    """Return the records of rotated files that the journal itself no longer has, the oldest first.

    No more files are read than the log can hold records of.
    """
    missing = state.log.most - len(state.log.records)
    first = min((record.number for record in state.log.records), default=state.number + 1)
    found: dict[int, Record] = {}
    for archive in reversed(journals.archives(path)):
        if len(found) >= missing:
            break
        for record in records(archive):
            if record.number < first and record.kind in RECORDED:
                found.setdefault(record.number, record)
    return [found[number] for number in sorted(found)]


def records(path: Path) -> list[Record]:
    """Return every record of a journal file that can be read."""
    bodies: Sequence[dict[str, Any]] = journals.read(path).batches
    return [record for body in bodies for record in Batch.from_json(body).records]
