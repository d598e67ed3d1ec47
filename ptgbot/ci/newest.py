"""The newest results of a CI."""

from __future__ import annotations

import sqlite3

from attrs import frozen


@frozen
class Result:
    """A result of a CI on a patch set."""

    server: str
    project: str
    number: int
    """Number of the change on the server."""
    patchset: int
    subject: str
    url: str
    """Address of the change."""
    pipeline: str
    """Empty if it is unknown."""
    status: str
    outcome: str
    """``ok``, ``fail`` or ``infra``."""
    buildset: str | None
    """Address of the page of the run."""
    time: int


def newest(sql: sqlite3.Connection, account: str, at: int, most: int, *, only_bad: bool = False) -> list[Result]:
    """Return the newest results of a CI, newest first.

    Args:
        sql: the tables.
        account: the CI.
        at: the moment (seconds since 1970); later results do not count.
        most: most results.
        only_bad: whether successes are left out.
    """
    found = sql.execute(
        "SELECT c.server, c.project, c.number, r.patchset, c.subject, c.url, r.pipeline, r.status, r.outcome, "
        "r.buildset, r.time FROM reports r JOIN changes c ON c.id = r.change WHERE r.account = ? AND r.time <= ? "
        "AND r.outcome <> '' AND NOT (? AND r.outcome = 'ok') ORDER BY r.time DESC, r.id DESC LIMIT ?",
        (account, at, only_bad, most),
    )
    return [Result(*row) for row in found]
