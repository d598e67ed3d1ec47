"""The batch that is not committed yet: decisions whose edits are in the working state."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import attrs
from attrs import define, field

from ptgbot import progress
from ptgbot.chat.commands import Decision
from ptgbot.chat.inbox import NOBODY, Verdict
from ptgbot.progress import CORE
from ptgbot.store.delivery import Delivery, Settlement
from ptgbot.store.edits import Tree
from ptgbot.store.history import History
from ptgbot.store.record import Batch, Cause, Record
from ptgbot.store.state import StoredState


def record_of(number: int, verdict: Verdict) -> Record:
    """Return the record of a decision that changes something."""
    message, decision = verdict.message, verdict.decision
    person, room = message.person, message.room
    return Record(
        number,
        verdict.feature,
        message.at,
        person.key,
        person.nick,
        room.network,
        room.id,
        room.name,
        message.text if decision.line is None else decision.line,
        decision.edits,
        message.private,
        decision.subject,
        decision.undoes,
        kind=verdict.kind,
        final=decision.final,
    )


class Collected(NamedTuple):
    """The contents of one batch from decisions."""

    records: list[Record]
    rows: list[Delivery]
    """Rows of the delivered effects that begin."""
    settling: dict[int, Settlement]
    """What became of rows of earlier batches, by their numbers."""


@define
class Pending:
    """Puts decisions into the working state, and collects the contents of the next batch."""

    state: StoredState
    _batch: Collected = field(factory=lambda: Collected([], [], {}), init=False)

    @property
    def history(self) -> History:
        """The commands that changed the state, including those of the batch that is not committed yet."""
        return History(self.state.log, self._batch.records)

    def tree(self, feature: str) -> Tree:
        """Return the part of the working state that belongs to a feature, or to the core."""
        return cast("Tree", self.state.working[feature])

    def wholly(self, decide: Callable[[], list[Verdict]]) -> list[Verdict]:
        """Decide. If one part of the decision fails, revert what other parts have put into the working state."""
        batch = self._batch
        records, rows, settling = len(batch.records), len(batch.rows), dict(batch.settling)
        try:
            return decide()
        except BaseException:
            self.state.take_back(Batch(0, batch.records[records:]))
            # In place: a history that somebody holds looks at the same list.
            del batch.records[records:], batch.rows[rows:]
            batch.settling.clear()
            batch.settling.update(settling)
            raise

    def put_in(self, verdict: Verdict) -> Verdict:
        """Put a decision into the working state. A decision that changes nothing is returned unchanged.

        Its record and the rows of its deliveries become part of the batch that is not committed yet.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        if not verdict.decision.changes:
            return verdict
        self._attempt(verdict)
        for deliver in verdict.decision.deliver:
            rows = progress.rows(deliver, verdict.feature, self._last_row + 1, verdict.message.at)
            edits = progress.begun(rows)
            self._batch.rows.extend(rows)
            own = Verdict(attrs.evolve(NOBODY, at=verdict.message.at), CORE, Decision(edits), Cause.OUTCOME)
            self._attempt(own)
        return verdict

    def is_open(self, row: int) -> bool:
        """Say whether a row is neither settled in the journal nor in the batch that is not committed yet."""
        return row in self.state.deliveries and row not in self._batch.settling

    def settle(self, row: int, why: str) -> None:
        """Note the settlement of a row. ``why`` is a sentence about the failure, empty if the row was delivered."""
        self._batch.settling[row] = Settlement(not why, why)

    def take(self) -> Collected:
        """Return the contents of the batch, and begin another one."""
        taken, self._batch = self._batch, Collected([], [], {})
        return taken

    def discard(self) -> None:
        """Revert what was decided but not committed."""
        self.state.take_back(Batch(0, self.take().records))

    def _attempt(self, verdict: Verdict) -> None:
        record = record_of(self.state.number + len(self._batch.records) + 1, verdict)
        self.state.attempt(record.placed)
        self._batch.records.append(record)

    @property
    def _last_row(self) -> int:
        return self._batch.rows[-1].number if self._batch.rows else self.state.row
