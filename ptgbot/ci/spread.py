"""How late a CI reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from attrs import frozen

from ptgbot.ci.spans import Span


@frozen
class Spread:
    """How times are spread."""

    count: int = 0
    median: int | None = None
    """Seconds, None without any time."""
    p90: int | None = None
    """Seconds in which nine of ten were done, None without any time."""


def spread_of(sql: sqlite3.Connection, account: str, span: Span) -> Spread:
    """Return the time to report: from the creation of a patch set until the first result of the CI on it.

    Reruns, and results in other pipelines such as a gate, come when somebody asks for them and do not count.

    Args:
        sql: the tables.
        account: the CI.
        span: the time in which it reported.
    """
    # The plus keeps SQLite from the index by account and time, which would find all reports of the CI.
    found = sql.execute(
        "SELECT MAX(0, r.time - COALESCE(p.created, p.first)) FROM reports r "
        "JOIN patchsets p ON p.change = r.change AND p.number = r.patchset "
        "WHERE r.account = ? AND r.time BETWEEN ? AND ? AND r.outcome <> '' AND NOT EXISTS ("
        "SELECT 1 FROM reports o WHERE o.change = r.change AND o.patchset = r.patchset AND o.account = r.account "
        "AND o.outcome <> '' AND (+o.time, o.id) < (r.time, r.id)) ORDER BY 1",
        (account, span.since, span.until),
    )
    return spread([seconds for (seconds,) in found])


def spread(times: Sequence[int]) -> Spread:
    """Return how sorted times are spread: the nearest of them, none that did not happen."""
    if not times:
        return Spread()
    return Spread(len(times), _nearest(times, 50), _nearest(times, 90))


def _nearest(times: Sequence[int], percent: int) -> int:
    """Return the smallest time that so many percent do not exceed (the nearest rank)."""
    return times[-(-len(times) * percent // 100) - 1]
