"""The newest commands that changed the state, kept in memory for undo and log, with an index by room, subject and name.
"""

from __future__ import annotations

import bisect
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter

from attrs import define, field, frozen

from ptgbot.store.edits import Value
from ptgbot.store.record import Cause, Record

HISTORY = 5_000
"""Commands kept in memory for undo and log; older ones stay in the journal's files."""
SWEEP = 10
"""The index is swept when it holds entries of more dropped records than this part of the log: 10 means a tenth."""
RECORDED = frozenset({Cause.COMMAND, Cause.FILE})
"""The kinds of records that undo and log look at."""


@frozen
class Found:
    """Records that match a query, the newest first. The length is known without iterating.

    Valid until the next commit.
    """

    older: Sequence[Record]
    pending: Sequence[Record] = ()

    def __iter__(self) -> Iterator[Record]:
        return itertools.chain(reversed(self.pending), reversed(self.older))

    def __len__(self) -> int:
        return len(self.older) + len(self.pending)


Key = tuple[str, ...]
"""``("all",)``, ``("room", network, id)``, ``("subject", …)`` or ``("name", …)``."""


@define
class Index:
    """Records by room, by subject and by every name that occurs in them, each in the order of the log."""

    # Lists, because most names occur once or twice and an empty deque takes 760 bytes.
    table: dict[Key, list[Record]] = field(repr=False, factory=dict)
    dropped: int = field(default=0, eq=False)
    """Records dropped since the last sweep. Their entries are still there, and are not found."""
    _first: int = field(default=0, eq=False)
    """Number of the oldest record that was not dropped."""

    def add(self, record: Record) -> None:
        """Add the newest record."""
        for key in keys_of(record):
            self.table.setdefault(key, []).append(record)

    def drop(self, record: Record) -> None:
        """Drop the oldest record."""
        self._first = record.number + 1
        self.dropped += 1

    def find(self, key: Key) -> Sequence[Record]:
        """Return the records under a key, the oldest first."""
        held = self.table.get(key, ())
        return held[self._gone(held) :]

    def sweep(self) -> None:
        """Remove the entries of dropped records, all at once; one by one they would cost as much as adding."""
        self.dropped = 0
        for key, held in [(key, held) for key, held in self.table.items() if held[0].number < self._first]:
            del held[: self._gone(held)]
            if not held:
                del self.table[key]

    def _gone(self, held: Sequence[Record]) -> int:
        """Return how many of these records have been dropped."""
        return bisect.bisect_left(held, self._first, key=attrgetter("number"))


@define
class Log:
    """The newest commands that changed the state. The cost of adding one does not depend on their number."""

    most: int = HISTORY
    records: deque[Record] = field(repr=False, factory=deque)
    """At most ``most`` records of the kinds in :data:`RECORDED`, the oldest first."""
    changed: datetime | None = None
    """When the last record of any kind changed the state (UTC)."""
    index: Index = field(repr=False, factory=Index)
    _undone: set[int] = field(repr=False, factory=set)

    def add(self, records: Iterable[Record]) -> None:
        """Add committed records; only commands and files are kept."""
        for record in records:
            self.changed = record.at
            if record.kind in RECORDED:
                self._add(record)

    def _add(self, record: Record) -> None:
        self.records.append(record)
        self.index.add(record)
        if record.undoes is not None:
            self._undone.add(record.undoes)
        while len(self.records) > self.most:
            oldest = self.records.popleft()
            self.index.drop(oldest)
            self._undone -= {oldest.number, oldest.undoes}
        if self.index.dropped * SWEEP > self.most:
            self.index.sweep()

    def replace(self, records: Iterable[Record]) -> None:
        """Replace all records by these, the oldest first."""
        changed, self.changed = self.changed, None
        self.records, self.index, self._undone = deque(), Index(), set()
        self.add(records)
        self.changed = changed or self.changed

    def newest(self) -> Iterator[Record]:
        """Yield the records, the newest first."""
        return reversed(self.records)

    def undone(self, number: int) -> bool:
        """Say whether a record in the log has been undone."""
        return number in self._undone


def _recorded(records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(record for record in records if record.kind in RECORDED)


@frozen
class History:
    """The log and the batch that is not committed yet: the commands of all features, the newest first."""

    log: Log
    pending: tuple[Record, ...] = field(default=(), converter=_recorded)

    def in_room(self, network: str, room: str) -> Found:
        """Return the commands typed in a room, by the room's id, without those typed in private."""
        return self._found("room", network, room)

    def of_subject(self, subject: str) -> Found:
        """Return the commands about a subject, such as a track, without those typed in private."""
        return self._found("subject", subject)

    def naming(self, name: str) -> Found:
        """Return the commands in which a name occurs, in any case: as subject, author, place or value.

        Those typed in private are left out.
        """
        return self._found("name", name.lower())

    def everything(self) -> Found:
        """Return all commands except those typed in private."""
        return self._found("all")

    def newest(self) -> Iterator[Record]:
        """Yield all commands, including those typed in private."""
        return itertools.chain(reversed(self.pending), self.log.newest())

    def after(self, number: int) -> Iterator[Record]:
        """Yield the commands with a higher number, including those typed in private."""
        return itertools.takewhile(lambda record: record.number > number, self.newest())

    def undone(self, number: int) -> bool:
        """Say whether the record with this number has been undone."""
        return self.log.undone(number) or any(record.undoes == number for record in self.pending)

    def _found(self, *key: str) -> Found:
        return Found(self.log.index.find(key), [record for record in self.pending if key in keys_of(record)])


def keys_of(record: Record) -> set[Key]:
    """Return the keys under which a record is indexed; none for a record typed in private, which nobody else may see.
    """
    if record.private:
        return set()
    keys: set[Key] = {("name", name) for name in names_in(record)}
    keys |= {("all",), ("room", record.network, record.room)}
    if record.subject is not None:
        keys.add(("subject", record.subject))
    return keys


def names_in(record: Record) -> set[str]:
    """Return every name that occurs in a record, in lower case.

    Names are the subject, the author's nick and key, the parts of each edit's place below the table, and the keys and
    texts inside values: a command such as ``~newday`` replaces a whole table.
    """
    found = {record.subject or "", record.nick, record.key}
    for edit in record.edits:
        found.update(edit.at[1:])
        for value in (edit.was, edit.now):
            found.update(_texts(value))
    return {name.lower() for name in found if name}


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
