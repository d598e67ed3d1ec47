"""Exports, rotation and forgetting."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ptgbot.store.edits import ABSENT, Edit, Tree
from ptgbot.store.export import ExportFile
from ptgbot.store.file import journal as journals
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened
from ptgbot.store.record import Batch, Record
from ptgbot.store.state import UNEXPORTED
from ptgbot.store.store import Fenced, NotWritten
from tests.store.conftest import NOON, Open, Plain, files


class Store:
    """A keeper with its files, and short words to work it."""

    def __init__(self, opened: Opened, folder: Path, rotate_at: int = 4_000_000) -> None:
        self.file = ExportFile(folder / "ptg.json", Plain())
        self.keeper = Keeper(opened.state, self.file, opened.store, rotate_at)
        self.state = opened.state
        self.files = files(opened)

    async def put(self, key: str, value: Any, by: str = "mira", text: str = "") -> None:
        was = self.box.get(key, ABSENT)
        number = self.state.number + 1
        edit = Edit(["box", key], was, value)
        made = Record(number, "part", NOON, by, by, "irc", "#c", "#c", text or f"put {key}", [edit])
        self.state.attempt(made.placed)
        await self.keeper.commit(Batch(0, [made]))

    @property
    def box(self) -> dict[str, Any]:
        part: Any = self.state.committed["part"]
        found: dict[str, Any] = part["box"]
        return found

    @property
    def exported(self) -> Any:
        return json.loads(self.file.path.read_bytes())


@pytest.fixture
def store(open_store: Open, tmp_path: Path) -> Store:
    return Store(open_store(), tmp_path)


async def reopened(store: Store, open_store: Open, folder: Path) -> Store:
    await store.keeper.close()
    return Store(open_store(), folder)


async def test_the_export_follows_the_state(store: Store) -> None:
    await store.put("a", 1)
    assert await store.keeper.export(NOON) is None
    assert store.exported == {"box": {"a": 1}}


async def test_an_unchanged_state_is_not_exported_again(store: Store) -> None:
    await store.put("a", 1)
    await store.keeper.export(NOON)
    seq, inode = store.state.seq, store.file.path.stat().st_ino
    await store.keeper.export(NOON)
    assert (store.state.seq, store.file.path.stat().st_ino) == (seq, inode)


async def test_edit_while_running_is_put_aside_and_reported(store: Store, tmp_path: Path) -> None:
    await store.put("a", 1)
    await store.keeper.export(NOON)
    store.file.path.write_text('{"box": {"a": 9}}')
    await store.put("b", 1)
    aside = await store.keeper.export(NOON)
    assert aside is not None
    assert (tmp_path / aside).read_text() == '{"box": {"a": 9}}'
    assert store.exported == {"box": {"a": 1, "b": 1}}


async def test_a_failed_write_takes_the_edits_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.put("a", 1)
    with monkeypatch.context() as patch:
        patch.setattr(store.files.journal, "sync", _failing)
        with pytest.raises(NotWritten):
            await store.put("a", 2)
    assert store.box == {"a": 1}
    assert store.state.working == store.state.committed
    await store.put("a", 3)
    assert store.box == {"a": 3}


def _failing(_handle: int) -> None:
    raise OSError(errno.EIO, "Input/output error")


async def test_a_committed_state_shares_everything_with_decisions(store: Store) -> None:
    for number in range(3):
        await store.put("a", number)
        assert store.state.committed is store.state.working


async def test_what_is_taken_back_leaves_later_decisions(store: Store) -> None:
    await store.put("a", 1)
    number = store.state.number + 1
    lost, kept = (
        Record(number, "part", NOON, "mira", "mira", "irc", "#c", "#c", name, [Edit(["box", name], ABSENT, 1)])
        for name in ("b", "c")
    )
    store.state.attempt(lost.placed)
    store.state.attempt(kept.placed)
    store.state.take_back(Batch(0, [lost]))
    assert store.state.working == {"part": {"box": {"a": 1, "c": 1}}}
    await store.keeper.commit(Batch(0, [kept]))
    assert store.state.committed == store.state.working == {"part": {"box": {"a": 1, "c": 1}}}


async def test_failed_exports_do_not_look_like_edits(
    store: Store, open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put("a", 1)
    await store.keeper.export(NOON)
    with monkeypatch.context() as patch:
        patch.setattr(ExportFile, "write", lambda _self, _raw: _failing(0))
        for value in (2, 3, 4):
            await store.put("a", value)
            with pytest.raises(OSError, match="Input/output"):
                await store.keeper.export(NOON)
    again = await reopened(store, open_store, tmp_path)
    assert again.box == {"a": 4}
    await again.keeper.export(NOON)
    assert again.exported == {"box": {"a": 4}}


async def test_rotation_loses_nothing(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path, rotate_at=2000)
    for number in range(60):
        await store.put("a", number, text=f"put {number}")
        await store.keeper.export(NOON)
        await store.keeper.rotate()
    assert len(journals.archives(store.files.journal.path)) > 2
    again = await reopened(store, open_store, tmp_path)
    assert again.box == {"a": 59}
    assert [r.text for r in again.state.log.newest()] == [f"put {number}" for number in reversed(range(60))]
    assert again.state.seq == store.state.seq


async def test_a_hand_edit_is_understood_after_a_rotation(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path, rotate_at=2000)
    for number in range(30):
        await store.put("a", number)
    await store.put("b", 1)
    await store.keeper.export(NOON)
    await store.put("a", 99)
    assert await store.keeper.rotate()
    store.file.path.write_text('{"box": {"a": 29, "b": 5}}')
    again = await reopened(store, open_store, tmp_path)
    assert again.box == {"a": 99, "b": 5}


async def test_crash_between_archive_and_journal_doubles_nothing(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path)
    for number in range(5):
        await store.put("a", number)
    store.files.journal.keep()
    again = await reopened(store, open_store, tmp_path)
    assert [r.number for r in again.state.log.newest()] == [5, 4, 3, 2, 1]


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "ptg.lock")


async def test_forgotten_person_is_in_no_file(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path, rotate_at=1500)
    for number in range(12):
        await store.put("zoltan", {"nick": "Zoltan", "n": number}, by="zoltan", text="+in lobby")
        await store.put("shared", number, by="zoltan", text="#nova now x")
        await store.put("mira", number, by="mira")
        await store.keeper.export(NOON)
        await store.keeper.rotate()
    whole = Edit(["box"], store.box, {})
    number = store.state.number + 1
    made = Record(number, "part", NOON, "olga", "olga", "irc", "#c", "#c", "~newday", [whole])
    store.state.attempt(made.placed)
    await store.keeper.commit(Batch(0, [made], handled={"mx": {"$1": [{"reply": "Zoltan is here"}]}}))
    assert b"zoltan" in everything(tmp_path)
    assert await store.keeper.forget("zoltan", [("part", "box", "zoltan")], NOON) == []
    assert b"zoltan" not in everything(tmp_path).lower()
    again = await reopened(store, open_store, tmp_path)
    assert again.box == {}
    assert again.state.number == number
    newest = next(again.state.log.newest())
    assert newest.edits == (Edit(["box"], {"shared": 11, "mira": 11}, {}),)
    assert newest.rewritten
    assert again.state.handled == {"mx": {"$1": []}}


async def test_interrupted_forgetting_finishes_at_next_start(
    open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(open_store(), tmp_path)
    await store.put("zoltan", 1, by="zoltan")
    await store.keeper.export(NOON)
    with monkeypatch.context() as patch:
        patch.setattr(journals.Journal, "keep", lambda _self: _failing(0))
        with pytest.raises(OSError, match="Input/output"):
            await store.keeper.forget("zoltan", [("part", "box", "zoltan")], NOON)
    assert store.box == {}
    again = await reopened(store, open_store, tmp_path)
    assert again.box == {}
    await again.keeper.finish_forgetting(NOON)
    assert b"zoltan" not in everything(tmp_path)


async def test_damaged_archive_is_named_without_stopping_forgetting(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path)
    await store.put("zoltan", 1, by="zoltan")
    bad = tmp_path / "ptg.journal.001.jsonl"
    bad.write_bytes(b"zoltan\n")
    problems = await store.keeper.forget("zoltan", [("part", "box", "zoltan")], NOON)
    assert len(problems) == 1
    assert "ptg.journal.001.jsonl is damaged" in problems[0]


async def test_journal_is_private_and_exported_file_readable(store: Store) -> None:
    def mode(path: Path) -> int:
        return path.stat().st_mode & 0o777

    await store.put("a", 1)
    await store.keeper.export(NOON)
    assert mode(store.files.journal.path) == 0o600
    assert mode(store.file.path) == 0o644
    store.file.path.chmod(0o640)
    await store.files.rotate(store.state.snapshot().render())
    await store.put("a", 2)
    await store.keeper.export(NOON)
    assert mode(store.files.journal.path) == 0o600
    assert mode(store.file.path) == 0o640


async def test_probe_commits_nothing_unfinished(store: Store) -> None:
    await store.put("a", 1)
    seq = store.state.seq
    edit = Edit(["part", "box", "a"], 1, 2)
    store.state.attempt([edit])
    await store.keeper.probe()
    assert (store.box, store.state.seq) == ({"a": 1}, seq + 1)
    assert store.state.working == {"part": {"box": {"a": 2}}}


async def test_failed_probe_keeps_what_is_unfinished(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.state.attempt([Edit(["part", "box", "a"], ABSENT, 2)])
    with monkeypatch.context() as patch:
        patch.setattr(store.files.journal, "sync", _failing)
        with pytest.raises(NotWritten):
            await store.keeper.probe()
    assert store.state.working == {"part": {"box": {"a": 2}}}
    await store.keeper.probe()


async def test_a_deposed_keeper_is_fenced_and_takes_back(store: Store, tmp_path: Path) -> None:
    await store.put("a", 1)
    (tmp_path / "ptg.lock").unlink()
    assert not store.keeper.leads()
    with pytest.raises(Fenced):
        await store.put("a", 2)
    assert store.state.working == {"part": {"box": {"a": 1}}}
    with pytest.raises(Fenced):
        await store.keeper.export(NOON)
    assert not store.file.path.exists()


async def test_no_rotation_while_somebody_is_half_forgotten(
    open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(open_store(), tmp_path, rotate_at=1)
    for number in range(20):
        await store.put("zoltan", number, by="zoltan")
        await store.keeper.export(NOON)
    with monkeypatch.context() as patch:
        patch.setattr(journals.Journal, "keep", lambda _self: _failing(0))
        with pytest.raises(OSError, match="Input/output"):
            await store.keeper.forget("zoltan", [("part", "box", "zoltan")], NOON)
    assert not await store.keeper.rotate()
    again = await reopened(store, open_store, tmp_path)
    await again.keeper.finish_forgetting(NOON)
    assert b"zoltan" not in everything(tmp_path)


async def test_commands_during_rendering_are_not_in_file(
    store: Store, open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hand edit of that file is understood from the state that it shows."""
    await store.put("a", 1)
    rendering, go_on = threading.Event(), threading.Event()
    render = Plain.render

    def slow(self: Plain, tree: Tree, at: datetime, changed: datetime) -> bytes:
        rendering.set()
        go_on.wait(10)
        return render(self, tree, at, changed)

    with monkeypatch.context() as patch:
        patch.setattr(Plain, "render", slow)
        export = asyncio.create_task(store.keeper.export(NOON))
        await asyncio.to_thread(rendering.wait, 10)
        await store.put("a", 2)
        go_on.set()
        await export
    assert store.exported == {"box": {"a": 1}}
    store.file.path.write_text('{"box": {"a": 1, "b": 1}}')
    again = await reopened(store, open_store, tmp_path)
    assert again.box == {"a": 2, "b": 1}


async def test_batches_at_hand_are_bounded_without_export(store: Store) -> None:
    for seq in range(1, 2500):
        store.state.commit(Batch(seq))
    held = store.state.snapshot()
    assert UNEXPORTED // 2 <= len(held.batches) <= UNEXPORTED
    assert held.head["seq"] == held.batches[0].seq - 1
