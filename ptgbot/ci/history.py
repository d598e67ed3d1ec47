"""What happened day by day (UTC): to a CI, and to the jobs of upstream."""

from __future__ import annotations

import enum
import sqlite3
from array import array
from collections import defaultdict
from datetime import date, timedelta
from itertools import starmap
from typing import Final

from attrs import define, field, frozen

from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.missed import judged
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.spans import DAY, Span, day_of, days_until
from ptgbot.ci.spread import spread
from ptgbot.ci.standing import State

_EPOCH: Final = date(1970, 1, 1)


class Mark(enum.StrEnum):
    """A day in one word."""

    OK = "ok"
    FAIL = "fail"
    INFRA = "infra"
    MISSED = "missed"
    NONE = "none"


@frozen
class Day:
    """A day of a CI."""

    day: date
    ok: int = 0
    """Results of the day, by their outcome."""
    fail: int = 0
    infra: int = 0
    missed: int = 0
    """Patch sets created on that day that it has missed."""

    @property
    def mark(self) -> Mark:
        """The day in one word.

        A CI is well as long as a single run succeeds, since patches may be bad; ``infra`` and ``missed`` say that at
        least half of the results failed for another reason, or did not come.
        """
        results = self.ok + self.fail + self.infra
        if not results + self.missed:
            return Mark.NONE
        if self.missed >= max(results, 1):
            return Mark.MISSED
        if self.infra * 2 >= results:
            return Mark.INFRA
        return Mark.OK if self.ok else Mark.FAIL


def strip(sql: sqlite3.Connection, account: str, at: int, settings: CiSettings, days: int = 90) -> list[Day]:
    """Return the last days of a CI, oldest first.

    Args:
        sql: the tables.
        account: the CI.
        at: the moment (seconds since 1970); its day is the last one.
        settings: settings of the board.
        days: how many days.
    """
    span = days_until(at, days)
    counts: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for number, outcome, count in sql.execute(
        "SELECT time / ?, outcome, COUNT(*) FROM reports WHERE account = ? AND time BETWEEN ? AND ? AND outcome <> '' "
        "GROUP BY 1, 2",
        (DAY, account, span.since, span.until),
    ):
        counts[_EPOCH + timedelta(days=number)][outcome] = count
    for one in judged(sql, account, span, settings):
        if one.state is State.MISSED:
            counts[day_of(one.column.created)]["missed"] += 1
    return [Day(day, **counts.get(day, {})) for day in span.days()]


@frozen
class JobDay:
    """A job of upstream on a day."""

    job: str
    day: date
    runs: int
    success: int
    infra: int
    reruns: int
    """Runs beyond the first on each patch set and pipeline, on that day."""
    seconds: int | None
    """Half of the runs were not longer; None if no length is known."""


@define
class _Counted:
    runs: int = 0
    success: int = 0
    infra: int = 0
    first: set[tuple[int, int, str]] = field(factory=set)
    times: array[int] = field(factory=lambda: array("L"))

    def done(self, job: str, day: date) -> JobDay:
        seconds = spread(sorted(self.times)).median
        return JobDay(job, day, self.runs, self.success, self.infra, self.runs - len(self.first), seconds)


def upstream(sql: sqlite3.Connection, span: Span, project: str | None = None) -> list[JobDay]:
    """Return how the jobs of upstream did on each day of a span, by job and day. Neutral results are no runs.

    Args:
        sql: the tables.
        span: the time. It takes time by its length, so past days are best asked for once.
        project: only this project, None for all.
    """
    made: list[JobDay] = []
    for day in span.days():
        start = (day - _EPOCH).days * DAY
        counted: dict[str, _Counted] = defaultdict(_Counted)
        for job, result, seconds, *patchset in sql.execute(
            "SELECT j.name, j.result, j.seconds, r.change, r.patchset, r.pipeline FROM reports r "
            "JOIN jobs j ON j.report = r.id WHERE r.trusted AND r.outcome <> '' AND r.time BETWEEN ? AND ? "
            "AND (? IS NULL OR r.project = ?)",
            (max(start, span.since), min(start + DAY - 1, span.until), project, project),
        ):
            _count(counted[job], class_of(result), seconds, (patchset[0], patchset[1], patchset[2]))
        made += starmap(lambda job, one, day=day: one.done(job, day), counted.items())
    return sorted((one for one in made if one.runs), key=lambda one: (one.job, one.day))


def _count(one: _Counted, cls: Class, seconds: int | None, key: tuple[int, int, str]) -> None:
    if cls is Class.NEUTRAL:
        return
    one.runs += 1
    one.success += cls is Class.OK
    one.infra += cls is Class.INFRA
    one.first.add(key)
    if seconds is not None:
        one.times.append(seconds)
