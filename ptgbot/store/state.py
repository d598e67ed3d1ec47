"""The state: what commands work on, what is committed, and the history of how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import Factory, define, field, frozen

from ptgbot.store.edits import Edit, Tree, applied, reverted
from ptgbot.store.history import Log
from ptgbot.store.journal import SCHEMA, Journal, encode
from ptgbot.store.record import Answers, Batch, Export, scrub_tree, unanswered


@frozen
class Snapshot:
    """What a journal must hold to say the same as the state of one moment; can be rendered in a thread."""

    head: Mapping[str, Any]
    """The first line, as it stood before the batches of ``lines``."""
    lines: Sequence[bytes]

    def render(self) -> list[bytes]:
        """Return the lines of a new journal: a checkpoint and the batches since the older of the last two exports."""
        return [encode(dict(self.head)), *self.lines]


@define
class StoredState:
    """State, positions and handled messages, in memory; :class:`Journal` has them on the disk.

    ``working`` is what decisions are made on, ``committed`` what is on the disk and may be shown. Both are roots that
    share what they have in common; a reference to one is a snapshot (see :mod:`ptgbot.store.edits`).
    """

    journal: Journal
    committed: Tree
    seq: int = 0
    cursors: dict[str, str] = Factory(dict)
    handled: dict[str, dict[str, Answers]] = Factory(dict)
    exports: list[Export] = Factory(list)
    log: Log = Factory(Log)
    number: int = 0
    """Number of the last record."""
    unfinished: list[tuple[str, list[tuple[str, ...]]]] = Factory(list)
    """People who are forgotten here, but not yet in every file."""
    working: Tree = field(init=False)
    _base: Tree = field(init=False)
    """The committed state before the first batch of ``_since``."""
    _since: list[tuple[Batch, bytes]] = field(init=False, factory=list)
    """Batches behind the older of the last two exports: from there a hand edit is understood."""
    _shown: dict[int, Tree] = field(init=False, factory=dict)
    """The committed state of each export that is remembered, by the export's ``seq``."""
    _ahead: list[Edit] = field(init=False, factory=list)
    """Edits that are in the working state and not yet committed."""

    def __attrs_post_init__(self) -> None:
        self.working = self._base = self.committed
        self._shown = {export.seq: self.committed for export in self.exports if export.seq <= self.seq}

    @property
    def changed(self) -> datetime | None:
        """When something changed last, as far as that is on record."""
        return self.log.changed

    def attempt(self, edits: Sequence[Edit]) -> None:
        """Change the working state. Raises EditConflict, having changed nothing."""
        self.working = applied(self.working, edits)
        self._ahead += edits

    def take_back(self, batch: Batch) -> None:
        """Undo in the working state what could not be written."""
        self.working = reverted(self.working, batch.edits)
        self._ahead = _without_first(self._ahead, batch.edits)

    def write(self, batch: Batch) -> bytes:
        """Write a batch; blocks, so call it in a thread. Returns its line. Raises NotWritten."""
        line = encode(batch.to_json())
        self.journal.append(line)
        return line

    def commit(self, batch: Batch, line: bytes, shown: Tree | None = None) -> None:
        """Take in a batch that is on the disk and whose edits are in the working state.

        ``shown`` is the state that the batch's export was made from, where the caller has it at hand.
        """
        edits = batch.edits
        ahead = _without_first(self._ahead, edits)
        self.committed = applied(self.committed, edits) if ahead else self.working
        self._ahead = ahead
        self._remember(batch, line, shown)

    def replay(self, batch: Batch, line: bytes) -> None:
        """Take in a batch read from the disk. Raises EditConflict."""
        self.attempt(batch.edits)
        self.commit(batch, line)

    def _remember(self, batch: Batch, line: bytes, shown: Tree | None) -> None:
        """Take in everything of a batch but its edits."""
        self.seq = batch.seq
        self.log.add(batch.records)
        self.number = max([self.number, *(record.number for record in batch.records)])
        for network, position in batch.cursors.items():
            self.cursors[network] = position
            self.handled.pop(network, None)
        for network, ids in batch.handled.items():
            self.handled.setdefault(network, {}).update(ids)
        self._since.append((batch, line))
        if batch.export:
            self._exported(batch.export, shown)
        elif not self.exports:
            self._drop(batch.seq)
        if batch.forget:
            self._forgotten(batch.forget["key"], [tuple(place) for place in batch.forget["places"]])

    def _exported(self, export: Export, shown: Tree | None) -> None:
        kept = self.exports[:1] if export.instead else self.exports[-1:]
        self.exports = [*kept, export]
        roots = {**self._shown, export.seq: shown if shown is not None else self._after(export.seq)}
        self._shown = {e.seq: roots[e.seq] for e in self.exports if e.seq in roots}
        self._drop(self.exports[0].seq)

    def _drop(self, seq: int) -> None:
        """Keep only the batches behind ``seq`` at hand."""
        dropped = [edit for batch, _ in self._since if batch.seq <= seq for edit in batch.edits]
        self._since = [(batch, line) for batch, line in self._since if batch.seq > seq]
        if seq in self._shown:
            self._base = self._shown[seq]
        else:
            self._base = applied(self._base, dropped) if self._since else self.committed

    def _after(self, seq: int) -> Tree:
        """Return the committed state as it was after the batch ``seq``."""
        later = [edit for batch, _ in self._since if batch.seq > seq for edit in batch.edits]
        return reverted(self.committed, later)

    def state_at(self, export: Export) -> Tree:
        """Return the state that one of the remembered exports showed."""
        return self._shown[export.seq] if export.seq in self._shown else self._after(export.seq)

    def snapshot(self) -> Snapshot:
        """Return what a new journal must hold. Costs nothing that grows with the state."""
        first = self._since[0][0].seq - 1 if self._since else self.seq
        head = {
            "schema": SCHEMA,
            "seq": first,
            "number": self.number,
            "state": self._base,
            "cursors": dict(self.cursors),
            "handled": {network: dict(ids) for network, ids in self.handled.items()},
            "exports": [export.to_json() for export in self.exports],
        }
        return Snapshot(head, tuple(line for _, line in self._since))

    @classmethod
    def from_checkpoint(cls, journal: Journal, head: Mapping[str, Any]) -> StoredState:
        """Return the state that a journal's first line tells of."""
        return cls(
            journal,
            head["state"],
            head["seq"],
            dict(head["cursors"]),
            {network: dict(ids) for network, ids in head["handled"].items()},
            [Export.from_json(tree) for tree in head["exports"]],
            number=head["number"],
        )

    def _forgotten(self, key: str, places: Sequence[tuple[str, ...]]) -> None:
        """Take a person out of everything at hand; the files still have to be rewritten."""
        self.unfinished.append((key, [*places]))
        self.working = self.committed = scrub_tree(self.committed, places)
        self._ahead = []
        self._base = scrub_tree(self._base, places)
        self._shown = {seq: scrub_tree(tree, places) for seq, tree in self._shown.items()}
        self.log.replace([record.without(key, places) for record in self.log.records])
        self.handled = unanswered(self.handled)
        clean = [batch.without(key, places) for batch, _ in self._since]
        self._since = [(batch, encode(batch.to_json())) for batch in clean]


def _without_first(ahead: Sequence[Edit], edits: Sequence[Edit]) -> list[Edit]:
    """Return what is left of the edits that are ahead of the committed state when these are committed or taken back."""
    done = {(edit.at, id(edit.was), id(edit.now)) for edit in edits}
    return [edit for edit in ahead if (edit.at, id(edit.was), id(edit.now)) not in done]
