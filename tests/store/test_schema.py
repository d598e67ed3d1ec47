"""Schema 2 is written only when it is needed, and can be converted back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ptgbot.store.delivery import Delivery, Settlement
from ptgbot.store.edits import ABSENT, Edit
from ptgbot.store.file import journal as journals
from ptgbot.store.file.repair import downgrade
from ptgbot.store.record import Batch, Cause, Record
from ptgbot.store.store import Locked, NotWritten
from tests.store.conftest import NOON, Open
from tests.store.test_keeper import Store, reopened

ROW = Delivery(1, "part", "say", "irc", "#c", "x")


@pytest.fixture
def store(open_store: Open, tmp_path: Path) -> Store:
    return Store(open_store(), tmp_path)


def schemas(folder: Path) -> list[int]:
    paths = sorted(folder.glob("ptg.journal*.jsonl"))
    return [journals.read(path).checkpoint["schema"] for path in paths]


def heard(number: int, key: str = "a") -> Record:
    edit = Edit(["box", key], ABSENT, 1)
    return Record(number, "part", NOON, "mira", "Mira", "irc", "#c", "#c", "hello", [edit], kind=Cause.HEARD)


NEW: dict[str, Callable[[], Batch]] = {
    "kind": lambda: Batch(0, [heard(2)]),
    "deliver": lambda: Batch(0, deliver=[ROW]),
    "settled": lambda: Batch(0, settled={1: Settlement(ok=True)}),
    "documents": lambda: Batch(0, documents={"m": "0" * 32}),
}


async def test_commands_and_files_stay_in_schema_one(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.put("a", 1)
    await store.keeper.export(NOON)
    store.file.path.write_text('{"box": {"a": 2}}')
    again = await reopened(store, open_store, tmp_path)
    await again.keeper.forget("mira", [], NOON)
    assert set(schemas(tmp_path)) == {1}
    head = journals.read(again.files.paths.journal).checkpoint
    assert not {"deliver", "row", "documents"} & head.keys()


@pytest.mark.parametrize("kind", NEW)
async def test_new_field_brings_checkpoint_of_schema_two(
    kind: str, store: Store, open_store: Open, tmp_path: Path
) -> None:
    await store.put("a", 1)
    batch = NEW[kind]()
    store.state.attempt([Edit(["part", "box", "b"], ABSENT, 1)] if batch.records else [])
    if batch.records:
        batch = Batch(0, [heard(2, "b")])
    await store.keeper.commit(batch)
    assert schemas(tmp_path) == [1, 2]
    assert store.state.schema == 2
    await store.put("c", 1)
    assert schemas(tmp_path) == [1, 2]
    again = await reopened(store, open_store, tmp_path)
    assert again.state.schema == 2
    assert again.box == store.box


async def test_an_upgrade_that_fails_leaves_schema_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_raw: bytes) -> None:
        raise OSError("no")

    with monkeypatch.context() as patch:
        patch.setattr(type(store.files.journal), "replace", lambda _self, raw: failing(raw))
        with pytest.raises(NotWritten):
            await store.keeper.commit(Batch(0, deliver=[ROW]))
    assert store.state.schema == 1
    assert store.state.deliveries == {}
    await store.keeper.commit(Batch(0, deliver=[ROW]))
    assert store.state.deliveries == {1: ROW}


async def converted(store: Store, folder: Path) -> list[str]:
    await store.put("a", 1)
    await store.keeper.export(NOON)
    store.state.attempt(heard(2, "b").placed)
    await store.keeper.commit(Batch(0, [heard(2, "b")], deliver=[ROW]), {"m": {"x": 1}})
    await store.files.rotate(store.state.snapshot().render())
    await store.put("c", 3)
    await store.keeper.close()
    return list(downgrade(folder / "ptg.json"))


async def test_downgraded_journal_keeps_state_in_schema_one(store: Store, open_store: Open, tmp_path: Path) -> None:
    await converted(store, tmp_path)
    assert set(schemas(tmp_path)) == {1}
    for path in tmp_path.glob("ptg.journal*.jsonl"):
        for body in journals.read(path).batches:
            assert not {"deliver", "settled", "documents"} & body.keys()
            assert not any("kind" in record for record in body.get("records", ()))
    again = Store(open_store(), tmp_path)
    assert again.box == {"a": 1, "b": 1, "c": 3}
    assert [record.text for record in again.state.log.newest()] == ["put c", "(heard)", "put a"]
    assert (again.state.deliveries, again.state.documents) == ({}, {})


async def test_a_downgrade_says_what_it_leaves_out(store: Store, tmp_path: Path) -> None:
    said = "\n".join(await converted(store, tmp_path))
    assert "kind heard" in said
    assert "still to be delivered, 1 in number" in said
    assert "ptg.documents.schema-2" in said
    kept = list((tmp_path / "ptg.documents.schema-2").iterdir())
    assert [json.loads(path.read_bytes()) for path in kept] == [{"x": 1}]


async def test_a_downgrade_of_schema_one_changes_nothing(store: Store, tmp_path: Path) -> None:
    await store.put("a", 1)
    await store.keeper.close()
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.jsonl")}
    assert "already" in next(downgrade(tmp_path / "ptg.json"))
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.jsonl")} == before


async def test_a_downgrade_beside_a_running_bot_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Locked):
        next(downgrade(tmp_path / "ptg.json"))
