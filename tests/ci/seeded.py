"""A board with something of everything: three projects and five CIs over eight days, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ptgbot.ci.keeping import NAME, Keeping
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import CardConfig, CiSettings, ExpectedConfig
from tests.ci.happenings import ACME, ANA, HOUR, NOVA, ZUUL, Event, comment, created

NOW: Final = 1_732_000_000
SERVER: Final = "review"
CINDER: Final = "openstack/cinder"
DOCS: Final = "openstack/manual"
PROJECTS: Final = (NOVA, CINDER, DOCS)
WELL: Final = {"username": "well-ci", "name": "Well CI"}
FLAKY: Final = {"username": "Flaky CI", "name": "Flaky CI"}
SILENT: Final = {"username": "silent-ci", "name": "Silent CI"}
SETTINGS: Final = CiSettings(
    projects=("openstack/*",),
    trusted=("zuul",),
    accounts={"acme": "ci"},
    expected=(ExpectedConfig("silent-ci", (CINDER,)), ExpectedConfig("never-ci", (CINDER,))),
    cards=(CardConfig("acme", "mailto:ci@acme.example", "https://ci.acme.example/", "acme recheck"),),
)
_DAYS: Final = 8
_JOBS: Final = ("unit", "functional", "lint", "docs", "upgrade")


def events(seed: int = 1, each_day: int = 4) -> Iterator[Event]:
    """Yield the events, oldest first in each project."""
    dice = random.Random(seed)
    number = 900_000
    for day in range(_DAYS, 0, -1):
        for project in PROJECTS:
            for n in range(each_day):
                number += 1
                at = NOW - day * 24 * HOUR + n * 5 * HOUR + dice.randrange(HOUR)
                yield from _change(dice, number, project, at, day)

    yield from _now(number + 1)


def _now(number: int) -> Iterator[Event]:
    """Yield what happens at the moment of the pages: a run has begun, one is awaited, upstream has an incident."""
    for n, text in enumerate(("Starting check jobs.", "", _run(random.Random(0), number, 0, infra=1))):
        at = NOW - HOUR + n * 600
        about: dict[str, Any] = {"project": NOVA, "subject": "Now", "url": f"https://review.example/c/{number + n}"}
        yield created(number + n, at=at, **about)
        if text:
            whole = created(number + n, at=at, **about)["change"]
            yield comment(text, ZUUL, number=number + n, at=at + 300, born=at, change=whole)


def _change(dice: random.Random, number: int, project: str, at: int, day: int) -> Iterator[Event]:
    branch = "stable/2026.1" if number % 7 == 0 else "master"
    about: dict[str, Any] = {
        "project": project,
        "branch": branch,
        "subject": f"Make part {number % 100} of {project} faster",
        "url": f"https://review.example/c/{number}",
    }
    yield created(number, at=at, **about)
    whole = {**created(number, at=at, **about)["change"]}

    def said(text: str, author: dict[str, str], later: int) -> Event:
        vote = "-1" if "Build failed" in text else "1"
        votes = [{"type": "Verified", "value": vote, "oldValue": "0"}] if text.startswith("Build") else []
        more: dict[str, Any] = {"change": whole, "approvals": votes}
        head = f"Patch Set 1: Verified{int(vote):+d}" if votes else None
        return comment(text, author, number=number, at=at + later, born=at, header=head, **more)

    yield said(_run(dice, number, 0.1, infra=0.6 if day == 1 else 0.02), ZUUL, HOUR + dice.randrange(HOUR))
    if project != DOCS:
        yield said(_run(dice, number, 0.15), WELL, 2 * HOUR)
        if dice.random() < 0.8:
            yield said(_run(dice, number, 0.3), ACME, 3 * HOUR)
        yield said(_run(dice, number, 0.5), FLAKY, HOUR // 2)
        if dice.random() < 0.5:
            yield said("recheck a node was lost", ANA, 4 * HOUR)
            yield said(_run(dice, number, 0.5), FLAKY, 5 * HOUR)
    if project == CINDER and day > 5:
        yield said(_run(dice, number, 0.1), SILENT, 4 * HOUR)
    if dice.random() < 0.5:
        yield {"type": "change-merged", "change": whole, "patchSet": {"number": 1}, "eventCreatedOn": at + 6 * HOUR}


def _run(dice: random.Random, number: int, bad: float, infra: float = 0.0) -> str:
    rows = []
    for job in _JOBS:
        result = "NODE_FAILURE" if dice.random() < infra else "FAILURE" if dice.random() < bad else "SUCCESS"
        voting = " (non-voting)" if job == "docs" else ""
        rows.append(f"- {job} https://log.example/{number}/{job} : {result} in {dice.randrange(1, 90)}m 03s{voting}")
    word = "failed" if any(" : SUCCESS" not in row for row in rows[:3]) else "succeeded"
    return f"Build {word} (check pipeline).\n\n" + "\n".join(rows)


def stored(bulk: Path, found: Iterator[Event] | list[Event] | None = None, settings: CiSettings = SETTINGS) -> Keeping:
    """Store events in the bulk storage of the board and return it."""
    keeping = Keeping(bulk / NAME, settings)
    keeping.put([Kept(SERVER, "stream", one) for one in (events() if found is None else found)])
    keeping.note_time(NOW, "")
    return keeping
