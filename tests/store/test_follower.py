"""Reading the files of a running bot."""

from __future__ import annotations

from pathlib import Path

from ptgbot.store.export import ExportFile
from ptgbot.store.file import FileStore
from ptgbot.store.opening import Opened, Opening
from tests.store.conftest import NOON, Open, Plain, run
from tests.store.test_opening import box, put


def followed(folder: Path) -> Opened | None:
    file = ExportFile(folder / "ptg.json", Plain())
    store = FileStore.beside(file.path)
    return run(Opening(store, file, {"part": {"box": {}}}, lambda _state: None, NOON).follow())


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_follower_sees_the_state_and_changes_nothing(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    put(opened, "a", 1)
    with (tmp_path / "ptg.journal.jsonl").open("ab") as journal:
        journal.write(b'{"sum":"0123')
    (tmp_path / "ptg.json").write_text('{"box": {"a": "by hand"}}')
    before = listing(tmp_path)
    found = followed(tmp_path)
    assert found is not None
    assert box(found) == {"a": 1}
    assert [record.text for record in found.state.log.newest()] == ["x"]
    assert listing(tmp_path) == before


def test_follower_of_missing_store_gets_none(tmp_path: Path) -> None:
    assert followed(tmp_path) is None
    assert listing(tmp_path) == {}


def test_a_follower_reads_records_of_archives(open_store: Open, tmp_path: Path) -> None:
    opened = open_store()
    for number in range(3):
        put(opened, "a", number)
        run(opened.store.rotate(opened.state.snapshot().render()))
    found = followed(tmp_path)
    assert found is not None
    assert [record.number for record in found.state.log.newest()] == [3, 2, 1]
