"""Reading a repository beside its bare ``git log --numstat``, and what readers ask of many facts.

The first reading and git alone run in turn; the second reading finds no news. Facts are mixed: commits with co-authors,
changes, patch sets, votes, messages and talks. The numbers of all pages are made in a process of its own, whose memory
is shown; then their questions are asked once more, to be timed without what is made of the answers. Every old address
is asked with several choices, one request at a time: first with an open snapshot, then all at once while chat commands
are timed. The first request after a count, which opens the snapshot, is shown by itself. The large form counts the
facts with Spark, too, if it is installed.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from bench.contribution_facts import RELEASES, fill, register, rules
from bench.figures import Figure, LeftOut, Line, alternate, size, timed
from ptgbot.contributions.asking import active_people
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Row, Value
from ptgbot.contributions.git import Repo
from ptgbot.contributions.old_addresses import answer
from ptgbot.contributions.old_answers import ANSWERS
from ptgbot.contributions.old_names import METRICS
from ptgbot.contributions.paging import MEMORY as ENGINE_MEMORY
from ptgbot.contributions.paging import write_pages
from ptgbot.contributions.reading import read_repository
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import open_snapshot, write_snapshot
from ptgbot.contributions.spark import LOCAL, NoSpark, exchanged
from ptgbot.feature import Asked

COMMITS, SHORT_COMMITS = 3_500, 100
"""Commits of the repository."""
FACTS, SHORT_FACTS, LARGE_FACTS = 1_000_000, 2_000, 10_000_000
"""Facts of the questions."""
BOUND, MEMORY = 10.0, 500e6
"""Seconds for the questions of all pages, and bytes."""
ANSWER = 0.1
"""Seconds for an answer at an old address."""
READER = 150e6
"""Bytes by which the bot may grow while a snapshot is open."""
AT_ONCE = 20
"""Requests beside which a chat command is timed."""
_FIRST: Final = 1_325_376_000
_SETTINGS: Final = StatsSettings(split=True, mass_renames=100)
_CHOICES: Final[Sequence[Mapping[str, str]]] = (
    {"release": "all"},
    {"release": RELEASES[9].name},
    {"release": RELEASES[20].name, "module": "r7"},
    {"release": "all", "company": "Org 8"},
    {"release": "all", "start_date": "2016-01-01", "end_date": "2017-12-31"},
)
"""What requests choose beside the metric."""


async def run(folder: Path, short: bool, *, large: bool = False) -> Sequence[Line]:
    """Measure reading and counting.

    Args:
        folder: where to write.
        short: only shows that it works.
        large: ten million facts instead of one.
    """
    path = repository(folder / "plants", SHORT_COMMITS if short else COMMITS)
    first, second, bare = await _read(folder, path, 1 if short else 5)
    facts = SHORT_FACTS if short else LARGE_FACTS if large else FACTS
    counted = _count(folder / "stats", facts)
    pages, memory, questions = _alone(folder / "stats")
    again, _, _ = _alone(folder / "stats")
    opening, answers, grown = _serve(folder, 20 if short else None)
    alone, beside = await _chat(folder, 1 if short else 10)
    return [
        Figure(f"first reading of {SHORT_COMMITS if short else COMMITS} commits", first, "git log --numstat", bare),
        Figure("second reading without news", second, "bound", [0.3] * len(second)),
        *([_spread(folder / "stats", facts, counted)] if large else []),
        Figure(f"questions of all pages over {facts:,} facts", [questions], "bound", [BOUND]),
        Figure("numbers of all pages, written", [pages], "bound", [BOUND]),
        Figure("the same without news", [again], "bound", [BOUND]),
        Figure("memory of that process", [memory], "bound", [MEMORY], show=size),
        Figure("first answer after a count", [opening], "bound", [ANSWER]),
        Figure("answer at an old address, 99 of 100", [answers], "bound", [ANSWER]),
        Figure("memory of the open snapshot", [grown], "bound", [READER], show=size),
        Figure(f"chat command beside {AT_ONCE} such requests", beside, "alone", alone),
    ]


def repository(folder: Path, commits: int) -> Path:
    """Make a repository of commits that change three files each."""
    chance = random.Random(1)
    folder.mkdir()
    subprocess.run(["git", "-C", str(folder), "init", "--quiet", "--bare", "--initial-branch=main", "."], check=True)
    texts = {number: [f"line {line}" for line in range(200)] for number in range(300)}
    process = subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    for number in range(commits):
        who, at = f"p{chance.randrange(200)}", _FIRST + number * 86_400
        process.stdin.write(f"commit refs/heads/main\ncommitter {who} <{who}@example.org> {at} +0000\ndata 1\nx\n")
        for file in chance.sample(sorted(texts), 3):
            for _ in range(5):
                texts[file][chance.randrange(200)] = f"line {chance.random()}"
            text = "\n".join(texts[file])
            process.stdin.write(f"M 100644 inline folder{file % 20}/file{file}\ndata {len(text)}\n{text}\n")
        process.stdin.write("\n")
    process.stdin.close()
    process.wait()
    return folder


async def _read(folder: Path, path: Path, rounds: int) -> tuple[list[float], list[float], list[float]]:
    made: list[Path] = []

    def ours() -> None:
        made.append(folder / f"{len(made)}.duckdb")
        _reading(made[-1], path)

    def git() -> None:
        command = ["git", "-C", str(path), "log", "--no-merges", "-M", "--numstat"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    first, bare = await alternate(rounds, timed(ours), timed(git), budget=60)
    (second,) = await alternate(rounds, timed(lambda: _reading(made[0], path)))
    return first, second, bare


def _reading(database: Path, path: Path) -> None:
    engine = Duck(database)
    engine.prepare()
    read_repository(engine, "plants", Repo(path))
    engine.close()


def _count(folder: Path, facts: int) -> float:
    """Make facts and a snapshot of them. Return the seconds of the latter."""
    folder.mkdir()
    fill(folder / "facts.duckdb", facts)
    engine = Duck(folder / "facts.duckdb")
    engine.prepare()
    rules(engine)
    began = time.perf_counter()
    write_snapshot(engine, folder)
    taken = time.perf_counter() - began
    engine.close()
    return taken


def _spread(folder: Path, facts: int, ours: float) -> Line:
    """Return the seconds of the same count with Spark on this machine, its start included."""
    what = f"counting {facts:,} facts with Spark"
    try:
        with closing(Duck(folder / "facts.duckdb")) as engine:
            began = time.perf_counter()
            with exchanged(engine, LOCAL, folder / "exchange") as spark:
                write_snapshot(spark, folder)
    except NoSpark as error:
        return LeftOut(what, str(error))
    return Figure(what, [time.perf_counter() - began], "DuckDB", [ours])


def _alone(folder: Path) -> tuple[float, float, float]:
    """Return what :func:`pages` does in a process for it."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(pages, folder).result()


