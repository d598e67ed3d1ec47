"""Jobs, as real processes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ptgbot.bulk import own_folder
from ptgbot.chat.adapter import Colour
from ptgbot.child import LAST_WORDS
from ptgbot.feature import Job
from ptgbot.parts.jobs import LAST_RUN, SOON, JobRun, LastRun, jobs_of, pause
from tests.parts.birds import Birds, BirdSettings, until, working

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


def job(folder: Path, script: str, every: float = 1000.0, at: datetime = NOW, **limits: Any) -> JobRun:
    """Return a job that runs a Python script."""
    own_folder(folder, "birds", "count")
    made = Job[BirdSettings]("count", lambda _, _source: [sys.executable, "-c", script], lambda _: every, **limits)
    (found,) = jobs_of([Birds(jobs=[made])], lambda _: BirdSettings(), folder, lambda: at)
    found.chance = lambda: 0.0
    return found


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that nobody has reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


LIMITS = """
import json, os, resource
limits = {
    "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
    "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
    "nice": os.nice(0),
    "folder": os.getcwd(),
    "environment": sorted(os.environ),
}
open("limits.json", "w").write(json.dumps(limits))
"""


async def test_a_job_runs_within_limits_and_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTG_IRC_PASSWORD", "canary")
    run = job(tmp_path, LIMITS, memory=900_000_000)
    await run.once()
    assert run.health().colour is Colour.GREEN, run.health()
    limits = json.loads((run.folder / "limits.json").read_bytes())
    assert "PTG_IRC_PASSWORD" not in limits.pop("environment")
    nice = min(19, os.nice(0) + 10)
    assert limits == {"memory": 900_000_000, "core": 0, "nice": nice, "folder": str(run.folder)}
    assert run.counts() == {"runs": 1, "failures": 0}


async def test_excess_memory_is_reported_as_failure(tmp_path: Path) -> None:
    run = job(tmp_path, "x = bytearray(900_000_000)", memory=400_000_000)
    await run.once()
    assert run.health().colour is Colour.RED
    assert "MemoryError" in run.health().text


async def test_failure_is_reported_with_last_words(tmp_path: Path) -> None:
    run = job(tmp_path, "print('x' * 1_000_000); print('the  end'); raise SystemExit(3)")
    await run.once()
    assert run.health().colour is Colour.RED
    text = run.health().text
    assert text.startswith("failed with 3: xxx")
    assert text.endswith("xxx the end")
    assert len(text) == len("failed with 3: ") + LAST_WORDS
    assert run.counts() == {"runs": 1, "failures": 1}


async def test_a_good_run_clears_the_failure(tmp_path: Path) -> None:
    run = job(tmp_path, "import pathlib, sys; sys.exit(pathlib.Path('good').exists() is False)")
    await run.once()
    assert run.health().colour is Colour.RED
    (run.folder / "good").touch()
    await run.once()
    assert run.health() == type(run.health())(Colour.GREEN, "last run 2026-11-16 09:00:00 UTC")


async def test_missing_command_is_reported_as_failure(tmp_path: Path) -> None:
    run = job(tmp_path, "")
    run.command = ["no-such-command"]
    await run.once()
    assert run.health().text.startswith("failed with 127: no-such-command can't be started")


PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session={session})
pathlib.Path("pid").write_text(str(child.pid))
{rest}
"""


async def test_a_late_job_is_ended_with_its_children(tmp_path: Path) -> None:
    run = job(tmp_path, PARENT.format(session=False, rest="time.sleep(1000)"), timeout=3.0)
    await run.once()
    assert run.health().text == "took too long and was ended"
    pid = int((run.folder / "pid").read_text())
    await until(lambda: not is_alive(pid))


async def test_a_cancelled_job_is_ended_with_its_children(tmp_path: Path) -> None:
    run = job(tmp_path, PARENT.format(session=False, rest="time.sleep(1000)"))
    async with working(run.once):
        await until(lambda: (run.folder / "pid").exists() and (run.folder / "pid").read_text())
    pid = int((run.folder / "pid").read_text())
    await until(lambda: not is_alive(pid))


async def test_an_escaped_child_does_not_keep_the_job(tmp_path: Path) -> None:
    """A descendant with a session of its own is not killed; it holds the output, but not the bot."""
    run = job(tmp_path, PARENT.format(session=True, rest=""), timeout=3.0)
    await run.once()
    pid = int((run.folder / "pid").read_text())
    try:
        assert is_alive(pid)
        assert run.health().text == "took too long and was ended"
    finally:
        os.kill(pid, 9)
    await until(lambda: not is_alive(pid))


async def test_a_leftover_run_keeps_others_from_starting(tmp_path: Path) -> None:
    left = job(tmp_path, "import time; open('runs', 'a').write('x'); time.sleep(1000)")
    async with working(left.once):
        await until(lambda: (left.folder / "runs").exists())
        again = job(tmp_path, COUNT)
        await again.once()
        assert again.health().text == "failed with 75: an earlier run has not ended"
    await again.once()
    assert again.health().colour is Colour.GREEN


