"""A guest with a job: a child process on a schedule, and a tick that keeps count of time."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from ptgbot.chat.commands import Context, Decision
from ptgbot.feature import Feature, Job
from ptgbot.store.edits import Edit, Tree


@frozen
class ClerkSettings:
    """How often it works."""

    every: float = 0.0
    takes: float = 0.0
    """Seconds that each run of the job takes."""
    file: Path = Path("clerk.txt")
    first: str = ""
    step: float = 0.2
    """Seconds between two ticks."""
    most: int = 0
    """Ticks in all."""


SCRIPT = """
import sys, time
for word, pause in ("began", float(sys.argv[2])), ("ended", 0.0):
    with open(sys.argv[1], "a") as file:
        file.write(f"{word} {time.time()}\\n")
    time.sleep(pause)
"""


def _command(settings: ClerkSettings, _source: Path | None) -> list[str]:
    return [sys.executable, "-c", SCRIPT, str(settings.file), str(settings.takes)] if settings.every else []


class Clerk(Feature[ClerkSettings]):
    """Works by the clock."""

    name = "clerk"
    settings = ClerkSettings
    rank = 330
    jobs = (Job("stamp", _command, every=lambda settings: settings.every, timeout=20.0),)

    def empty(self) -> Tree:
        return {"ticks": 0, "at": None}

    def due(self, tree: Tree, settings: ClerkSettings) -> datetime | None:
        ticks = tree["ticks"]
        assert isinstance(ticks, int)
        if not settings.first or ticks >= settings.most:
            return None
        return datetime.fromisoformat(settings.first) + timedelta(seconds=settings.step * ticks)

    def tick(self, tree: Tree, at: datetime, context: Context[ClerkSettings]) -> Decision | None:
        ticks = tree["ticks"]
        assert isinstance(ticks, int)
        return Decision([Edit(("ticks",), ticks, ticks + 1)])


FEATURE = Clerk()
