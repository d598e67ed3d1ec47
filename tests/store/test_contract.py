"""What every engine of the store must do: the same tests over files and memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from ptgbot.store.file import FileStore
from ptgbot.store.memory import Memory, MemoryStore
from ptgbot.store.store import SCHEMA, Contents, Fenced, Locked, Newer, Store

HEAD = {"schema": 1, "seq": 0, "state": {}}


@frozen
class Engine:
    """Makes stores over the same contents, and takes the leadership away from one."""

    make: Callable[[], Store]
    depose: Callable[[], None]


@pytest.fixture(params=["file", "memory"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "memory":
        memory = Memory()
        return Engine(lambda: MemoryStore(memory), lambda: MemoryStore(memory).depose())
    return Engine(lambda: FileStore.beside(tmp_path / "ptg.json"), lambda: (tmp_path / "ptg.lock").unlink())


@pytest.fixture
async def store(engine: Engine) -> Store:
    made = engine.make()
    assert await made.open() is None
    assert await made.rotate(Contents(HEAD))
    return made


def batch(seq: int, **more: Any) -> dict[str, Any]:
    return {"seq": seq, **more}


def held(contents: Contents | None) -> tuple[Any, list[Any]]:
    assert contents is not None
    return contents.checkpoint, list(contents.batches)


async def archived(store: Store, *, oldest: bool = False) -> list[int]:
    return [contents.checkpoint["seq"] async for contents in store.archives(oldest=oldest)]


async def test_appended_batches_are_read_after_a_restart(engine: Engine, store: Store) -> None:
    assert await store.append(batch(1, text="é 🎉 \u2028")) == 1
    assert await store.append(batch(2)) == 2
    await store.close()
    assert held(await engine.make().open()) == (HEAD, [batch(1, text="é 🎉 \u2028"), batch(2)])


async def test_a_store_of_nothing_has_no_size(engine: Engine) -> None:
    made = engine.make()
    assert await made.open() is None
    assert made.size == 0
    await made.close()


async def test_size_grows_with_each_batch(store: Store) -> None:
    before = store.size
    await store.append(batch(1))
    assert store.size > before > 0


async def test_reading_from_a_position_gives_what_follows(store: Store) -> None:
    for seq in (1, 2, 3):
        await store.append(batch(seq))
    assert await store.read(1) == [batch(2), batch(3)]
    assert await store.read(3) == []


async def test_reading_goes_on_over_a_rotation(store: Store) -> None:
    await store.append(batch(1))
    await store.append(batch(2))
    await store.rotate(Contents({**HEAD, "seq": 1}, [batch(2)]))
    await store.append(batch(3))
    assert await store.read(0) == [batch(1), batch(2), batch(3)]


async def test_a_rotation_keeps_the_old_contents_as_archive(engine: Engine, store: Store) -> None:
    for seq in (1, 2):
        await store.append(batch(seq))
        await store.rotate(Contents({**HEAD, "seq": seq}))
    assert (await archived(store), await archived(store, oldest=True)) == ([1, 0], [0, 1])
    await store.close()
    assert held(await engine.make().open()) == ({**HEAD, "seq": 2}, [])


async def test_rotation_saving_too_little_is_skipped(store: Store) -> None:
    await store.append(batch(1))
    assert not await store.rotate(Contents({**HEAD, "seq": 1, "state": {"x": "x" * 100}}), store.size)
    assert await archived(store) == []


async def test_second_leader_is_refused_while_first_lives(engine: Engine, store: Store) -> None:
    second = engine.make()
    with pytest.raises(Locked):
        await second.open()
    await store.close()
    await second.open()
    assert second.leads()
    assert not store.leads()


async def test_each_leader_has_a_larger_epoch(engine: Engine, store: Store) -> None:
    epochs = [store.epoch]
    await store.close()
    for _ in range(2):
        following = engine.make()
        await following.open()
        epochs.append(following.epoch)
        await following.close()
    assert epochs == [1, 2, 3]


async def test_deposed_leader_is_fenced_in_every_write(engine: Engine, store: Store) -> None:
    engine.depose()
    assert not store.leads()
    with pytest.raises(Fenced):
        await store.append(batch(1))
    with pytest.raises(Fenced):
        await store.rotate(Contents(HEAD))
    with pytest.raises(Fenced):
        await store.scrub(lambda contents: contents, Contents(HEAD))
    with pytest.raises(Fenced):
        await store.put_document("a.0", b"1")
    with pytest.raises(Fenced):
        await store.keep_documents(frozenset())
    with pytest.raises(Fenced):
        await store.put_blob("a", b"1")


async def test_old_leader_is_fenced_after_takeover(engine: Engine, store: Store) -> None:
    engine.depose()
    second = engine.make()
    await second.open()
    with pytest.raises(Fenced):
        await store.append(batch(1))
    assert await second.append(batch(1)) == 1
    assert await second.read(0) == [batch(1)]


async def test_follower_reads_beside_leader_and_writes_nothing(engine: Engine, store: Store) -> None:
    await store.append(batch(1))
    follower = engine.make()
    assert held(await follower.open(lead=False)) == (HEAD, [batch(1)])
    assert not follower.leads()
    assert follower.epoch == 0
    with pytest.raises(Fenced):
        await follower.append(batch(2))
    await store.append(batch(2))
    assert await follower.read(1) == [batch(2)]


async def test_a_follower_reads_on_over_a_rotation(engine: Engine, store: Store) -> None:
    follower = engine.make()
    await follower.open(lead=False)
    await store.append(batch(1))
    await store.rotate(Contents({**HEAD, "seq": 1}))
    await store.append(batch(2))
    assert await follower.read(0) == [batch(1), batch(2)]
    await follower.close()
    assert store.leads()


async def test_scrubbing_rewrites_everything_put_aside(store: Store) -> None:
    for seq in (1, 2):
        await store.append(batch(seq, text="zoltan"))
        await store.rotate(Contents({**HEAD, "seq": seq}))
    await store.append(batch(3, text="zoltan"))

    def rewrite(contents: Contents) -> Contents:
        return Contents(contents.checkpoint, [batch(body["seq"]) for body in contents.batches])

    assert await store.scrub(rewrite, Contents({**HEAD, "seq": 3})) == []
    assert [[*contents.batches] async for contents in store.archives()] == [[batch(3)], [batch(2)], [batch(1)]]
    await store.append(batch(4))
    assert await store.read(0) == [batch(1), batch(2), batch(3), batch(4)]


async def test_documents_are_found_after_a_restart(engine: Engine, store: Store) -> None:
    await store.put_document("minutes.abc", b"[1]")
    await store.close()
    again = engine.make()
    await again.open()
    assert await again.get_document("minutes.abc") == b"[1]"
    with pytest.raises(KeyError):
        await again.get_document("minutes.abd")


async def test_only_listed_documents_are_kept(store: Store) -> None:
    for name in ("a.1", "a.2", "b.1"):
        await store.put_document(name, name.encode())
    await store.keep_documents(frozenset({"a.2"}))
    assert await store.get_document("a.2") == b"a.2"
    for name in ("a.1", "b.1"):
        with pytest.raises(KeyError):
            await store.get_document(name)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a\0", "ä", "a" * 151])
async def test_an_unsafe_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="can't be the name"):
        await store.put_document(name, b"")
    with pytest.raises(ValueError, match="can't be the name"):
        await store.get_blob(name)


async def test_blobs_are_replaced_and_found_again(engine: Engine, store: Store) -> None:
    assert await store.get_blob("sync") is None
    await store.put_blob("sync", b"s1")
    await store.put_blob("sync", b"s2")
    await store.close()
    assert await engine.make().get_blob("sync") == b"s2"


async def test_later_schema_is_refused_by_both_roles(engine: Engine, store: Store) -> None:
    await store.rotate(Contents({**HEAD, "schema": SCHEMA + 1}))
    await store.close()
    for lead in (True, False):
        with pytest.raises(Newer, match="later ptgbot"):
            await engine.make().open(lead=lead)
