"""State derived from the records: kept in checkpoints, computed anew when its version changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot.store.edits import ABSENT, Edit, Tree
from ptgbot.store.export import ExportFile
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened
from ptgbot.store.record import Record
from ptgbot.store.state import Derivation
from tests.store.conftest import NOON, Open, Plain, files, run
from tests.store.test_opening import close, export, put


def told(derived: Tree, state: Tree, record: Record) -> Tree:
    """Keep what the box held after each record, by the record's number."""
    part: Any = state["part"]
    return {**derived, str(record.number): f"{record.nick} {json.dumps(part['box'])}"}


FIRST = Derivation("1", told)
SECOND = Derivation("2", lambda derived, state, record: told(derived, state, record) | {"again": True})


def chat(open_store: Open, rotations: int = 2) -> Opened:
    opened = open_store(derivation=FIRST)
    for number in range(1, 6):
        put(opened, "a", number)
        if number <= rotations:
            run(opened.store.rotate(opened.state.snapshot().render()))
    return opened


EXPECTED = {str(number): f'mira {{"a": {number}}}' for number in range(1, 6)}


def test_derived_state_follows_each_record(open_store: Open) -> None:
    assert chat(open_store).state.derived == EXPECTED


@pytest.mark.parametrize("rotations", [0, 2, 5])
def test_derived_state_is_the_same_after_a_restart(open_store: Open, rotations: int) -> None:
    close(chat(open_store, rotations))
    assert open_store(derivation=FIRST).state.derived == EXPECTED


def test_derived_state_in_checkpoint_is_not_recomputed(open_store: Open, tmp_path: Path) -> None:
    close(chat(open_store, 5))
    for archive in tmp_path.glob("ptg.journal.0*.jsonl"):
        archive.unlink()
    assert open_store(derivation=FIRST).state.derived == EXPECTED


def test_a_version_is_compared_by_its_text(open_store: Open, tmp_path: Path) -> None:
    version = Derivation("1 coffee gathering", told)
    opened = open_store(derivation=version)
    for number in (1, 2):
        put(opened, "a", number)
        # What stands before the older of two exports is in no batch of the journal any more.
        export(opened, tmp_path)
    run(opened.store.rotate(opened.state.snapshot().render()))
    close(opened)
    for archive in tmp_path.glob("ptg.journal.0*.jsonl"):
        archive.unlink()
    assert open_store(derivation=version).state.derived == {"1": EXPECTED["1"], "2": EXPECTED["2"]}


def test_new_version_recomputes_derived_state(open_store: Open) -> None:
    close(chat(open_store))
    assert open_store(derivation=SECOND).state.derived == {**EXPECTED, "again": True}


def test_a_journal_without_derived_state_gets_it(open_store: Open) -> None:
    opened = open_store()
    for number in range(1, 6):
        put(opened, "a", number)
        if number < 4:
            contents = opened.state.snapshot().render()
            head = {key: value for key, value in contents.checkpoint.items() if key not in ("derived", "incarnation")}
            run(opened.store.rotate(type(contents)(head, contents.batches)))
    close(opened)
    assert open_store(derivation=FIRST).state.derived == EXPECTED


def test_batches_of_earlier_version_update_derived_state(open_store: Open) -> None:
    """An earlier version appends behind a checkpoint and knows nothing of its derived state."""
    close(chat(open_store))
    opened = open_store()
    put(opened, "a", 6)
    close(opened)
    assert open_store(derivation=FIRST).state.derived == {**EXPECTED, "6": 'mira {"a": 6}'}


def test_a_damaged_archive_is_passed_over_and_named(open_store: Open, tmp_path: Path) -> None:
    opened = open_store(derivation=FIRST)
    for number in range(1, 6):
        put(opened, "a", number)
        for _ in range(2):
            (tmp_path / "ptg.json").unlink(missing_ok=True)
            export(opened, tmp_path)
        if number < 3:
            run(opened.store.rotate(opened.state.snapshot().render()))
    close(opened)
    (tmp_path / "ptg.journal.001.jsonl").write_text("damaged")
    opened = open_store(derivation=SECOND)
    assert opened.state.derived == {**{key: EXPECTED[key] for key in "2345"}, "again": True}
    assert any("ptg.journal.001.jsonl" in note for note in opened.notes)


async def test_forgotten_person_leaves_derived_state_and_files(open_store: Open, tmp_path: Path) -> None:
    opened = chat(open_store)
    keeper = Keeper(opened.state, ExportFile(tmp_path / "ptg.json", Plain()), opened.store)
    edits = [Edit([key], text, text.replace("mira", "somebody")) for key, text in EXPECTED.items()]
    await keeper.forget("mira", [], NOON, edits)
    expected = {key: text.replace("mira", "somebody") for key, text in EXPECTED.items()}
    assert opened.state.derived == expected
    assert not any(b"mira" in path.read_bytes() for path in tmp_path.iterdir())
    await keeper.close()
    assert open_store(derivation=FIRST).state.derived == expected


async def test_interrupted_forgetting_is_replayed_in_derived_state(
    open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = chat(open_store)
    keeper = Keeper(opened.state, ExportFile(tmp_path / "ptg.json", Plain()), opened.store)

    def failing() -> None:
        raise OSError("no")

    with monkeypatch.context() as patch:
        patch.setattr(type(files(opened).journal), "keep", lambda _self: failing())
        with pytest.raises(OSError, match="no"):
            await keeper.forget("mira", [], NOON, [Edit(["1"], EXPECTED["1"], ABSENT)])
    await keeper.close()
    again = open_store(derivation=FIRST)
    assert "1" not in again.state.derived
    assert again.state.unfinished


def test_unfitting_edit_makes_derived_state_stale(open_store: Open, tmp_path: Path) -> None:
    opened = chat(open_store)
    keeper = Keeper(opened.state, ExportFile(tmp_path / "ptg.json", Plain()), opened.store)
    run(keeper.forget("nobody", [], NOON, [Edit(["1"], "something else", ABSENT)]))
    assert opened.state.stale
    close(opened)
    again = open_store(derivation=FIRST)
    assert again.state.derived == EXPECTED
    assert not again.state.stale
