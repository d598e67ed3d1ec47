"""Rows to be delivered: open until settled, over restarts, rotations and forgetting."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.store.delivery import Delivery, Settlement
from ptgbot.store.record import Batch
from tests.store.conftest import NOON, Open
from tests.store.test_keeper import Store, everything, reopened


def row(number: int, target: str = "#c", kind: str = "say") -> Delivery:
    return Delivery(number, "part", kind, "irc", target, {"text": f"row {number}"}, NOON, "alert")


@pytest.fixture
def store(open_store: Open, tmp_path: Path) -> Store:
    return Store(open_store(), tmp_path, rotate_at=1)


@pytest.mark.parametrize("deadline", [None, NOON])
def test_a_row_survives_json(deadline: object) -> None:
    made = Delivery(1, "part", "say", "irc", "#c", ["x", None], NOON if deadline else None, "about")
    assert Delivery.from_json(made.to_json()) == made


async def test_rows_are_open_until_they_are_settled(store: Store) -> None:
    await store.keeper.commit(Batch(0, deliver=[row(1), row(2)]))
    assert store.state.deliveries == {1: row(1), 2: row(2)}
    await store.keeper.commit(Batch(0, settled={1: Settlement(ok=True), 2: Settlement(ok=False, why="nobody there")}))
    assert store.state.deliveries == {}
    assert store.state.row == 2


async def test_open_rows_outlive_restart_and_rotation(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0, deliver=[row(1), row(2), row(3, kind="of a later version")]))
    await store.keeper.commit(Batch(0, settled={2: Settlement(ok=True)}))
    expected = {1: row(1), 3: row(3, kind="of a later version")}
    again = await reopened(store, open_store, tmp_path)
    assert (again.state.deliveries, again.state.row) == (expected, 3)
    await again.files.rotate(again.state.snapshot().render())
    last = await reopened(again, open_store, tmp_path)
    assert (last.state.deliveries, last.state.row) == (expected, 3)


def test_a_new_state_numbers_rows_from_one(store: Store) -> None:
    assert (store.state.deliveries, store.state.row) == ({}, 0)


async def test_numbers_go_on_when_no_row_is_open(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0, deliver=[row(7)]))
    await store.keeper.commit(Batch(0, settled={7: Settlement(ok=True)}))
    await store.files.rotate(store.state.snapshot().render())
    again = await reopened(store, open_store, tmp_path)
    assert (again.state.deliveries, again.state.row) == ({}, 7)


async def test_settled_rows_are_not_replayed_behind_an_export(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.export(NOON)
    await store.keeper.commit(Batch(0, deliver=[row(1)]))
    await store.put("a", 1)
    await store.keeper.commit(Batch(0, settled={1: Settlement(ok=True)}))
    await store.files.rotate(store.state.snapshot().render())
    again = await reopened(store, open_store, tmp_path)
    assert again.state.deliveries == {}


async def test_forgetting_removes_rows_and_bodies_of_person(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0, deliver=[row(1, "zoltan"), row(2), row(3)]))
    await store.keeper.commit(Batch(0, settled={2: Settlement(ok=True)}))
    await store.keeper.forget("zoltan", [], NOON)
    assert store.state.deliveries == {3: row(3)}
    written = everything(tmp_path)
    assert b"zoltan" not in written
    assert b"row 2" not in written
    again = await reopened(store, open_store, tmp_path)
    assert again.state.deliveries == {3: row(3)}


async def test_the_incarnation_stays_with_the_journal(store: Store, open_store: Open, tmp_path: Path) -> None:
    first = store.state.incarnation
    again = await reopened(store, open_store, tmp_path)
    await again.files.rotate(again.state.snapshot().render())
    last = await reopened(again, open_store, tmp_path)
    assert first == again.state.incarnation == last.state.incarnation
    assert len(bytes.fromhex(first)) == 8


async def test_each_journal_has_its_own_incarnation(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path)
    first = store.state.incarnation
    await store.keeper.close()
    store.files.paths.journal.unlink()
    assert Store(open_store(), tmp_path).state.incarnation != first


async def test_an_incarnation_is_durable_before_the_first_row(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path)
    head = {key: value for key, value in store.state.snapshot().head.items() if key != "incarnation"}
    await store.files.rotate(type(store.state.snapshot().render())(head))
    again = await reopened(store, open_store, tmp_path)
    await again.keeper.commit(Batch(0, deliver=[row(1)]))
    first = again.state.incarnation
    last = await reopened(again, open_store, tmp_path)
    assert last.state.incarnation == first


async def test_a_journal_of_version_one_gets_an_incarnation(open_store: Open, tmp_path: Path) -> None:
    store = Store(open_store(), tmp_path)
    head = {key: value for key, value in store.state.snapshot().head.items() if key != "incarnation"}
    await store.files.rotate(type(store.state.snapshot().render())(head))
    again = await reopened(store, open_store, tmp_path)
    assert len(bytes.fromhex(again.state.incarnation)) == 8
    await again.keeper.close()
