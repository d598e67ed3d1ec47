"""Kills core and store at random moments, and looks each time at what is left. Run by test_kill.py.

    python tests/crash/killer.py FOLDER ROUNDS SEED

A child is forked for each round, so that a round costs no start of Python.
"""

from __future__ import annotations

import asyncio
import copy
import os
import random
import signal
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from ptgbot.chat.inbox import Inbox
from ptgbot.chat.message import Answer, Message
from ptgbot.gathering.document import PtgJson
from ptgbot.service import Service, clock
from ptgbot.store.delivery import Delivery, Settlement
from ptgbot.store.edits import Json
from ptgbot.store.record import Batch
from ptgbot.testing import START
from tests.plain_bot import close, message, prepare, service
from tests.plain_gathering import Line, Plain, random_line, tables_of

ROTATE = 30_000
DOCUMENT = 1 << 31
"""Added to the number of a document, to tell it from that of a line."""


def child(folder: Path, model: Plain, seed: int, pipe: int) -> None:
    """Be the bot until killed; each acknowledged line goes down the pipe."""

    def answered(one: Message, _answers: Sequence[Answer]) -> None:
        os.write(pipe, struct.pack("<I", number_of(one)))

    async def work(bot: Service) -> None:
        inbox = Inbox(bot.core, answered, lambda *_: None, per_person=100_000)
        tasks = [asyncio.create_task(call) for call in (inbox.run(), keep_exporting(bot), keep_delivering(bot, pipe))]
        lines = chats(model, seed)
        while not any(task.done() for task in tasks):
            for _ in range(random.randrange(1, 30)):
                inbox.put(next(lines))
            await inbox.idle()
        os._exit(3)

    async def keep_exporting(bot: Service) -> None:
        while True:
            await bot.core.keeper.export(clock())
            await bot.core.keeper.rotate()
            await asyncio.sleep(0.002)

    bot = service(folder, ROTATE)
    os.write(pipe, struct.pack("<I", 0))
    asyncio.run(work(bot))


async def keep_delivering(bot: Service, pipe: int) -> None:
    """Commit documents with rows to be delivered, settle every second row, and say which are written."""
    state = bot.core.state
    while True:
        number = state.row + 1
        row = Delivery(number, "gathering", "say", "irc", "#one", f"row {number}")
        body: Json = {"number": number, "text": "x" * random.randrange(2000)}
        settled = {number - 1: Settlement(ok=True)} if number % 2 else {}
        await bot.core.keeper.commit(Batch(0, deliver=[row], settled=settled), {f"d{number}": body})
        os.write(pipe, struct.pack("<I", DOCUMENT + number))
        await asyncio.sleep(random.random() * 0.004)


def number_of(one: Message) -> int:
    return int((one.at - START).total_seconds())


def lines_of(model: Plain, seed: int) -> Iterator[tuple[Line, datetime]]:
    """Yield lines as people would type them from here on; the model takes each."""
    rng = random.Random(seed)
    while True:
        line = random_line(model, rng)
        if line:
            yield line, model.at
            model.take(line)


def chats(model: Plain, seed: int) -> Iterator[Message]:
    for line, at in lines_of(model, seed):
        yield message(line, at)


def one_round(folder: Path, model: Plain, seed: int) -> int:
    """Start, kill, look. Returns how many lines were acknowledged."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            child(folder, copy.deepcopy(model), seed, writing)
        finally:
            os._exit(2)
    os.close(writing)
    rng = random.Random(seed + 1)
    if rng.random() < 0.7:
        first = os.read(reading, 4)
        assert first, "the child ended before it was ready"
    time.sleep(rng.uniform(0, 0.06))
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"the child ended by itself: {status}"
    told = _drain(reading)
    acknowledged = [number for number in told if number < DOCUMENT]
    check(folder, model, seed, acknowledged, [number - DOCUMENT for number in told if number >= DOCUMENT])
    return len(acknowledged)


def _drain(pipe: int) -> list[int]:
    raw = b""
    while got := os.read(pipe, 65536):
        raw += got
    os.close(pipe)
    whole = raw[: len(raw) // 4 * 4]
    return [number for (number,) in struct.iter_unpack("<I", whole) if number]


async def check_documents(bot: Service, folder: Path, acknowledged: Sequence[int]) -> None:
    """Every document that was told to be written is whole, and nothing else lies there; rows are open or settled."""
    state = bot.core.state
    assert [*state.documents] == [f"d{number}" for number in range(1, state.row + 1)]
    assert max(acknowledged, default=0) <= state.row
    for identifier in [*state.documents][-5:]:
        body = await bot.core.keeper.document(identifier)
        assert isinstance(body, dict)
        assert body["number"] == int(identifier[1:])
    stored = {path.name for path in (folder / "ptg.documents").iterdir()} if state.documents else set()
    assert stored == {f"{identifier}.{digest}" for identifier, digest in state.documents.items()}
    settled = {number - 1 for number in range(1, state.row + 1) if number % 2}
    assert [*state.deliveries] == [number for number in range(1, state.row + 1) if number not in settled]


def check(folder: Path, model: Plain, seed: int, acknowledged: Sequence[int], documents: Sequence[int]) -> None:
    """Nothing acknowledged is lost, nothing is doubled, the file can be read, and the state is the model's."""
    PtgJson().parse((folder / "ptg.json").read_bytes())
    bot = service(folder, ROTATE)
    try:
        assert not [note for note in bot.opened.notes if "by hand" in note], bot.opened.notes
        records = [record for record in bot.core.state.log.records if record.key != "file"]
        # The first record of all is the import of the file; the log holds the newest commands alone.
        left_out = records[0].number - 2 if records else 0
        typed = [*(line.text for line in model.lines[:left_out]), *(record.text for record in records)]
        known = len(model.lines)
        assert typed[:known] == [line.text for line in model.lines]
        lines = lines_of(model, seed)
        for text in typed[known:]:
            line: Line = next(lines)[0]
            assert text == line.text, (text, line.text)
            if len(model.lines) == len(typed) - 1:
                model.take(line)
                break
        assert len(model.lines) == len(typed)
        assert not acknowledged or max(acknowledged) <= len(typed), (max(acknowledged), len(typed))
        assert tables_of(bot.core.state.committed["gathering"]) == model.tables  # type: ignore[arg-type]
        asyncio.run(check_documents(bot, folder, documents))
    finally:
        close(bot)


def main(folder: Path, rounds: int, seed: int) -> None:
    prepare(folder)
    close(service(folder, ROTATE))
    model, acknowledged, started = Plain(), 0, time.monotonic()
    for number in range(rounds):
        acknowledged += one_round(folder, model, seed + 10 * number)
    seconds = time.monotonic() - started
    print(f"{rounds} kills, {acknowledged} acknowledged lines, {len(model.lines)} on record, {seconds:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
