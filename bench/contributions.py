"""Reading a repository beside its bare ``git log --numstat``, and all questions of readers over many facts.

The first reading and git alone run in turn. The second reading finds no news. The questions run over a snapshot of
made-up facts; their sum stands beside the bound of ten seconds, the memory of the process beside 500 MB. The large form
counts the facts with Spark, too, if it is installed.
"""

from __future__ import annotations

import random
import resource
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from bench.contribution_facts import FIRST, RELEASES, fill, rules
from bench.figures import Figure, LeftOut, Line, alternate, size, timed
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import questions
from ptgbot.contributions.git import Repo
from ptgbot.contributions.old_addresses import answer
from ptgbot.contributions.reading import read_repository
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import open_snapshot, write_snapshot
from ptgbot.contributions.spark import LOCAL, NoSpark, exchanged
from ptgbot.feature import Asked

COMMITS, SHORT_COMMITS = 3_500, 100
"""Commits of the repository."""
FACTS, SHORT_FACTS, LARGE_FACTS = 1_000_000, 2_000, 10_000_000
"""Facts for the questions."""
BOUND, MEMORY = 10.0, 500e6
"""Seconds for all questions, and bytes."""
ANSWER = 0.1
"""Seconds for an answer at an old address."""
_ADDRESSES: Final = (
    "stats/companies",
    "stats/modules",
    "stats/engineers",
    "contribution",
    "activity",
    "stats/timeline",
)
_ASKED: Final = ("active_days_", "assistants_", "metrics_", "punch_", "reviews_")
"""Beginnings of the names of questions of readers that want no values."""


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
    asked, memory = _ask(folder / "stats")
    slowest = _serve(folder, 2 if short else 100)
    return [
        Figure(f"first reading of {SHORT_COMMITS if short else COMMITS} commits", first, "git log --numstat", bare),
        Figure("second reading without news", second, "bound", [0.3] * len(second)),
        *([_spread(folder / "stats", facts, counted)] if large else []),
        Figure(f"all questions over {facts:,} facts", [asked], "bound", [BOUND]),
        Figure("answer at an old address, 99 of 100", [slowest], "bound", [ANSWER]),
        Figure("memory of the process", [memory], "bound", [MEMORY], show=size),
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
        who, at = f"p{chance.randrange(200)}", FIRST + number * 86_400
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
    """Make facts, and return the seconds of counting them."""
    folder.mkdir()
    fill(folder / "facts.duckdb", facts)
    with closing(Duck(folder / "facts.duckdb")) as engine:
        engine.prepare()
        began = time.perf_counter()
        rules(engine)
        write_snapshot(engine, folder)
        return time.perf_counter() - began


def _spread(folder: Path, facts: int, ours: float) -> Line:
    """Return the seconds of counting the same facts with Spark on this machine, its start included."""
    what = f"counting {facts:,} facts with Spark"
    try:
        with closing(Duck(folder / "facts.duckdb")) as engine:
            began = time.perf_counter()
            with exchanged(engine, LOCAL, folder / "exchange") as spark:
                write_snapshot(spark, folder)
    except NoSpark as error:
        return LeftOut(what, str(error))
    return Figure(what, [time.perf_counter() - began], "DuckDB", [ours])


def _ask(folder: Path) -> tuple[float, float]:
    """Return the seconds of all questions, and the largest memory of the process so far."""
    reader = open_snapshot(folder)
    assert reader is not None
    began = time.perf_counter()
    for question in questions():
        if question.startswith(_ASKED):
            reader.rows(question)
    for release in RELEASES:
        reader.rows("cube", release.name)
    taken = time.perf_counter() - began
    reader.close()
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _serve(folder: Path, rounds: int) -> float:
    """Return the seconds within which 99 of 100 requests at old addresses are answered, one at a time.

    The first request after a count, which reads all names, is not among them.
    """
    settings, taken = StatsSettings(), list[float]()
    for number in range(-1, rounds * len(_ADDRESSES)):
        query = {"metric": "commits", "release": "all" if number % 5 == 0 else RELEASES[number % 25].name}
        began = time.perf_counter()
        answered = answer(Asked(_ADDRESSES[number % len(_ADDRESSES)], query, {}, folder / "stats"), settings)
        taken.append(time.perf_counter() - began)
        assert answered.status in (200, 404), answered.body
    return sorted(taken[1:])[(len(taken) - 1) * 99 // 100 - 1]
