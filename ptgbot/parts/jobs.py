"""Runs the jobs of features: child processes on a schedule that outlives restarts."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import structlog
from attrs import define, field, frozen

from ptgbot import __version__
from ptgbot.bulk import own_folder
from ptgbot.chat.adapter import Colour, Health
from ptgbot.child import environment, run_command
from ptgbot.feature import AnyFeature, Job
from ptgbot.parts.supervision import RETRY
from ptgbot.store.files import replace_file

log = structlog.get_logger()

SHORTEST = 1.0
"""Seconds between two starts at least."""
SPREAD = 0.1
"""Share of the interval over which starts are spread."""
LONGEST_SPREAD = 60.0
"""Seconds over which starts are spread at most."""
SOON = 300.0
"""Seconds after which a run that the end of the bot cut short is made up for."""
LAST_RUN, LOCK = ".last-run.json", ".lock"
"""Files in the folder of a job."""


@frozen
class LastRun:
    """The stored facts about the last run of a job."""

    started: datetime
    status: int | None = None
    """Its exit status; None while it runs, or where the bot ended before it."""
    version: str = __version__
    """The version of the program that ran it."""

    @classmethod
    def read(cls, folder: Path) -> LastRun | None:
        """Read them from a folder, None if they are missing or damaged."""
        try:
            raw = json.loads((folder / LAST_RUN).read_bytes())
            status = raw["status"]
            started = datetime.fromisoformat(raw["started"]).astimezone(UTC)
            return cls(started, None if status is None else int(status), str(raw.get("version", "")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, folder: Path) -> None:
        """Store them in a folder.

        Raises:
            OSError: the file cannot be written.
        """
        raw = {"started": self.started.isoformat(), "status": self.status, "version": self.version}
        replace_file(folder / LAST_RUN, json.dumps(raw).encode())


def pause(last: LastRun | None, every: float, now: datetime) -> float:
    """Return the seconds until the next run is due, never more than ``every``, even if the clock was set back.

    It is due at once if there was none, or if it was that of another version, whose results may have another form.
    ``every`` is the number of seconds between two starts.
    """
    if last is None or last.version != __version__:
        return 0.0
    wanted = min(every, SOON) if last.status is None else every
    due = last.started + timedelta(seconds=wanted)
    return min(wanted, max(0.0, (due - now).total_seconds()))


@define(eq=False)
class JobRun:
    """One job: never two runs at a time, each with its limits."""

    feature: str
    job: Job[Any]
    command: Sequence[str]
    every: float
    """Seconds between two starts."""
    bulk: Path
    """Folder above the bulk storage of all features."""
    clock: Callable[[], datetime]
    chance: Callable[[], float] = random.random
    _counts: Counter[str] = field(factory=Counter, init=False)
    _problem: str = field(default="", init=False)
    _last: LastRun | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """Its name in ``/healthz``."""
        return f"{self.feature}/{self.job.name}"

    @property
    def folder(self) -> Path:
        """Its folder beside the journal, which is its working directory."""
        return self.bulk / self.feature / self.job.name

    async def run(self) -> None:
        """Run the job whenever it is due, without end."""
        await asyncio.to_thread(own_folder, self.bulk, self.feature, self.job.name)
        self._last = await asyncio.to_thread(LastRun.read, self.folder)
        if self._last and self._last.status:
            self._problem = f"failed with {self._last.status} before the bot was started"
        while True:
            spread = self.chance() * min(LONGEST_SPREAD, self.every * SPREAD)
            await asyncio.sleep(pause(self._last, self.every, self.clock()) + spread)
            try:
                await self.once()
            except (OSError, ValueError) as error:
                self._note(f"could not be started: {error}")
                await asyncio.sleep(RETRY)

    async def once(self) -> None:
        """Run the job once.

        Raises:
            OSError, ValueError: it cannot be started, or its start cannot be stored.
        """
        # Remembered before the start: a job that takes the bot down with it is not begun anew by each restart.
        self._last = LastRun(self.clock())
        await asyncio.to_thread(self._last.write, self.folder)
        self.count("runs")
        launcher = [sys.executable, "-P", "-m", "ptgbot.launcher", str(self.job.memory), str(self.folder / LOCK)]
        ended = await run_command([*launcher, *self.command], self.folder, self.job.timeout, environment())
        self._last = attrs.evolve(self._last, status=-1 if ended.status is None else ended.status)
        self._note(ended.problem)
        await asyncio.to_thread(self._last.write, self.folder)

    def _note(self, problem: str) -> None:
        self._problem = problem
        if problem:
            self.count("failures")
            log.error(f"the job {self.name} {problem}")

    def count(self, name: str) -> None:
        """Add one to a counter."""
        self._counts[name] += 1

    def counts(self) -> Mapping[str, int]:
        """Return the number of runs and of failures."""
        return {"runs": 0, "failures": 0, **self._counts}

    def gauges(self) -> Mapping[str, float]:
        """Return no gauges; the numbers of a job are its counters."""
        return {}

    def health(self) -> Health:
        """Return red if the last run failed, with the end of its output."""
        if self._problem:
            return Health(Colour.RED, self._problem)
        last = f"last run {self._last.started:%Y-%m-%d %H:%M:%S} UTC" if self._last else "no run yet"
        return Health(Colour.GREEN, last)


def jobs_of(
    features: Sequence[AnyFeature],
    settings_of: Callable[[AnyFeature], Any],
    bulk: Path,
    clock: Callable[[], datetime],
    source: Path | None = None,
) -> list[JobRun]:
    """Return all jobs that the configuration switches on.

    Args:
        features: the enabled features.
        settings_of: returns the settings of a feature.
        bulk: folder above the bulk storage of all features.
        clock: returns the present moment.
        source: the file of the configuration, None if it was not read from one.
    """
    return [
        JobRun(feature.name, job, command, max(SHORTEST, job.every(settings_of(feature))), bulk, clock)
        for feature in features
        for job in feature.jobs
        if (command := job.command(settings_of(feature), source))
    ]
