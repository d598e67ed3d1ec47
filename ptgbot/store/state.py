"""The state in memory: the working tree for decisions, the committed tree, and the log of changes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import Factory, define, field, frozen

from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import Edit, EditConflict, Tree, applied, reverted
from ptgbot.store.history import Log
from ptgbot.store.record import Answers, Batch, Export, Forgetting, Record, scrub_tree, unanswered
from ptgbot.store.store import Contents

Derive = Callable[[Tree, Tree, Record], Tree]
"""Returns the derived tree after a record. Arguments: the derived tree before, the state after it, the record."""


UNEXPORTED = 1000
"""Most batches kept in memory before the first export, which may show any of them; half are dropped when exceeded."""


@frozen
class Derivation:
    """The computation of the derived tree. It is pure: the same records give the same tree."""

    version: str = ""
    """Must change whenever ``derive`` changes its result; the tree is then computed anew from all records."""
    derive: Derive = lambda derived, _state, _record: derived


@frozen
class Snapshot:
    """The contents that a store must hold to describe the state at one moment. It can be rendered in a thread."""

    head: Mapping[str, Any]
    """The checkpoint, as it stood before ``batches``."""
    batches: Sequence[Batch]

    def render(self) -> Contents:
        """Return a checkpoint and the batches since the older of the last two exports."""
        return Contents(dict(self.head), [batch.to_json() for batch in self.batches])


@frozen
class _Attempt:
    """Edits in the working state, with the working state after them."""

    edits: Sequence[Edit]
    root: Tree


@define
class StoredState:
    """State, positions and handled messages in memory; a store keeps them on the disk.

    Decisions are made on ``working``. ``committed`` is on the disk and may be shown. Both are roots that
    share what they have in common; a reference to one is a snapshot (see :mod:`ptgbot.store.edits`).
    """

    # Not in reprs: a traceback must show neither what people typed nor megabytes of it.
    committed: Tree = field(repr=False)
    seq: int = 0
    cursors: dict[str, str] = field(factory=dict, repr=False)
    handled: dict[str, dict[str, Answers]] = field(factory=dict, repr=False)
    exports: list[Export] = field(factory=list, repr=False)
    log: Log = field(factory=Log, repr=False)
    number: int = 0
    """Number of the last record."""
    schema: int = 1
    """The schema of the checkpoint in the store."""
    incarnation: str = Factory(lambda: secrets.token_hex(8))
    """Random name of this journal. Transaction ids contain it, so that no other journal repeats them."""
    derivation: Derivation = field(factory=Derivation, repr=False)
    derived: Tree = field(factory=dict, repr=False)
    """The tree computed from the records, see :data:`Derive`. It is never changed in place."""
    derived_seq: int = 0
    """The last batch that ``derived`` includes."""
    stale: bool = False
    """Whether the derived tree must be computed anew at the next start."""
    deliveries: dict[int, Delivery] = field(factory=dict, repr=False)
    """The open rows by their numbers, the oldest first."""
    row: int = 0
    """Highest number of any row so far."""
    documents: dict[str, str] = field(factory=dict, repr=False)
    """Digests of the documents by their ids."""
    unfinished: list[Forgetting] = field(factory=list, repr=False)
    """People who are erased in memory, but not yet in every file."""
    working: Tree = field(init=False, repr=False)
    _base: Tree = field(init=False, repr=False)
    """The committed state before the first batch of ``_since``."""
    _since: list[Batch] = field(init=False, repr=False, factory=list)
    """Batches after the older of the last two exports, which a hand edit may have started from."""
    _shown: dict[int, Tree] = field(init=False, repr=False, factory=dict)
    """The committed state of each export that is remembered, by the export's ``seq``."""
    _ahead: list[_Attempt] = field(init=False, repr=False, factory=list)
    """Edits that are in the working state and not yet committed."""

    def __attrs_post_init__(self) -> None:
        self.working = self._base = self.committed
        self._shown = {export.seq: self.committed for export in self.exports if export.seq <= self.seq}

    @property
    def changed(self) -> datetime | None:
        """Moment of the last change (UTC), None if there is no record of one."""
        return self.log.changed

    def attempt(self, edits: Sequence[Edit]) -> None:
        """Apply edits to the working state.

        Raises:
            EditConflict: an edit does not fit; nothing has changed.
        """
        self.working = applied(self.working, edits)
        self._ahead.append(_Attempt(edits, self.working))

    def take_back(self, batch: Batch) -> None:
        """Revert the edits of a batch that could not be written in the working state."""
        if edits := batch.edits:
            self.working = reverted(self.working, edits)
            rest = _without(self._ahead, edits)
            self._ahead = []
            root = self.committed
            for attempt in rest:
                root = applied(root, attempt.edits)
                self._ahead.append(_Attempt(attempt.edits, root))

    def commit(self, batch: Batch, shown: Tree | None = None) -> None:
        """Take over a batch that is on the disk and whose edits are in the working state.

        ``shown`` is the state from which the batch's export was made, if the caller has it.
        """
        roots = self._roots(batch)
        self._ahead = _without(self._ahead, batch.edits)
        for record, root in zip(batch.records, roots, strict=True):
            self.committed = root
            if batch.seq > self.derived_seq:
                self.derived = self.derivation.derive(self.derived, root, record)
        self._remember(batch, shown)

    def replay(self, batch: Batch) -> None:
        """Apply and take over a batch that was read from the disk.

        Raises:
            EditConflict: an edit does not fit.
        """
        for record in batch.records:
            self.attempt(record.placed)
        self.commit(batch)

    def _roots(self, batch: Batch) -> list[Tree]:
        """Return the state after each record: the working state of that time if it was made by the same edits."""
        attempts = self._ahead[: len(batch.records)]
        if len(attempts) == len(batch.records) and all(
            _marks(attempt.edits) == _marks(record.placed)
            for attempt, record in zip(attempts, batch.records, strict=True)
        ):
            return [attempt.root for attempt in attempts]
        roots, root = [], self.committed
        for record in batch.records:
            root = applied(root, record.placed)
            roots.append(root)
        return roots

    def _remember(self, batch: Batch, shown: Tree | None) -> None:
        """Take over everything of a batch except its edits."""
        self.seq = batch.seq
        self.derived_seq = max(self.derived_seq, batch.seq)
        self.log.add(batch.records)
        self.number = max([self.number, *(record.number for record in batch.records)])
        for network, position in batch.cursors.items():
            self.cursors[network] = position
            self.handled.pop(network, None)
        for network, ids in batch.handled.items():
            self.handled.setdefault(network, {}).update(ids)
        self._deliver(batch)
        self.documents.update(batch.documents)
        self._since.append(batch)
        if batch.export:
            self._exported(batch.export, shown)
        elif not self.exports and len(self._since) > UNEXPORTED:
            self._drop(self._since[UNEXPORTED // 2].seq)
        if batch.forget:
            self._forgotten(batch.forget)

    def _deliver(self, batch: Batch) -> None:
        for row in batch.deliver:
            self.deliveries[row.number] = row
            self.row = max(self.row, row.number)
        for number in batch.settled:
            self.deliveries.pop(number, None)

    def _exported(self, export: Export, shown: Tree | None) -> None:
        kept = self.exports[:1] if export.instead else self.exports[-1:]
        self.exports = [*kept, export]
        roots = {**self._shown, export.seq: shown if shown is not None else self._after(export.seq)}
        self._shown = {e.seq: roots[e.seq] for e in self.exports if e.seq in roots}
        self._drop(self.exports[0].seq)

    def _drop(self, seq: int) -> None:
        """Keep in memory only the batches after ``seq``."""
        dropped = [edit for batch in self._since if batch.seq <= seq for edit in batch.edits]
        self._since = [batch for batch in self._since if batch.seq > seq]
        if seq in self._shown:
            self._base = self._shown[seq]
        else:
            self._base = applied(self._base, dropped) if self._since else self.committed

    def _after(self, seq: int) -> Tree:
        """Return the committed state after the batch ``seq``."""
        later = [edit for batch in self._since if batch.seq > seq for edit in batch.edits]
        return reverted(self.committed, later)

    def state_at(self, export: Export) -> Tree:
        """Return the state that one of the remembered exports showed."""
        return self._shown[export.seq] if export.seq in self._shown else self._after(export.seq)

    def snapshot(self, schema: int = 0) -> Snapshot:
        """Return the contents that a store must hold. The cost does not grow with the state."""
        schema = max(schema, self.schema)
        head: dict[str, Any] = {
            "schema": schema,
            "seq": self._since[0].seq - 1 if self._since else self.seq,
            "number": self.number,
            "state": self._base,
            "cursors": dict(self.cursors),
            "handled": {network: dict(ids) for network, ids in self.handled.items()},
            "exports": [export.to_json() for export in self.exports],
            "incarnation": self.incarnation,
            "derived": {
                "version": None if self.stale else self.derivation.version,
                "seq": self.derived_seq,
                "tree": self.derived,
            },
        }
        if schema >= 2:
            rows = [self.deliveries[number].to_json() for number in sorted(self.deliveries)]
            head |= {"row": self.row, "deliver": rows, "documents": dict(self.documents)}
        return Snapshot(head, tuple(self._since))

    @classmethod
    def from_checkpoint(cls, head: Mapping[str, Any], log: Log, derivation: Derivation) -> StoredState:
        """Return the state in a checkpoint. It is ``stale`` if the derived tree must be computed anew.

        Raises:
            KeyError, TypeError, ValueError: the checkpoint has another shape.
        """
        derived = head.get("derived", {})
        known = derived.get("version") == derivation.version
        rows = [Delivery.from_json(row) for row in head.get("deliver", ())]
        return cls(
            head["state"],
            head["seq"],
            dict(head["cursors"]),
            {network: dict(ids) for network, ids in head["handled"].items()},
            [Export.from_json(tree) for tree in head["exports"]],
            log,
            head["number"],
            head["schema"],
            head.get("incarnation") or secrets.token_hex(8),
            derivation,
            derived["tree"] if known else {},
            derived["seq"] if known else 0,
            not known,
            {row.number: row for row in rows},
            head.get("row", 0),
            dict(head.get("documents", {})),
        )

    def _forgotten(self, person: Forgetting) -> None:
        """Erase a person from everything in memory. The files still have to be rewritten."""
        key, places = person.key, person.places
        self.unfinished.append(person)
        self.working = self.committed = scrub_tree(self.committed, places)
        self._ahead = []
        self._base = scrub_tree(self._base, places)
        self._shown = {seq: scrub_tree(tree, places) for seq, tree in self._shown.items()}
        for edit in person.derived:
            try:
                self.derived = applied(self.derived, [edit])
            except EditConflict:
                # Another version computed it meanwhile; records without the person give the right one.
                self.stale = True
        self.log.replace([record.without(key, places) for record in self.log.records])
        self.handled = unanswered(self.handled)
        self.deliveries = {number: row for number, row in self.deliveries.items() if row.target != key}
        self._since = [batch.without(key, places) for batch in self._since]


def _marks(edits: Sequence[Edit]) -> list[tuple[tuple[str, ...], int, int]]:
    """Return what tells edits from equal ones: their places and the identity of their values."""
    return [(edit.at, id(edit.was), id(edit.now)) for edit in edits]


def _without(ahead: Sequence[_Attempt], edits: Sequence[Edit]) -> list[_Attempt]:
    """Return the attempts that remain when these edits have been committed or reverted."""
    done = set(_marks(edits))
    return [attempt for attempt in ahead if attempt.edits and not done.issuperset(_marks(attempt.edits))]