def pages(folder: Path) -> tuple[float, float, float]:
    """Write the numbers of all pages, and ask their questions once more.

    Returns:
        The seconds of the first, the largest memory of this process (bytes) by then, and the seconds of the questions
        with the reading of their answers.
    """
    with closing(Duck(folder / "facts.duckdb")) as engine:
        with _noted() as asked:
            began = time.perf_counter()
            write_pages(engine, folder, register(), _SETTINGS, lambda: _FIRST + 440_000_000.0)
            taken = time.perf_counter() - began
        memory = _memory("VmHWM")
        snapshot = open_snapshot(folder, memory=ENGINE_MEMORY, threads=2)
        assert snapshot is not None
        with closing(snapshot):
            snapshot.prepare_old()
            began = time.perf_counter()
            for of, ask, question, values in asked:
                deque(ask(engine if of is engine else snapshot, question, *values), maxlen=0)
            return taken, memory, time.perf_counter() - began


@contextmanager
def _noted() -> Iterator[list[tuple[Duck, Callable[..., Iterable[Row]], str, Sequence[Value]]]]:
    """Return a context that notes the questions: the database, how it is asked, the name, the values."""
    asked: list[tuple[Duck, Callable[..., Iterable[Row]], str, Sequence[Value]]] = []
    rows, stream = Duck.rows, Duck.stream

    def noted_rows(self: Duck, question: str, *values: Value) -> Sequence[Row]:
        asked.append((self, rows, question, values))
        return rows(self, question, *values)

    def noted_stream(self: Duck, question: str, *values: Value) -> Iterator[Row]:
        asked.append((self, stream, question, values))
        return stream(self, question, *values)

    with patch.object(Duck, "rows", noted_rows), patch.object(Duck, "stream", noted_stream):
        yield asked


def _memory(name: str) -> float:
    """Return a figure of the memory of this process in bytes: ``VmRSS`` is the present one, ``VmHWM`` the largest."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _serve(folder: Path, most: int | None) -> tuple[float, float, float]:
    """Ask every old address with every metric and choice, one request at a time.

    Args:
        folder: where the snapshot is.
        most: most requests, None for all of them.

    Returns:
        The seconds of the first request after a count, those within which 99 of 100 of the others are answered, and
        the bytes by which this process grew.
    """
    before, taken = _memory("VmRSS"), list[float]()
    asked = [
        (address, {**choice, "metric": metric})
        for address in ANSWERS
        for metric in [one for one, (ours, _) in METRICS.items() if ours]
        for choice in _CHOICES
    ]
    random.Random(3).shuffle(asked)
    for address, query in [("releases", {}), *asked[:most]]:
        taken.append(_answered(folder, address, query))
    first, *others = taken
    return first, sorted(others)[len(others) * 99 // 100 - 1], _memory("VmRSS") - before


def _answered(folder: Path, address: str, query: Mapping[str, str]) -> float:
    began = time.perf_counter()
    answered = answer(Asked(address, query, {}, folder / "stats"), _SETTINGS)
    assert answered.status in (200, 404), answered.body
    return time.perf_counter() - began


async def _chat(folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds of a chat command by itself, and beside requests that come all at once.

    A route answers one request at a time, so the others wait in line.
    """

    async def command() -> float:
        began = time.perf_counter()
        await asyncio.to_thread(active_people, folder / "stats", "r7")
        return time.perf_counter() - began

    def crowd() -> None:
        for _ in range(AT_ONCE):
            _answered(folder, "stats/engineers", {"release": "all", "metric": "commits"})

    alone, beside = list[float](), list[float]()
    for _ in range(rounds):
        alone.append(await command())
        requests = asyncio.create_task(asyncio.to_thread(crowd))
        beside.append(await command())
        await requests
    return alone, beside
