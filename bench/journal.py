"""The cost of durability beside the necessary system calls.

The same bytes go to two files on the same disk: by ``Journal.append``, and by a bare write and fsync. Beside these
stands a whole batch of decided commands through ``Core.commit``: encoding, checksum, a thread, append, and taking the
edits into the committed state. If fsync costs nothing (a file system in memory) only the ratio of the work is left.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from bench.figures import Figure, alternate, timed
from bench.gatherings import bot, line, this_week
from ptgbot.chat.inbox import Verdict
from ptgbot.chat.message import Message
from ptgbot.service import Service
from ptgbot.store.edits import Tree
from ptgbot.store.file import FileStore
from ptgbot.store.file.journal import Journal

BARE = "bare write + fsync"


async def run(folder: Path, short: bool) -> Sequence[Figure]:
    """Measure batches of one command and of 64 commands."""
    service = await bot(folder, this_week())
    try:
        found: list[Figure] = []
        for size in (1, 64):
            found += await _batches(service, folder, size, 5 if short else 300)
    finally:
        await service.core.keeper.close()
    return found


async def _batches(service: Service, folder: Path, size: int, rounds: int) -> Sequence[Figure]:
    core, typed = service.core, _chat(service)
    store = core.keeper.store
    assert isinstance(store, FileStore)
    path = store.journal.path
    written = [b""]

    async def commit() -> float:
        verdicts = [verdict for each in map(core.decide, itertools.islice(typed, size)) for verdict in each]
        return await _committed(service, verdicts)

    async def remember() -> None:
        before = store.journal.length
        await commit()
        with path.open("rb") as file:
            file.seek(before)
            written[0] = file.read()

    await remember()
    ours, bare = folder / f"{size}.journal", folder / f"{size}.bare"
    ours.touch()
    journal = Journal(ours, 0)
    handle = os.open(bare, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)

    def write() -> None:
        os.write(handle, written[0])
        os.fsync(handle)

    try:
        append, whole, beside = await alternate(rounds, timed(lambda: journal.append(written[0])), commit, timed(write))
    finally:
        journal.close()
        os.close(handle)
    what = f"batch of {size} ({len(written[0])} bytes)"
    return [
        Figure(f"append a {what}", append, BARE, beside),
        Figure(f"commit a {what}", whole, BARE, beside),
    ]


async def _committed(service: Service, verdicts: Sequence[Verdict]) -> float:
    began = time.perf_counter()
    await service.core.commit(verdicts, {}, ())
    return time.perf_counter() - began


def _chat(service: Service) -> Iterator[Message]:
    """Yield lines as on a busy day. Each changes something."""
    tracks = [*cast("Tree", cast("Tree", service.core.state.committed["gathering"])["tracks"])]
    for number in itertools.count():
        track = tracks[number // 3 % len(tracks)]
        yield line(f"#{track} now Topic number {number}, with everybody who is in the room")
        yield line(f"#{track} next Topic number {number + 1}, when this one is done")
        yield line(f"+in #{track}", by=f"guest{number % 50}")
