"""Incidents: failures of the infrastructure that strike many jobs at once."""

from __future__ import annotations

import sqlite3
from collections import Counter, deque
from typing import Final

from attrs import frozen

from ptgbot.ci.joblines import Class, class_of

JOBS: Final = 5
"""Different jobs that make an incident."""
HOUR: Final = 3600
"""Seconds within which they must fail."""
_LOOKED_BACK: Final = 86_400


@frozen
class Incident:
    """An open incident."""

    since: int
    """When the first of its jobs failed (seconds since 1970)."""
    last: int
    """When the last of them failed."""
    jobs: tuple[str, ...]
    """Names of the jobs, in order."""


def incident_at(sql: sqlite3.Connection, at: int, project: str | None = None) -> Incident | None:
    """Return the incident of upstream that is open at a moment, None without one.

    It begins with the first of five different jobs that fail because of the infrastructure within an hour, and ends
    when fewer have done so within the last hour.

    Args:
        sql: the tables.
        at: the moment (seconds since 1970).
        project: only this project, None for all.
    """
    found: Incident | None = None
    recent: deque[tuple[int, str]] = deque()
    names: Counter[str] = Counter()
    for time, job in [*_failures(sql, at, project), (at, "")]:
        while recent and recent[0][0] <= time - HOUR:
            names[recent[0][1]] -= 1
            names += Counter()
            recent.popleft()
            if len(names) < JOBS:
                found = None
        if job:
            recent.append((time, job))
            names[job] += 1
        if len(names) >= JOBS:
            known = {*names} if found is None else {*found.jobs, *names}
            since = recent[0][0] if found is None else found.since
            found = Incident(since, recent[-1][0], tuple(sorted(known)))
    return found


def _failures(sql: sqlite3.Connection, at: int, project: str | None) -> list[tuple[int, str]]:
    rows = sql.execute(
        "SELECT r.time, j.name, j.result FROM reports r JOIN jobs j ON j.report = r.id WHERE r.trusted "
        "AND r.outcome <> '' AND r.time > ? AND r.time <= ? AND (? IS NULL OR r.project = ?) ORDER BY r.time",
        (at - _LOOKED_BACK, at, project, project),
    )
    return [(time, job) for time, job, result in rows if class_of(result) is Class.INFRA]
