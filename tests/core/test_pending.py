"""The batch in the making: what fails is taken back, and nothing else."""

from __future__ import annotations

import attrs
import pytest

from ptgbot import progress
from ptgbot.chat.commands import Decision, Deliver
from ptgbot.chat.inbox import NOBODY, Verdict
from ptgbot.chat.message import Target
from ptgbot.core.pending import Pending
from ptgbot.progress import CORE
from ptgbot.store.delivery import Settlement
from ptgbot.store.edits import ABSENT, Edit, EditConflict
from ptgbot.store.record import Batch
from ptgbot.store.state import StoredState

HALL = Target("irc", "#hall")


@pytest.fixture
def pending() -> Pending:
    return Pending(StoredState({CORE: progress.empty(), "birds": {}}))


def seen(bird: str, *targets: Target) -> Verdict:
    deliver = (Deliver("say", targets, bird),) if targets else ()
    return Verdict(NOBODY, "birds", Decision([Edit((bird,), ABSENT, 1)], deliver=deliver))


def test_inner_failure_reverts_only_its_own_part(pending: Pending) -> None:
    def inner() -> list[Verdict]:
        pending.put_in(seen("wren", HALL))
        pending.settle(7, "")
        raise RuntimeError("a mistake")

    def outer() -> list[Verdict]:
        first = pending.put_in(seen("crane", HALL))
        with pytest.raises(RuntimeError):
            pending.wholly(inner)
        return [first, pending.put_in(seen("heron", HALL))]

    assert len(pending.wholly(outer)) == 2
    assert pending.tree("birds") == {"crane": 1, "heron": 1}
    records, rows, settling = pending.take()
    assert [record.number for record in records] == [1, 2, 3, 4]
    assert [(row.number, row.body) for row in rows] == [(1, "crane"), (2, "heron")]
    assert settling == {}


def test_outer_failure_reverts_inner_parts_too(pending: Pending) -> None:
    pending.put_in(seen("crane"))

    def inner() -> list[Verdict]:
        return [pending.put_in(seen("wren", HALL))]

    def failing() -> list[Verdict]:
        pending.put_in(seen("owl"))
        raise RuntimeError("a mistake")

    def outer() -> list[Verdict]:
        pending.wholly(inner)
        with pytest.raises(RuntimeError):
            pending.wholly(failing)
        return [pending.put_in(seen("crane"))]

    with pytest.raises(EditConflict):
        pending.wholly(outer)
    assert pending.tree("birds") == {"crane": 1}
    records, rows, _ = pending.take()
    assert [record.number for record in records] == [1]
    assert rows == []


def test_history_includes_commands_of_uncommitted_batch(pending: Pending) -> None:
    assert len(pending.history.everything()) == 0
    pending.put_in(seen("crane"))
    assert len(pending.history.everything()) == 1


def test_what_is_discarded_leaves_no_trace(pending: Pending) -> None:
    pending.put_in(seen("crane", HALL))
    pending.discard()
    assert pending.tree("birds") == {}
    assert pending.take() == ([], [], {})


def test_committed_row_is_open_until_settled(pending: Pending) -> None:
    pending.put_in(seen("crane", HALL))
    records, rows, _ = pending.take()
    pending.state.commit(Batch(pending.state.seq + 1, records, deliver=rows))
    assert pending.is_open(1)
    pending.settle(1, "there is no room #hall")
    assert not pending.is_open(1)
    assert pending.take().settling == {1: Settlement(False, "there is no room #hall")}


def test_rows_go_on_behind_those_on_record(pending: Pending) -> None:
    pending.put_in(seen("crane", HALL, Target("irc", "#events")))
    records, rows, _ = pending.take()
    pending.state.commit(Batch(pending.state.seq + 1, records, deliver=rows))
    pending.put_in(seen("wren", HALL))
    assert [row.number for row in pending.take().rows] == [3]


def test_record_has_line_given_in_place(pending: Pending) -> None:
    typed = attrs.evolve(NOBODY, text="[off] a secret")
    pending.put_in(Verdict(typed, "birds", Decision([Edit(("wren",), ABSENT, 1)], line="[off]")))
    pending.put_in(Verdict(typed, "birds", Decision([Edit(("wren",), 1, 2)])))
    assert [record.text for record in pending.take().records] == ["[off]", "[off] a secret"]
