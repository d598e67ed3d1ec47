"""Start: what is imported, cut, refused and merged."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot.store.edits import ABSENT, Edit
from ptgbot.store.export import ExportFile, Unreadable
from ptgbot.store.file.journal import encode
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened
from ptgbot.store.record import Batch, Record
from ptgbot.store.state import StoredState
from ptgbot.store.store import Damaged, Locked, Newer
from tests.store.conftest import NOON, Open, Plain, files, run


def record(state: StoredState, *edits: Edit, text: str = "x", **more: Any) -> Record:
    return Record(state.number + 1, "part", NOON, "mira", "mira", "irc", "#c", "#c", text, edits, **more)


def put(opened: Opened, key: str, value: Any) -> None:
    """Change one value in the box, as a command would."""
    document = opened.state
    was = document.working["part"]["box"].get(key, ABSENT)  # type: ignore[index, call-overload, union-attr]
    batch = Batch(document.seq + 1, [record(document, Edit(["box", key], was, value))])
    document.attempt(batch.edits)
    write(opened, batch)


def write(opened: Opened, batch: Batch) -> None:
    run(opened.store.append(batch.to_json()))
    opened.state.commit(batch)


def export(opened: Opened, folder: Path) -> None:
    async def once() -> None:
        keeper = Keeper(opened.state, ExportFile(folder / "ptg.json", Plain()), opened.store)
        await keeper.export(NOON)

    asyncio.run(once())


def close(opened: Opened) -> None:
    files(opened).abandon()


def box(opened: Opened) -> Any:
    return opened.state.committed["part"]["box"]  # type: ignore[index, call-overload]


def test_committed_changes_survive_a_restart(open_store: Open) -> None:
    opened = open_store()
    put(opened, "a", 1)
    put(opened, "a", 2)
    close(opened)
    again = open_store()
    assert box(again) == {"a": 2}
    assert again.state.working == again.state.committed
    assert [r.number for r in again.state.log.newest()] == [2, 1]
    assert again.notes == []


def test_file_without_journal_is_imported_first(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "ptg.json").write_text('{"box": {"a": 1}, "more": true}')
    opened = open_store()
    assert opened.state.committed == {"part": {"box": {"a": 1}, "more": True}}
    assert [(r.key, r.text) for r in opened.state.log.newest()] == [("file", "import ptg.json")]
    assert opened.notes == []
    close(opened)
    assert box(open_store()) == {"a": 1}


def test_second_bot_on_same_state_is_refused(open_store: Open) -> None:
    open_store()
    with pytest.raises(Locked, match="two must never write one state"):
        open_store()


def test_a_refused_start_gives_the_lock_back(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "ptg.json").write_text("[]")
    for _ in range(2):
        with pytest.raises(Unreadable):
            open_store()
    (tmp_path / "ptg.json").unlink()
    open_store()


@pytest.mark.parametrize("raw", ["", "{", "[]", '{"box": '])
def test_unreadable_file_stops_start_and_changes_nothing(open_store: Open, tmp_path: Path, raw: str) -> None:
    opened = open_store()
    put(opened, "a", 1)
    export(opened, tmp_path)
    close(opened)
    before = (tmp_path / "ptg.journal.jsonl").read_bytes()
    (tmp_path / "ptg.json").write_text(raw)
    with pytest.raises(Unreadable, match="--discard-edits"):
        open_store()
    assert (tmp_path / "ptg.json").read_text() == raw
    assert (tmp_path / "ptg.journal.jsonl").read_bytes() == before
    again = open_store(discard_edits=True)
    assert box(again) == {"a": 1}
    assert [p.read_text() for p in tmp_path.glob("ptg.json.discarded-*")] == [raw]


def test_unreadable_first_file_can_be_put_aside(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "ptg.json").write_text("{")
    assert box(open_store(discard_edits=True)) == {}
    assert list(tmp_path.glob("ptg.json.discarded-*"))


def test_hand_edit_merges_with_changes_after_export(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", 1)
    put(opened, "b", 1)
    export(opened, tmp_path)
    put(opened, "b", 2)
    close(opened)
    document = json.loads((tmp_path / "ptg.json").read_bytes())
    document["box"]["a"] = 5
    document["box"]["c"] = 7
    (tmp_path / "ptg.json").write_text(json.dumps(document))
    again = open_store()
    assert box(again) == {"a": 5, "b": 2, "c": 7}
    assert "2 change(s)" in again.notes[0]
    close(again)
    assert box(open_store()) == {"a": 5, "b": 2, "c": 7}


def test_file_is_imported_once_despite_a_crash(open_store: Open, tmp_path: Path) -> None:
    """The bot crashes after the import and before the next export."""
    (tmp_path / "ptg.json").write_text('{"box": {"a": 1}}')
    for value in (2, 3):
        opened = open_store()
        put(opened, "a", value)
        close(opened)
    assert box(open_store()) == {"a": 3}


def test_nothing_that_was_typed_is_in_a_traceback(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", "secret")
    export(opened, tmp_path)
    put(opened, "b", "secret")
    assert "secret" not in repr(opened.state)
    close(opened)


def test_a_known_file_is_no_hand_edit(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", 1)
    export(opened, tmp_path)
    old = (tmp_path / "ptg.json").read_bytes()
    put(opened, "a", 2)
    export(opened, tmp_path)
    close(opened)
    (tmp_path / "ptg.json").write_bytes(old)  # the crash came between the commit of the digest and the rename
    again = open_store()
    assert box(again) == {"a": 2}
    assert again.notes == []


def test_a_missing_file_is_no_hand_edit(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", 1)
    export(opened, tmp_path)
    close(opened)
    (tmp_path / "ptg.json").unlink()
    again = open_store()
    assert box(again) == {"a": 1}
    export(again, tmp_path)
    assert json.loads((tmp_path / "ptg.json").read_bytes()) == {"box": {"a": 1}}


def test_torn_line_is_cut_and_reported(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", 1)
    close(opened)
    with (tmp_path / "ptg.journal.jsonl").open("ab") as file:
        file.write(b'{"sum":"0123')
    again = open_store()
    assert box(again) == {"a": 1}
    assert "cut off while it was written" in again.notes[0]
    put(again, "a", 2)
    close(again)
    assert box(open_store()) == {"a": 2}


def test_journal_with_gap_between_lines_is_damaged(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", 1)
    run(opened.store.append(Batch(9, [record(opened.state, Edit(["box", "a"], 7, 8))]).to_json()))
    close(opened)
    with pytest.raises(Damaged, match=r"line 3: .*does not follow"):
        open_store()


def test_a_newer_journal_is_refused_untouched(open_store: Open, tmp_path: Path) -> None:
    path = tmp_path / "ptg.journal.jsonl"
    path.write_bytes(encode({"schema": 99, "what": "ever"}))
    with pytest.raises(Newer):
        open_store()
    assert path.read_bytes() == encode({"schema": 99, "what": "ever"})


def test_handled_messages_are_known_until_cursor_passes(open_store: Open) -> None:
    opened = open_store()
    first = Batch(1, handled={"mx": {"$1": [{"reply": "hello"}]}})
    write(opened, first)
    close(opened)
    again = open_store()
    assert again.state.handled == {"mx": {"$1": [{"reply": "hello"}]}}
    second = Batch(2, cursors={"mx": "s2"}, handled={"mx": {"$2": []}})
    write(again, second)
    close(again)
    last = open_store()
    assert last.state.cursors == {"mx": "s2"}
    assert last.state.handled == {"mx": {"$2": []}}


def test_leftovers_of_a_crash_are_removed(open_store: Open, tmp_path: Path) -> None:
    close(open_store())
    for name in (".ptg.json.abc123", ".ptg.journal.jsonl.abc123"):
        (tmp_path / name).write_text("half")
    (tmp_path / ".other.json.abc").write_text("somebody else's")
    open_store()
    assert [path.name for path in tmp_path.glob(".*")] == [".other.json.abc"]


def test_hand_edit_of_order_alone_counts(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "ptg.json").write_text('{"box": {}, "days": {"one": 1, "two": 2}}')
    opened = open_store()
    export(opened, tmp_path)
    close(opened)
    (tmp_path / "ptg.json").write_text('{"box": {}, "days": {"two": 2, "one": 1}}')
    again = open_store()
    part: Any = again.state.committed["part"]
    assert list(part["days"]) == ["two", "one"]
