"""Documents: durable before the batch that lists them, checked when read, replaced when somebody is forgotten."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ptgbot.store.documents import checked_id, digest_of, from_bytes, stored_name, to_bytes
from ptgbot.store.edits import Json
from ptgbot.store.record import Batch
from ptgbot.store.store import Damaged, NotWritten
from tests.store.conftest import NOON, Open
from tests.store.test_keeper import Store, reopened

MINUTES: Json = {"said": ["zoltan: hello", "é"], "at": None}


@pytest.fixture
def store(open_store: Open, tmp_path: Path) -> Store:
    return Store(open_store(), tmp_path)


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "ptg.documents").iterdir())


async def test_a_committed_document_is_read_after_a_restart(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0), {"minutes-1": MINUTES})
    assert await store.keeper.document("minutes-1") == MINUTES
    again = await reopened(store, open_store, tmp_path)
    assert await again.keeper.document("minutes-1") == MINUTES
    with pytest.raises(KeyError):
        await again.keeper.document("minutes-2")


async def test_documents_outlive_a_rotation(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0), {"minutes-1": MINUTES})
    await store.files.rotate(store.state.snapshot().render())
    again = await reopened(store, open_store, tmp_path)
    assert await again.keeper.document("minutes-1") == MINUTES


async def test_a_document_is_durable_before_its_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    append = store.files.journal.append

    def appended(line: bytes) -> None:
        seen.append((store.files.paths.documents / stored_name("m", digest_of(to_bytes(MINUTES)))).exists())
        append(line)

    monkeypatch.setattr(type(store.files.journal), "append", lambda _self, line: appended(line))
    await store.keeper.commit(Batch(0), {"m": MINUTES})
    assert seen == [True]


async def test_unwritable_document_stops_its_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    seq = store.state.seq
    with monkeypatch.context() as patch:
        patch.setattr(store.files, "sync", full)
        with pytest.raises(NotWritten, match="No space left"):
            await store.keeper.commit(Batch(0), {"m": MINUTES})
    assert store.state.documents == {}
    assert store.state.seq == seq


async def test_orphans_are_removed_at_the_next_start(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0), {"m": 1})
    await store.files.put_document("never-listed.0", b"1")
    (tmp_path / "ptg.documents" / ".half.tmp").write_text("")
    again = await reopened(store, open_store, tmp_path)
    assert stored(tmp_path) == [stored_name("m", digest_of(b"1"))]
    assert await again.keeper.document("m") == 1


async def test_changed_bytes_are_noticed(store: Store, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0), {"m": MINUTES})
    path = tmp_path / "ptg.documents" / stored(tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b"hello", b"hallo"))
    with pytest.raises(Damaged, match="document m"):
        await store.keeper.document("m")


async def test_forgetting_rewrites_a_document_under_its_id(store: Store, open_store: Open, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0), {"m": MINUTES, "other": 1})
    former = stored(tmp_path)
    await store.keeper.forget("zoltan", [], NOON, documents={"m": {"said": []}})
    assert await store.keeper.document("m") == {"said": []}
    assert len(stored(tmp_path)) == 2
    assert stored(tmp_path) != former
    again = await reopened(store, open_store, tmp_path)
    assert await again.keeper.document("m") == {"said": []}
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "ptg.lock"]
    assert not any(b"zoltan" in path.read_bytes() for path in files)


async def test_a_forgetting_that_fails_keeps_the_document(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.keeper.commit(Batch(0), {"m": MINUTES})

    def failing(_handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(store.files.journal, "sync", failing)
        with pytest.raises(NotWritten):
            await store.keeper.forget("zoltan", [], NOON, documents={"m": None})
    assert await store.keeper.document("m") == MINUTES


@pytest.mark.parametrize("identifier", ["", "..", "a/b", "../a", ".a", "a b", "ä", "a" * 101, "a\n"])
def test_an_unsafe_id_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="can't be the id"):
        checked_id(identifier)


async def test_an_unsafe_id_stops_its_batch(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotWritten):
        await store.keeper.commit(Batch(0), {"../outside": 1})
    assert [*tmp_path.parent.glob("outside*"), *tmp_path.rglob("outside*")] == []


def test_bytes_give_back_the_document() -> None:
    raw = to_bytes({"a": ["é", 1.5, None]})
    assert from_bytes(raw, "m", digest_of(raw)) == {"a": ["é", 1.5, None]}


async def test_only_the_bot_reads_documents(store: Store, tmp_path: Path) -> None:
    await store.keeper.commit(Batch(0), {"m": MINUTES})
    assert (tmp_path / "ptg.documents").stat().st_mode & 0o777 == 0o700
