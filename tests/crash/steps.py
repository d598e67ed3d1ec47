"""Kills the store at each call of the file system in turn, and looks each time at what is left. Run by test_steps.py.

    python tests/crash/steps.py FOLDER

What is done: the first batch with a row and a document, so that the journal gets a checkpoint of schema 2; a second
version of the document because somebody is forgotten; a rotation.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import ABSENT, Edit, Json
from ptgbot.store.export import ExportFile
from ptgbot.store.file import FileStore
from ptgbot.store.file import journal as journals
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened, Opening
from ptgbot.store.record import Batch, Record
from tests.store.conftest import NOON, Plain

CALLS = frozenset({"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "tempfile.mkstemp"})
"""Audit events that stand for calls which change files, or come right before one."""


async def opened(folder: Path) -> Opened:
    file = ExportFile(folder / "ptg.json", Plain())
    return await Opening(FileStore.beside(file.path), file, {"part": {"box": {}}}, lambda _state: None, NOON).open()


def keeper_of(found: Opened, folder: Path) -> Keeper:
    return Keeper(found.state, ExportFile(folder / "ptg.json", Plain()), found.store, rotate_at=1)


async def prepare(folder: Path) -> None:
    """Lay down a journal of schema 1 in which a person stands."""
    found = await opened(folder)
    keeper = keeper_of(found, folder)
    edit = Edit(["box", "zoltan"], ABSENT, "zoltan")
    record = Record(1, "part", NOON, "zoltan", "Zoltan", "irc", "#c", "#c", "+in zoltan", [edit])
    found.state.attempt(record.placed)
    await keeper.commit(Batch(0, [record]))
    await keeper.export(NOON)
    await keeper.close()


async def work(folder: Path, pipe: int) -> None:
    """Do everything, and say after each step that it is done."""
    found = await opened(folder)
    keeper = keeper_of(found, folder)
    document: Json = {"said": "zoltan"}
    await keeper.commit(Batch(0, deliver=[Delivery(1, "part", "say", "irc", "#c", "hello")]), {"m": document})
    os.write(pipe, b"1")
    await keeper.forget("zoltan", [("part", "box", "zoltan")], NOON, documents={"m": {"said": ""}})
    os.write(pipe, b"2")
    await found.store.rotate(found.state.snapshot().render())
    os.write(pipe, b"3")
    await keeper.close()


def killed_at(number: int, folder: Path) -> tuple[int, bool]:
    """Kill the work at one of its calls. Returns how many steps were done, and whether it was killed at all."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        count = 0

        def audit(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            if event in CALLS and str(folder) in str(arguments[0]):
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(audit)
        asyncio.run(work(folder, writing))
        os._exit(0)
    os.close(writing)
    told = b""
    while got := os.read(reading, 16):
        told += got
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return len(told), os.WIFSIGNALED(status)


async def check(folder: Path, done: int) -> None:
    """What was told to be done is done; what was not is done or not, never by halves."""
    found = await opened(folder)
    keeper, state = keeper_of(found, folder), found.state
    # As the service does at its start.
    await keeper.finish_forgetting(NOON)
    await keeper.export(NOON)
    assert not any("by hand" in note for note in found.notes), found.notes
    box = state.committed["part"]["box"]  # type: ignore[index, call-overload]
    document = await keeper.document("m") if state.documents else None
    assert (box, document, [*state.deliveries]) in [
        ({"zoltan": "zoltan"}, None, []),
        ({"zoltan": "zoltan"}, {"said": "zoltan"}, [1]),
        ({}, {"said": ""}, [1]),
    ]
    assert state.schema == (2 if state.documents else journals.read(folder / "ptg.journal.jsonl").checkpoint["schema"])
    if done >= 1:
        assert state.documents
        assert [*state.deliveries] == [1]
    if done >= 2:
        assert box == {}
    stored = {path.name for path in (folder / "ptg.documents").glob("*")}
    assert stored == {f"{identifier}.{digest}" for identifier, digest in state.documents.items()}
    await keeper.close()
    if box == {}:
        left = [path for path in folder.rglob("*") if path.is_file() and b"zoltan" in path.read_bytes()]
        assert left == [], left


def main(folder: Path) -> None:
    number, more, steps = 0, True, set[int]()
    while more:
        number += 1
        here = folder / str(number)
        here.mkdir()
        asyncio.run(prepare(here))
        done, more = killed_at(number, here)
        steps.add(done)
        asyncio.run(check(here, done))
        shutil.rmtree(here)
    assert steps == {0, 1, 2, 3}
    print(f"{number - 1} kills")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
