"""An archive of meetings: the import of old logs, its size, and ending a meeting beside an empty archive."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from attrs import define, field

from bench.figures import Figure, Line, alternate
from ptgbot.meetings.archive import SOURCE, Archive
from ptgbot.meetings.importing import import_logs
from ptgbot.meetings.minutes import document_of, slug_of
from ptgbot.meetings.replay import Source, replay
from ptgbot.projection import FRAME, Shown
from ptgbot.publish import Publisher
from ptgbot.store.edits import Json

LINES = 300
"""Lines of each meeting."""

_SYLLABLES = ("re", "lea", "se", "ga", "te", "pat", "ch", "vi", "up", "gra", "de", "ima", "job", "do", "ku", "ten")
_MADE_UP = random.Random(1)
WORDS = tuple("".join(_MADE_UP.choices(_SYLLABLES, k=1 + number % 4)) for number in range(4000))
"""Made-up words, the frequent ones first. An hour of a meeting has about eight hundred of them."""
OFTEN = tuple(accumulate(1 / number for number in range(1, len(WORDS) + 1)))
NICKS = tuple(f"person{number:02}" for number in range(60))
TEAMS = tuple(f"team-{number:02}" for number in range(40))
FIRST = datetime(2015, 1, 5, 9, 0, tzinfo=UTC)
COMMANDS = ("#info", "#link https://example.org/review", "#action", "#idea", "#agreed", "#topic")


def log_of(number: int, lines: int) -> tuple[str, str]:
    """Return the path of a made-up raw log in an old archive, and its contents."""
    chance = random.Random(number)
    team, at = TEAMS[number % len(TEAMS)], FIRST + timedelta(hours=8 * number)
    present = chance.sample(NICKS, 12)
    made = [f"{at:%H:%M:%S} <{present[0]}> #startmeeting {team}"]
    for _ in range(lines - 2):
        at += timedelta(seconds=chance.randint(2, 12))
        text = " ".join(chance.choices(WORDS, cum_weights=OFTEN, k=chance.randint(3, 18)))
        if chance.random() < 0.06:
            text = f"{chance.choice(COMMANDS)} {chance.choice(present)} {text}"
        nick = present[0] if text.startswith(("#topic", "#agreed")) else chance.choice(present)
        made.append(f"{at:%H:%M:%S} <{nick}> {text}")
    made.append(f"{at:%H:%M:%S} <{present[0]}> #endmeeting")
    began = FIRST + timedelta(hours=8 * number)
    path = f"{team}/{began:%Y}/{team}.{began:%Y-%m-%d-%H.%M}.log.txt"
    return path, "\n".join(made) + "\n"


def write_logs(folder: Path, meetings: int, lines: int = LINES) -> None:
    """Write the raw logs of an old archive."""
    for number in range(meetings):
        path, text = log_of(number, lines)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


@define(eq=False)
class _Site:
    """An archive with its published pages."""

    folder: Path
    meetings: int
    _next: int = field(default=0, init=False)
    _switched: asyncio.Event = field(factory=asyncio.Event, init=False)
    publisher: Publisher = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare the publisher of the project, without the site above it."""
        self._next = self.meetings
        self.publisher = Publisher(
            self.folder / "html",
            extensions=["ptgbot_site.meetings.project"],
            told={"project": "meetings", "bulk": str(self.folder / "bulk")},
            idle=60.0,
            debounce=0,
            on_switch=lambda _: self._switched.set(),
        )

    @property
    def archive(self) -> Archive:
        return Archive(self.folder / "bulk" / SOURCE)

    def import_all(self) -> None:
        """Import the logs of all meetings."""
        write_logs(self.folder / "old", self.meetings)
        list(import_logs(self.folder / "old", self.archive))

    async def end_one(self) -> float:
        """Put the minutes of one more meeting into the archive. Return the seconds until its page is published."""
        path, text = log_of(self._next, LINES)
        self._next += 1
        (meeting,) = replay(text.encode(), Source(Path(path).name))
        slug = slug_of(meeting.meeting_name, "", meeting.started)
        began = time.perf_counter()
        with self.archive.writing() as batch:
            batch.put(document_of(meeting, slug))
        await self.shown(f"{slug}.log.html")
        return time.perf_counter() - began

    async def shown(self, name: str) -> None:
        """Publish what the archive has, and wait until a file is there."""
        with self.archive.reading() as index:
            revision = index.number
        slices: dict[str, Json] = {"meetings.archive": revision, FRAME: {"title": "Bench", "menu": []}}
        self.publisher.update(Shown(datetime.now(UTC), "UTC", slices, {}))
        while not (self.folder / "html" / name).exists():
            self._switched.clear()
            await self._switched.wait()


async def run(folder: Path, short: bool) -> Sequence[Line]:
    """Measure ending a meeting beside an empty archive."""
    meetings, rounds = (5, 1) if short else (1000, 20)
    empty, full = _Site(folder / "empty", 0), _Site(folder / "full", meetings)
    full.folder.mkdir()
    empty.folder.mkdir()
    await asyncio.to_thread(full.import_all)
    running = [asyncio.create_task(one.publisher.run()) for one in (empty, full)]
    try:
        # The first one makes all pages of the archive.
        for one in (empty, full):
            await one.end_one()
        taken = await alternate(rounds, full.end_one, empty.end_one, budget=60.0)
    finally:
        for one in (empty, full):
            one.publisher.stop()
        await asyncio.gather(*running)
    return [Figure(f"end a meeting, {meetings} in the archive", taken[0], "the same, empty", taken[1])]
