"""The log: what is found, in which order, how much is held."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ptgbot.store.edits import ABSENT, Edit
from ptgbot.store.history import HISTORY, History, Log, names_in
from ptgbot.store.record import Cause, Record
from tests.store.conftest import NOON, Open, run
from tests.store.test_opening import close, put


def command(number: int, text: str = "x", **more: Any) -> Record:
    made = Record(number, "part", NOON, "mira", "Mira", "irc", "#c", "#c", text, [Edit(["now", "nova"], ABSENT, text)])
    return evolve(made, **more)


def log_of(*records: Record, most: int = HISTORY) -> Log:
    log = Log(most)
    log.add(records)
    return log


def numbers(records: Iterable[Record]) -> list[int]:
    return [record.number for record in records]


def test_room_subject_and_name_find_newest_first() -> None:
    other = command(2, room="#other", subject="nova")
    history = History(log_of(command(1, subject="nova"), other), [command(3)])
    assert numbers(history.in_room("irc", "#c")) == [3, 1]
    assert numbers(history.in_room("matrix", "#c")) == []
    assert numbers(history.of_subject("nova")) == [2, 1]
    assert numbers(history.naming("MIRA")) == [3, 2, 1]
    assert numbers(history.naming("nobody")) == []


def test_found_records_are_counted_with_pending_ones() -> None:
    history = History(log_of(command(1), command(2)), [command(3), command(4, room="#d")])
    assert len(history.in_room("irc", "#c")) == 3
    assert len(history.naming("nova")) == 4
    assert len(history.of_subject("nova")) == 0


def test_private_commands_are_found_only_by_number() -> None:
    secret = command(2, private=True, room="mira", subject="nova")
    for history in (History(log_of(command(1), secret)), History(log_of(command(1)), [secret])):
        assert numbers(history.naming("mira")) == [1]
        assert numbers(history.everything()) == [1]
        assert numbers(history.in_room("irc", "mira")) == []
        assert numbers(history.of_subject("nova")) == []
        assert numbers(history.after(1)) == [2]


@pytest.mark.parametrize("kind", [Cause.HEARD, Cause.TICK, Cause.OUTCOME, Cause.FACT])
def test_only_commands_and_files_are_found(kind: Cause) -> None:
    file = command(2, kind=Cause.FILE)
    for history in (
        History(log_of(command(1), file, command(3, kind=kind))),
        History(log_of(command(1)), [file, command(3, kind=kind)]),
    ):
        assert numbers(history.newest()) == [2, 1]
        assert numbers(history.in_room("irc", "#c")) == [2, 1]


def test_record_of_any_kind_dates_a_change() -> None:
    later = NOON.replace(hour=13)
    assert log_of(command(1), command(2, kind=Cause.TICK, at=later)).changed == later


def test_after_yields_only_later_records() -> None:
    history = History(log_of(*map(command, range(1, 6))), [command(6)])
    assert numbers(history.after(3)) == [6, 5, 4]
    assert numbers(history.after(6)) == []


def test_after_stops_where_the_number_is_missing() -> None:
    history = History(log_of(command(1), command(2), command(4)), [command(6)])
    assert numbers(history.after(3)) == [6, 4]
    assert numbers(history.after(5)) == [6]


def test_an_undo_in_the_batch_counts() -> None:
    history = History(log_of(command(1), command(2, undoes=1)), [command(4, undoes=3)])
    assert [number for number in range(1, 5) if history.undone(number)] == [1, 3]


def test_names_are_subject_author_places_and_values() -> None:
    edit = Edit(["table", "Aspen"], {"Key": ["Inner"]}, "Text")
    found = names_in(command(1, subject="Nova", nick="Olga", key="olga_", edits=(edit,)))
    assert found == {"nova", "olga", "olga_", "aspen", "key", "inner", "text"}


def test_repr_of_log_holds_no_typed_text() -> None:
    assert "secret" not in repr(log_of(command(1, "secret")))


def test_a_full_log_forgets_the_oldest_everywhere() -> None:
    many = [command(n, f"text{n}", subject=f"s{n % 3}", room=f"#{n % 2}") for n in range(1, 21)]
    many.append(command(21, undoes=1))
    log, fresh = log_of(*many, most=5), log_of(*many[-5:])
    history = History(log)
    assert numbers(history.newest()) == [21, 20, 19, 18, 17]
    assert log.index == fresh.index
    assert not history.naming("text16")
    log.add([command(22), command(23), command(24), command(25), command(26)])
    assert log.undone(1) is False
    assert log._undone == set()


def test_dropped_records_are_not_found_between_sweeps() -> None:
    log = log_of(*(command(number, subject="nova") for number in range(1, 104)), most=100)
    assert log.index.dropped == 3
    assert numbers(History(log).of_subject("nova")) == list(range(103, 3, -1))
    assert len(History(log).in_room("irc", "#c")) == 100


def test_undone_record_is_forgotten_with_its_undo() -> None:
    log = log_of(command(1), command(2, undoes=1), most=2)
    assert log.undone(1)
    log.add([command(3)])
    assert not log.undone(1)
    assert log._undone == set()


def test_memory_is_flat_once_the_log_is_full() -> None:
    log = Log(500)

    def chat(first: int, last: int) -> int:
        for number in range(first, last):
            log.add([command(number, f"topic {number}", subject=f"track{number}", nick=f"nick{number}")])
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        full = chat(0, 1000)
        assert chat(1000, 5000) < full * 1.1
    finally:
        tracemalloc.stop()


def steps(call: Callable[[], object]) -> int:
    """Return how many lines of Python a call takes: unlike seconds, the same on every machine."""
    counted = 0

    def trace(_frame: object, _event: str, _argument: object) -> Any:
        nonlocal counted
        counted += 1
        return trace

    before = sys.gettrace()
    # What other tests left may have finalizers, which are lines of Python as well.
    gc.collect()
    gc.disable()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        gc.enable()
    return counted


def test_lookup_cost_is_independent_of_history() -> None:
    def look(history: History) -> None:
        for found in (history.in_room("irc", "#c"), history.of_subject("nova"), history.naming("nova")):
            next(iter(found))
            len(found)
        next(history.after(0))

    few = History(log_of(*(command(n, subject="nova") for n in range(100))))
    many = History(log_of(*(command(n, subject="nova") for n in range(HISTORY + 2000))))
    assert steps(lambda: look(many)) == steps(lambda: look(few))


def test_added_command_costs_same_in_full_log() -> None:
    few, many = (log_of(*(command(n) for n in range(count)), most=count) for count in (100, HISTORY))
    assert steps(lambda: many.add([command(HISTORY)])) == steps(lambda: few.add([command(100)]))


def test_opening_reads_no_more_archives_than_needed(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    for number in range(10):
        put(opened, "a", number)
        run(opened.store.rotate(opened.state.snapshot().render()))
    close(opened)
    (tmp_path / "ptg.journal.001.jsonl").write_text("not looked at")
    again = open_store(history=3)
    assert numbers(again.state.log.newest()) == [10, 9, 8]
    close(again)
