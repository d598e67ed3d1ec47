"""The state: what commands work on, what is committed, and the history of how it came about."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import Factory, define, field, frozen

from ptgbot.store.edits import Edit, Tree, apply_all, revert_all
from ptgbot.store.journal import SCHEMA, Journal, encode
from ptgbot.store.record import Answers, Batch, Export, Record, scrub_tree, unanswered

HISTORY = 20_000
"""Records kept at hand for undo and log; older ones stay in the journal's files."""


@define
class Log:
    """The commands that changed something, at hand."""

    records: list[Record] = Factory(list)
    _undone: set[int] = Factory(set)

    def add(self, records: Sequence[Record]) -> None:
        """Take in what was committed."""
        self.records += records
        for record in records:
            self.mark(record)
        del self.records[:-HISTORY]

    def mark(self, record: Record) -> None:
        """Know what a record takes back."""
        if record.undoes is not None:
            self._undone.add(record.undoes)

    def newest(self) -> Iterator[Record]:
        """Yield records, the newest first."""
        return reversed(self.records)

    def undone(self, number: int) -> bool:
        """Say whether a record has been taken back."""
        return number in self._undone


@frozen
class History:
    """The log with the changes of the batch in the making, commands of all features."""

    log: Log
    pending: Sequence[Record] = ()

    def _public(self) -> Iterator[Record]:
        return (r for r in self.newest() if not r.private and r.kind in ("command", "file"))

    def newest(self) -> Iterator[Record]:
        """Yield records, the newest first."""
        for records in (reversed(self.pending), self.log.newest()):
            yield from records

    def in_room(self, network: str, room: str) -> list[Record]:
        """Return the commands that were typed in a room."""
        return [r for r in self._public() if (r.network, r.room) == (network, room)]

    def of_subject(self, subject: str) -> list[Record]:
        """Return the commands about a track or another subject."""
        return [r for r in self._public() if r.subject == subject]

    def naming(self, term: str) -> list[Record]:
        """Return the commands about a subject, person, room or slot of that name."""
        return [r for r in self._public() if touches(r, term)]

    def everything(self) -> list[Record]:
        """Return all commands."""
        return list(self._public())

    def after(self, number: int) -> Iterator[Record]:
        """Yield the commands behind the one of that number, the newest first."""
        return (r for r in self.newest() if r.number > number)

    def undone(self, number: int) -> bool:
        """Say whether a record has been taken back."""
        return self.log.undone(number) or any(record.undoes == number for record in self.pending)


def touches(record: Record, name: str) -> bool:
    """Say whether a change is about a track, room, slot or person of that name, in lower case."""
    if name in ((record.subject or "").lower(), record.nick.lower(), record.key.lower()):
        return True
    return any(
        name in (part.lower() for part in edit.at[1:]) or _mentions(edit.was, name) or _mentions(edit.now, name)
        for edit in record.edits
    )


def _mentions(value: Any, name: str) -> bool:
    if isinstance(value, dict):
        return any(key.lower() == name or _mentions(inner, name) for key, inner in value.items())
    if isinstance(value, list):
        return any(_mentions(inner, name) for inner in value)
    return isinstance(value, str) and value.lower() == name


@define
class Document:
    """State, positions and handled messages, in memory; :class:`Journal` has them on the disk.

    ``working`` is what decisions are made on, ``committed`` what is on the disk and may be shown.
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
    _since: list[tuple[Batch, bytes]] = field(init=False, factory=list)
    """Batches behind the older of the last two exports: from there a hand edit is understood."""

    def __attrs_post_init__(self) -> None:
        self.working = copy.deepcopy(self.committed)

    @property
    def changed(self) -> datetime | None:
        """When a command changed something last, as far as that is on record."""
        return self.log.records[-1].at if self.log.records else None

    def attempt(self, edits: Sequence[Edit]) -> None:
        """Change the working state. Raises EditConflict, having changed nothing."""
        apply_all(self.working, edits)

    def take_back(self, batch: Batch) -> None:
        """Undo in the working state what could not be written."""
        revert_all(self.working, batch.edits)

    def write(self, batch: Batch) -> bytes:
        """Write a batch; blocks, so call it in a thread. Returns its line. Raises NotWritten."""
        line = encode(batch.to_json())
        self.journal.append(line)
        return line

    def commit(self, batch: Batch, line: bytes) -> None:
        """Take in a batch that is on the disk."""
        apply_all(self.committed, batch.edits)
        self.remember(batch, line)
        if batch.forget:
            self.forgotten(batch.forget["key"], [tuple(place) for place in batch.forget["places"]])

    def replay(self, batch: Batch, line: bytes) -> None:
        """Take in a batch read from the disk. Raises EditConflict."""
        apply_all(self.working, batch.edits)
        self.commit(batch, line)

    def remember(self, batch: Batch, line: bytes) -> None:
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
            kept = self.exports[:1] if batch.export.instead else self.exports[-1:]
            self.exports = [*kept, batch.export]
            self._since = [(b, raw) for b, raw in self._since if b.seq > self.exports[0].seq]

    def state_at(self, export: Export) -> Tree:
        """Return the state that an export showed; the edits since are taken back on a copy."""
        tree = copy.deepcopy(self.committed)
        for batch, _ in reversed(self._since):
            if batch.seq > export.seq:
                revert_all(tree, batch.edits)
        return tree

    def checkpoint(self) -> list[bytes]:
        """Return the lines of a new journal that says the same: a checkpoint and what came since the exports."""
        tree = copy.deepcopy(self.committed)
        for batch, _ in reversed(self._since):
            revert_all(tree, batch.edits)
        first = self._since[0][0].seq - 1 if self._since else self.seq
        head = {
            "schema": SCHEMA,
            "seq": first,
            "number": self.number,
            "state": tree,
            "cursors": self.cursors,
            "handled": self.handled,
            "exports": [export.to_json() for export in self.exports],
        }
        return [encode(head), *(line for _, line in self._since)]

    @classmethod
    def from_checkpoint(cls, journal: Journal, head: Mapping[str, Any]) -> Document:
        """Return the document that a journal's first line tells of."""
        return cls(
            journal,
            head["state"],
            head["seq"],
            dict(head["cursors"]),
            {network: dict(ids) for network, ids in head["handled"].items()},
            [Export.from_json(tree) for tree in head["exports"]],
            number=head["number"],
        )

    def forgotten(self, key: str, places: Sequence[tuple[str, ...]]) -> None:
        """Take a person out of everything at hand; the files still have to be rewritten."""
        self.unfinished.append((key, [*places]))
        self.committed = scrub_tree(self.committed, places)
        self.working = copy.deepcopy(self.committed)
        self.log.records = [record.without(key, places) for record in self.log.records]
        self.handled = unanswered(self.handled)
        clean = [batch.without(key, places) for batch, _ in self._since]
        self._since = [(batch, encode(batch.to_json())) for batch in clean]
