"""Is it me? Says of each failed job of a change whether others have the same failure."""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.known import KnownConfig, known_problem
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.standing import flips

OTHERS: Final = 3
"""Other changes on which a job failed, for it not to be this change alone."""
NEAR: Final = 86_400
"""Seconds before and after, within which they count."""
_GOOD: Final = (Class.OK, Class.NEUTRAL)


class Cause(enum.StrEnum):
    """Why a job failed, as far as results can tell."""

    KNOWN = "known"
    """The configuration names the problem."""
    FLIPS = "flips"
    """The job has also succeeded on the same patch set."""
    ELSEWHERE = "elsewhere"
    """The job failed on three or more other changes within 24 hours."""
    NEW = "new"
    """Nothing of this: perhaps it is the change."""


@frozen
class Why:
    """A failed job of a change."""

    account: str
    pipeline: str
    """Empty if unknown."""
    job: str
    result: str
    url: str | None
    """Address of the log."""
    detail: str | None
    voting: bool
    time: int
    cause: Cause
    others: int = 0
    """Other changes on which the job failed within 24 hours."""
    known: KnownConfig | None = None


@frozen
class WhyChange:
    """The failed jobs of the newest patch set of a change that has results."""

    server: str
    project: str
    number: int
    patchset: int
    subject: str
    url: str
    jobs: tuple[Why, ...]


def why(sql: sqlite3.Connection, number: int, at: int, settings: CiSettings) -> list[WhyChange]:
    """Return the failed jobs of a change: one entry for each server that has a change of this number.

    Args:
        sql: the tables.
        number: number of the change on the server.
        at: the moment (seconds since 1970). Later results do not count.
        settings: settings of the board.
    """
    found = sql.execute(
        "SELECT id, server, project, subject, url, (SELECT MAX(patchset) FROM reports r WHERE r.change = changes.id "
        "AND r.outcome <> '' AND r.time <= ?) AS newest FROM changes WHERE number = ? AND NOT deleted "
        "ORDER BY server, project",
        (at, number),
    ).fetchall()
    return [
        WhyChange(
            server, project, number, patchset or 0, subject, url, tuple(_jobs(sql, change, patchset or 0, at, settings))
        )
        for change, server, project, subject, url, patchset in found
    ]


def _jobs(sql: sqlite3.Connection, change: int, patchset: int, at: int, settings: CiSettings) -> Iterator[Why]:
    """Yield the jobs whose present result is bad: upstream first, then by account, pipeline and job."""
    rows = sql.execute(
        "SELECT NOT r.trusted, r.account, r.pipeline, j.name, j.result, j.url, j.detail, j.voting, r.time, r.id "
        "FROM reports r JOIN jobs j ON j.report = r.id WHERE r.change = ? AND r.patchset = ? AND r.outcome <> '' "
        "AND r.time <= ? ORDER BY r.time, r.id, j.position DESC",
        (change, patchset, at),
    ).fetchall()
    newest = {row[1:3]: row[9] for row in rows}
    results: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        results.setdefault(row[1:4], set()).add(str(class_of(row[4])))
    current = {row[:4]: row for row in rows if row[9] == newest[row[1:3]] and class_of(row[4]) not in _GOOD}
    for _, (_, account, pipeline, job, result, url, detail, voting, time, _) in sorted(current.items()):
        others = _others(sql, change, account, job, time, at)
        known = known_problem(settings.known, job, result, detail, time)
        cause = _cause(known, results[account, pipeline, job], others)
        yield Why(account, pipeline, job, result, url, detail, bool(voting), time, cause, others, known)


def _cause(known: KnownConfig | None, classes: set[str], others: int) -> Cause:
    if known:
        return Cause.KNOWN
    if flips(classes):
        return Cause.FLIPS
    return Cause.ELSEWHERE if others >= OTHERS else Cause.NEW


def _others(sql: sqlite3.Connection, change: int, account: str, job: str, time: int, at: int) -> int:
    """Return on how many other changes a job of a CI failed near a moment."""
    rows = sql.execute(
        "SELECT r.change, j.result FROM reports r JOIN jobs j ON j.report = r.id WHERE r.account = ? "
        "AND r.time BETWEEN ? AND ? AND r.outcome NOT IN ('', 'ok') AND r.change <> ? AND j.name = ?",
        (account, time - NEAR, min(time + NEAR, at), change, job),
    )
    return len({other for other, result in rows if class_of(result) not in _GOOD})