@pytest.mark.parametrize(
    ("last", "seconds"),
    [
        (None, 0.0),
        (LastRun(NOW, 0), 1000.0),
        (LastRun(NOW - timedelta(seconds=400), 0), 600.0),
        (LastRun(NOW - timedelta(seconds=400), 1), 600.0),
        (LastRun(NOW - timedelta(days=3), 0), 0.0),
        # The end of the bot cut it short.
        (LastRun(NOW), SOON),
        (LastRun(NOW - timedelta(seconds=SOON)), 0.0),
        # The clock was set back.
        (LastRun(NOW + timedelta(days=3), 0), 1000.0),
        # The program was upgraded.
        (LastRun(NOW, 0, "0.0.1"), 0.0),
    ],
)
def test_the_next_run_follows_from_the_last(last: LastRun | None, seconds: float) -> None:
    assert pause(last, 1000.0, NOW) == seconds


COUNT = "open('runs', 'a').write('x')"


async def test_a_restart_runs_an_overdue_job_once(tmp_path: Path) -> None:
    first = job(tmp_path, COUNT)
    async with working(first.run):
        await until(lambda: first.counts()["runs"] and LastRun.read(first.folder) == LastRun(NOW, 0))
    soon = job(tmp_path, COUNT, at=NOW + timedelta(seconds=1))
    waits: list[float] = []
    soon.chance = lambda: waits.append(1) or 0.0  # type: ignore[func-returns-value]
    async with working(soon.run):
        await until(lambda: waits)
        assert pause(LastRun.read(soon.folder), soon.every, NOW + timedelta(seconds=1)) == 999.0
        assert soon.counts()["runs"] == 0
    late = job(tmp_path, COUNT, at=NOW + timedelta(seconds=1001))
    async with working(late.run):
        await until(lambda: late.counts()["runs"] and (late.folder / "runs").read_text() == "xx")


async def test_a_restart_remembers_that_a_job_failed(tmp_path: Path) -> None:
    await job(tmp_path, "raise SystemExit(3)").once()
    again = job(tmp_path, COUNT)
    async with working(again.run):
        await until(lambda: again.health().colour is Colour.RED)
        assert again.health().text == "failed with 3 before the bot was started"


async def test_an_interrupted_run_has_no_status_on_disk(tmp_path: Path) -> None:
    run = job(tmp_path, "import time; open('runs', 'a').write('x'); time.sleep(1000)")
    async with working(run.once):
        await until(lambda: (run.folder / "runs").exists())
    assert LastRun.read(run.folder) == LastRun(NOW)


@pytest.mark.parametrize("raw", ["", "[]", '{"started": 3, "status": 0}', '{"started": "2026", "status": "x"}'])
def test_an_unreadable_memory_counts_as_none(tmp_path: Path, raw: str) -> None:
    (tmp_path / LAST_RUN).write_text(raw)
    assert LastRun.read(tmp_path) is None


async def test_starts_are_spread_by_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        raise asyncio.CancelledError

    run, rare = job(tmp_path, COUNT, every=100.0), job(tmp_path, COUNT, every=100_000.0)
    run.chance = rare.chance = lambda: 0.5
    monkeypatch.setattr("ptgbot.parts.jobs.asyncio.sleep", sleep)
    for one in (run, rare):
        with pytest.raises(asyncio.CancelledError):
            await one.run()
    assert slept == [5.0, 30.0]


async def test_a_job_repeats_and_never_overlaps(tmp_path: Path) -> None:
    script = (
        "import os, time\nos.mkdir('busy'); time.sleep(0.1); os.rmdir('busy'); open('runs', 'a').write('x')"
    )
    run = job(tmp_path, script, every=0.01)
    assert run.every == 1.0
    run.every, run.clock = 0.01, lambda: datetime.now(UTC)
    started = time.monotonic()
    async with working(run.run):
        await until(lambda: (run.folder / "runs").exists() and len((run.folder / "runs").read_text()) >= 3)
    assert time.monotonic() - started >= 0.3
    assert run.counts()["failures"] == 0


def test_job_command_knows_the_configuration_file(tmp_path: Path) -> None:
    told = Job[BirdSettings]("told", lambda _, source: ["cat", str(source)], lambda _: 60.0)
    found = jobs_of([Birds(jobs=[told])], lambda _: BirdSettings(), tmp_path, lambda: NOW, tmp_path / "ptg.toml")
    assert [one.command for one in found] == [["cat", f"{tmp_path}/ptg.toml"]]


def test_a_job_without_a_command_is_off(tmp_path: Path) -> None:
    off = Job[BirdSettings]("off", lambda _, _source: [], lambda _: 60.0)
    assert jobs_of([Birds(jobs=[off])], lambda _: BirdSettings(), tmp_path, lambda: NOW) == []
