"""Delivered effects are counted until their last target is settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ptgbot.chat.commands import Deliver
from ptgbot.chat.message import Target
from ptgbot.feature import Outcome
from ptgbot.progress import begun, complete, counted, delayed, empty, rows
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import ABSENT, Edit, Tree, applied

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
HALL, DOOR = Target("irc", "#hall"), Target("irc", "#door")
EFFECT = Deliver("say", (HALL, DOOR, HALL), "Lunch", "lunch")
MADE = rows(EFFECT, "crier", 7, AT)


def settle(own: Tree, row: Delivery, why: str = "") -> tuple[Outcome | None, Tree]:
    outcome, edits = counted(own, row, why)
    return outcome, applied(own, edits)


def test_each_target_gets_one_row_for_an_hour() -> None:
    hour = AT + timedelta(hours=1)
    assert rows(EFFECT, "crier", 7, AT) == [
        Delivery(7, "crier", "say", "irc", "#hall", "Lunch", hour, "lunch"),
        Delivery(8, "crier", "say", "irc", "#door", "Lunch", hour, "lunch"),
    ]


def test_an_effect_without_targets_begins_nothing() -> None:
    assert begun([]) == []


def test_the_last_row_settled_gives_the_outcome() -> None:
    own = applied(empty(), begun(MADE))
    assert own["progress"] == {"7": {"last": 8, "reached": 0, "failed": {}}}
    outcome, own = settle(own, MADE[1])
    assert (outcome, own["progress"]) == (None, {"7": {"last": 8, "reached": 1, "failed": {}}})
    outcome, own = settle(own, MADE[0], "nobody is there")
    assert outcome == Outcome("lunch", 1, {"irc #hall": "nobody is there"})
    assert own == empty()


def test_rows_of_other_effects_are_not_counted() -> None:
    other = rows(EFFECT, "crier", 9, AT)
    own = applied(applied(empty(), begun(MADE)), begun(other))
    _, own = settle(own, other[0])
    assert own["progress"] == {
        "7": {"last": 8, "reached": 0, "failed": {}},
        "9": {"last": 10, "reached": 1, "failed": {}},
    }


def test_a_row_of_no_known_effect_changes_nothing() -> None:
    assert counted(empty(), MADE[0], "") == (None, [])
    assert delayed(empty(), MADE[0], "slow") == (None, [])


def test_late_targets_are_told_of_once() -> None:
    own = applied(empty(), begun(MADE))
    outcome, edits = delayed(own, MADE[0], "slow")
    own = applied(own, edits)
    assert outcome is None
    outcome, own = settle(own, MADE[1])
    assert outcome == Outcome("lunch", 1, {}, {"irc #hall": "slow"})
    assert delayed(own, MADE[0], "slow again") == (None, [])
    outcome, own = settle(own, MADE[0], "gone")
    assert outcome == Outcome("lunch", 1, {"irc #hall": "gone"})
    assert own == empty()


def test_targets_that_are_all_late_are_told() -> None:
    own = applied(empty(), begun(MADE))
    for row, told in zip(MADE, (None, {"irc #hall": "slow", "irc #door": "slow"}), strict=True):
        outcome, edits = delayed(own, row, "slow")
        own = applied(own, edits)
        assert (outcome.late if outcome else None) == told
    outcome, own = settle(own, MADE[0])
    assert outcome is None
    outcome, own = settle(own, MADE[1])
    assert outcome == Outcome("lunch", 2)


def test_lateness_is_kept_in_the_journal() -> None:
    effect = Deliver("say", (HALL,), "Lunch", late=90)
    (row,) = rows(effect, "crier", 7, AT)
    assert row.late == AT + timedelta(seconds=90)
    assert Delivery.from_json(row.to_json()) == row


def test_a_state_without_the_tables_gets_them() -> None:
    own: Tree = {"topics": {"irc": {}}}
    complete(own)
    assert own == {"topics": {"irc": {}}, "progress": {}, "links": {}}
    assert begun(MADE)[0] == Edit(("progress", "7"), ABSENT, {"last": 8, "reached": 0, "failed": {}})
