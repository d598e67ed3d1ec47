"""The jobs of a CI whose results on one patch set contradict each other, over all projects."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from attrs import frozen

from ptgbot.ci.joblines import class_of
from ptgbot.ci.spans import Span
from ptgbot.ci.standing import flips


@frozen
class Flip:
    """A job that flipped on a patch set."""

    project: str
    number: int
    """Number of the change on the server."""
    patchset: int
    url: str
    """Address of the change."""
    pipeline: str
    job: str
    results: Sequence[str]
    """In their order."""
    time: int
    """When the last of them was reported (seconds since 1970)."""


def flips_of(sql: sqlite3.Connection, account: str, span: Span) -> list[Flip]:
    """Return the jobs of a CI that flipped in a span, newest first.

    Args:
        sql: the tables.
        account: the CI.
        span: the time in which it reported.
    """
    found: dict[tuple[int, int, str, str], tuple[list[str], int]] = {}
    for change, patchset, pipeline, job, result, time in sql.execute(
        "SELECT r.change, r.patchset, r.pipeline, j.name, j.result, r.time FROM reports r "
        "JOIN jobs j ON j.report = r.id WHERE r.account = ? AND r.time BETWEEN ? AND ? AND r.outcome <> '' "
        "AND EXISTS (SELECT 1 FROM reports o WHERE o.change = r.change AND o.patchset = r.patchset "
        "AND o.account = r.account AND o.pipeline = r.pipeline AND o.outcome <> '' AND o.id <> r.id) "
        "ORDER BY r.time, r.id, j.position",
        (account, span.since, span.until),
    ):
        results, _ = found.get((change, patchset, pipeline, job), ([], 0))
        found[change, patchset, pipeline, job] = ([*results, result], time)
    made = [
        _flip(sql, key, results, time)
        for key, (results, time) in found.items()
        if flips([str(class_of(one)) for one in results])
    ]
    return sorted(made, key=lambda one: (-one.time, one.project, one.number, one.job))


def _flip(sql: sqlite3.Connection, key: tuple[int, int, str, str], results: list[str], time: int) -> Flip:
    change, patchset, pipeline, job = key
    project, number, url = sql.execute("SELECT project, number, url FROM changes WHERE id = ?", (change,)).fetchone()
    return Flip(project, number, patchset, url, pipeline, job, results, time)
