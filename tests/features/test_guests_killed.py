"""The four probe guests in the installed program, killed at random moments on a real IRC server."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import frozen

from ptgbot.parts.jobs import LastRun
from ptgbot.store.edits import Tree
from tests.features.installed import install_guests, stored
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.programs import Program, free_port
from tests.servers.running import Running, begin, health_of

pytestmark = pytest.mark.servers

EVENTS, HALL = "#events", "#hall"
NUMBERS, TICKS = 60, 40
EVERY = 5.0
"""Seconds between two runs of the job: more than between two starts of the bot."""
JOB = "ptg.bulk/clerk/stamp"
"""Folder of the job."""
TOML = """\
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[ear]
rooms = ["#events"]

[crier]
rooms = ["testnet #events", "testnet #hall"]

[hoarder]
most = {numbers}

[clerk]
every = {every}
takes = 2.0
file = "{folder}/clerk.txt"
first = "{first}"
most = {ticks}

[[irc]]
name = "testnet"
server = "{host}"
port = {port}
tls = false
channels = ["#events", "#hall"]
messages_per_second = 0
confirm = "none"
retry_first = 0.1
"""


@pytest.fixture
async def ada(ngircd: IrcServer, meet: Meet) -> IrcPerson:
    return await meet(ngircd, "ada", EVENTS, HALL)


def configure(folder: Path, server: IrcServer) -> Path:
    config = folder / "ptgbot.toml"
    first = datetime.now(UTC).isoformat()
    config.write_text(
        TOML.format(
            web=free_port(),
            host=server.host,
            port=server.port,
            folder=folder,
            first=first,
            numbers=NUMBERS,
            ticks=TICKS,
            every=EVERY,
        ),
        "utf-8",
    )
    return config


async def state_of(folder: Path) -> dict[str, Tree]:
    """Return what features keep, as it is on the disk."""
    return cast("dict[str, Tree]", (await stored(folder)).committed)


async def type_and_kill(bot: Running, ada: IrcPerson, first: int, rng: random.Random) -> int:
    """Talk and cry until the bot is killed. Returns the next number."""
    number, loop = first, asyncio.get_running_loop()
    end = loop.time() + rng.uniform(0.0, 1.0)
    while loop.time() < end:
        ada.say(EVENTS, f"#cry alarm {number}" if number % 5 == 0 else f"I say {number}")
        number += 1
        await asyncio.sleep(rng.choice((0.0, 0.005, 0.02, 0.05)))
    bot.program.kill()
    await ada.settle()
    return number


async def until_settled(folder: Path) -> dict[str, Tree]:
    """Wait until nothing is left to deliver, to learn or to tick."""
    async with asyncio.timeout(60):
        while True:
            state = await state_of(folder)
            cries, known = cast("Any", state["crier"]), cast("Any", state["hoarder"]["known"])
            settled = len(cries["cries"]) == len(cries["outcomes"])
            if settled and len(known) == NUMBERS and state["clerk"]["ticks"] == TICKS:
                return state
            await asyncio.sleep(0.1)


@frozen
class Run:
    """One run of the job."""

    began: datetime
    ended: datetime | None


def runs_of(folder: Path) -> list[Run]:
    """Return every run of the job. It must have been alone, and only the newest one may still be under way."""
    path = folder / "clerk.txt"
    words = path.read_text("ascii").split() if path.exists() else []
    assert words[::2] == ["began", "ended"] * (len(words) // 4) + ["began"] * (len(words) // 2 % 2)
    times = [datetime.fromtimestamp(float(word), UTC) for word in words[1::2]]
    return [Run(*pair) for pair in itertools.zip_longest(times[::2], times[1::2])]


def check_memory(folder: Path) -> None:
    """Compare what a killed bot remembers of the job with its runs: a start before it, an outcome after it."""
    last = LastRun.read(folder / JOB)
    since = [run for run in runs_of(folder) if last is None or run.began >= last.started]
    if last is None:
        assert since == []
    elif last.status is None:
        assert len(since) <= 1
    else:
        assert last.status == 0
        assert [run.ended is None for run in since] == [False]


async def counted_runs(bot: Running, since: datetime) -> int:
    """Wait until the bot that was started last has counted every run that it began. Returns the number of those."""
    async with asyncio.timeout(60):
        while True:
            last = LastRun.read(bot.folder / JOB)
            counts = (await asyncio.to_thread(health_of, bot.web))["parts"]["clerk/stamp"]["counts"]
            own = [run for run in runs_of(bot.folder) if run.began >= since]
            if own and last and last.status == 0 and counts == {"runs": len(own), "failures": 0}:
                return len(own)
            await asyncio.sleep(0.1)


async def kill(rounds: int, folder: Path, server: IrcServer, ada: IrcPerson, programs: list[Program]) -> str:
    config, rng, number = configure(folder, server), random.Random(7), 1
    first = datetime.now(UTC)
    for _ in range(rounds):
        bot = begin(config, programs)
        await ada.see("ptgbot", EVENTS)
        number = await type_and_kill(bot, ada, number, rng)
        check_memory(folder)
    since = datetime.now(UTC)
    last = begin(config, programs)
    state = await until_settled(folder)
    heard = [cast("list[str]", row) for row in cast("dict[str, Any]", state["ear"]["lines"]).values()]
    lines = [int(row[1].split()[-1]) for row in heard if row[0] == "ada" and row[1].startswith("I say")]
    assert lines == sorted(set(lines))
    cries = cast("dict[str, str]", state["crier"]["cries"])
    said = {channel: ada.said("ptgbot", channel) for channel in (EVENTS, HALL)}
    for key, text in cries.items():
        assert all(f"{text} ({key})" in said[channel] for channel in said), text
    assert set(map(str, state["crier"]["outcomes"].values())) <= {"[2, {}]"}  # type: ignore[union-attr]
    assert list(cast("dict[str, int]", state["hoarder"]["known"]).values()) == list(range(1, NUMBERS + 1))
    bulk = folder / "ptg.bulk" / "hoarder" / "numbers" / "numbers.txt"
    assert bulk.read_text("ascii").split() == [str(n) for n in range(1, NUMBERS + 1)]
    assert await counted_runs(last, since) >= 1
    runs = runs_of(folder)
    assert len(runs) <= 1 + (runs[-1].began - first).total_seconds() / EVERY
    ada.say(EVENTS, "+hoard")
    assert re.search(rf"{NUMBERS} known, {sum(range(NUMBERS + 1))} in bulk", await ada.wait("in bulk"))
    assert last.stop() == 0
    again = sum(max(0, said[channel].count(f"{text} ({key})") - 1) for key, text in cries.items() for channel in said)
    told = f"{len(lines)} lines heard, {len(cries)} cries in two rooms ({again} said again)"
    return f"{rounds} kills: {told}, {TICKS} ticks, {len(runs)} runs of the job"


async def test_guests_survive_a_few_kills(
    tmp_path: Path, ngircd: IrcServer, ada: IrcPerson, programs: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", install_guests(tmp_path)["PYTHONPATH"])
    await kill(4, tmp_path, ngircd, ada, programs)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_guests_survive_thirty_kills(
    tmp_path: Path,
    ngircd: IrcServer,
    ada: IrcPerson,
    programs: list[Program],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PYTHONPATH", install_guests(tmp_path)["PYTHONPATH"])
    shown = await kill(30, tmp_path, ngircd, ada, programs)
    with capsys.disabled():
        print(shown)
