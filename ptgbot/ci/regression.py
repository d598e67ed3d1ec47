"""Jobs that fail more often than before: the last week against the thirty days before it."""

from __future__ import annotations

import enum
import math
import sqlite3
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from attrs import define, frozen

from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.spans import DAY

RECENT: Final = 7
"""Days that are looked at."""
BASE: Final = 30
"""Days before them, with which they are compared."""
SURE: Final = Fraction(5, 100)
"""Probability of mere chance below which a drop counts."""
DROP: Final = Fraction(5, 100)
"""The least drop of the success rate."""
FAILURES: Final = 3
"""The least number of failures."""


class Verdict(enum.StrEnum):
    """What the comparison says."""

    WORSE = "worse"
    STEADY = "steady"
    UNKNOWN = "not enough data"


@frozen
class Place:
    """A patch set, and when a job ended there."""

    change: int
    patchset: int
    time: int
    url: str = ""
    """Address of the change."""


@frozen
class Regression:
    """A job on a branch, now and before. Failures of the infrastructure are left out."""

    account: str
    project: str
    branch: str
    pipeline: str
    job: str
    before: tuple[int, int]
    """Successes and failures of the thirty days before."""
    now: tuple[int, int]
    """Successes and failures of the last week."""
    chance: float
    """Probability that failures as many or more are mere chance (Fisher, one-sided)."""
    verdict: Verdict
    last_passing: Place | None = None
    """The last success before the first failure of the last week."""
    first_failing: Place | None = None

    @property
    def drop(self) -> float:
        """By how much the success rate has dropped, 0 to 1; negative if it has risen."""
        return float(_drop(self.before, self.now))


def fisher(before: tuple[int, int], now: tuple[int, int]) -> Fraction:
    """Return the probability of this many failures now or more, if nothing has changed: Fisher's exact test, one-sided.

    The failures are drawn from all runs without putting back (the hypergeometric distribution). The result is exact.

    Args:
        before: successes and failures of the time before.
        now: successes and failures of the time that is looked at.
    """
    runs, failures = sum(now), before[1] + now[1]
    whole = runs + sum(before)
    term = math.comb(failures, now[1]) * math.comb(whole - failures, now[0])
    ways = term
    for count in range(now[1], min(runs, failures)):
        # Each binomial coefficient follows from the one before it; the division leaves no rest.
        term = term * (failures - count) * (runs - count)
        term //= (count + 1) * (whole - failures - runs + count + 1)
        ways += term
    return Fraction(ways, math.comb(whole, runs))


def verdict_of(before: tuple[int, int], now: tuple[int, int]) -> Verdict:
    """Return what the comparison of two times says; arguments as for :func:`fisher`."""
    if not sum(before) or now[1] < FAILURES:
        return Verdict.UNKNOWN
    if _drop(before, now) >= DROP and fisher(before, now) < SURE:
        return Verdict.WORSE
    return Verdict.STEADY


def _drop(before: tuple[int, int], now: tuple[int, int]) -> Fraction:
    if not sum(before) or not sum(now):
        return Fraction(0)
    return Fraction(before[0], sum(before)) - Fraction(now[0], sum(now))


@define
class _Counted:
    before: list[int]
    now: list[int]
    passed: Place | None = None
    last_passing: Place | None = None
    first_failing: Place | None = None


def regressions(
    sql: sqlite3.Connection, at: int, project: str | None = None, account: str | None = None
) -> list[Regression]:
    """Return the comparison for each job and branch that ran in the last week, the worst first.

    Args:
        sql: the tables.
        at: the moment (seconds since 1970).
        project: only this project, None for all.
        account: the CI, None for upstream.
    """
    since = at - RECENT * DAY
    counted: dict[tuple[str, str, str, str, str], _Counted] = {}
    rows = sql.execute(
        "SELECT r.account, r.project, c.branch, r.pipeline, j.name, j.result, c.number, r.patchset, r.time, c.url "
        "FROM reports r JOIN changes c ON c.id = r.change JOIN jobs j ON j.report = r.id "
        "WHERE (r.account = ? OR ? IS NULL AND r.trusted) AND r.outcome <> '' AND r.time > ? AND r.time <= ? "
        "AND (? IS NULL OR r.project = ?) ORDER BY r.time, r.id",
        (account, account, since - BASE * DAY, at, project, project),
    )
    for account, where, branch, pipeline, job, result, *place in rows:
        one = counted.setdefault((account, where, branch, pipeline, job), _Counted([0, 0], [0, 0]))
        _count(one, class_of(result), Place(*place), since)
    made = [*_compared(counted)]
    return sorted(made, key=lambda one: (one.verdict is not Verdict.WORSE, one.chance, -one.drop, one.project, one.job))


def _count(one: _Counted, cls: Class, place: Place, since: int) -> None:
    if cls in (Class.INFRA, Class.NEUTRAL):
        return
    is_bad = cls is not Class.OK
    (one.now if place.time > since else one.before)[is_bad] += 1
    if not is_bad:
        one.passed = place
    elif place.time > since and one.first_failing is None:
        one.first_failing, one.last_passing = place, one.passed


def _compared(counted: dict[tuple[str, str, str, str, str], _Counted]) -> Iterator[Regression]:
    for key, one in counted.items():
        before, now = (one.before[0], one.before[1]), (one.now[0], one.now[1])
        if not now[0] + now[1]:
            continue
        # The exact number is expensive, and of no use where it decides nothing.
        chance = float(fisher(before, now)) if now[1] >= FAILURES and before[0] + before[1] else 1.0
        yield Regression(*key, before, now, chance, verdict_of(before, now), one.last_passing, one.first_failing)
