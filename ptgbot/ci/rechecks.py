"""How often people ask for a rerun. The numbers are about projects, never about persons."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from typing import Final

from attrs import frozen

from ptgbot.ci.spans import DAY, Span

_MONDAY: Final = date(1970, 1, 5)
_SHIFT: Final = 4 * DAY
_WEEK: Final = 7 * DAY


@frozen
class Rechecks:
    """Reruns that were asked for on a project in a week."""

    server: str
    project: str
    week: date
    """Its Monday (UTC)."""
    asked: int
    bare: int
    """Those without a reason."""
    merged: int
    """Changes that were merged in the week."""

    @property
    def bare_share(self) -> float | None:
        """The part without a reason, None if nobody asked."""
        return self.bare / self.asked if self.asked else None

    @property
    def per_merged(self) -> float | None:
        """Reruns for each merged change, None if none was merged."""
        return self.asked / self.merged if self.merged else None


def rechecks_of(sql: sqlite3.Connection, span: Span, project: str | None = None) -> list[Rechecks]:
    """Return the reruns that were asked for, by project and week, oldest week first.

    Args:
        sql: the tables.
        span: the time.
        project: only this project, None for all.
    """
    rows = sql.execute(
        "SELECT c.server, c.project, (e.time - ?) / ? AS week, SUM(asked), SUM(bare), SUM(merged) FROM ("
        "SELECT change, time, 1 AS asked, bare, 0 AS merged FROM rechecks WHERE time BETWEEN ? AND ? UNION ALL "
        "SELECT change, MIN(time), 0, 0, 1 FROM moves WHERE kind = 'merged' AND time BETWEEN ? AND ? GROUP BY 1) e "
        "JOIN changes c ON c.id = e.change WHERE ? IS NULL OR c.project = ? GROUP BY 1, 2, 3 ORDER BY 3, 2, 1",
        (_SHIFT, _WEEK, span.since, span.until, span.since, span.until, project, project),
    )
    return [
        Rechecks(server, name, _MONDAY + timedelta(weeks=week), asked, bare, merged)
        for server, name, week, asked, bare, merged in rows
    ]
