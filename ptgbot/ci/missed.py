"""The patch sets on which a CI has reported nothing, over all projects and for as long as three months."""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

from ptgbot.ci.columns import columns
from ptgbot.ci.facts import STARTED
from ptgbot.ci.names import Names, names_in
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.spans import Span
from ptgbot.ci.standing import OUTSTANDING, REMEMBERED, Column, Seen, State, state_of

MOST: Final = 200
"""Most patch sets of a list."""


@frozen
class Judged:
    """Where a CI stands on a patch set."""

    server: str
    project: str
    column: Column
    state: State


@frozen
class Missed:
    """What a CI has done and missed."""

    states: Mapping[State, int] = field(factory=dict)
    """How many patch sets have which state."""
    listed: tuple[Judged, ...] = ()
    """The newest that were missed."""

    @property
    def done(self) -> int:
        """Patch sets with a result."""
        return self.states.get(State.DONE, 0)

    @property
    def missed(self) -> int:
        """Patch sets that were missed."""
        return self.states.get(State.MISSED, 0)

    @property
    def rate(self) -> float | None:
        """The part that was missed, None if nothing was done or missed."""
        whole = self.done + self.missed
        return self.missed / whole if whole else None


def missed_of(sql: sqlite3.Connection, account: str, span: Span, settings: CiSettings, most: int = MOST) -> Missed:
    """Return what a CI has done and missed on the patch sets that were created in a span.

    Args:
        sql: the tables.
        account: the CI.
        span: the time; its end is the moment that is looked at.
        settings: settings of the board.
        most: how many missed patch sets are listed.
    """
    states: Counter[State] = Counter()
    listed: list[tuple[int, int, Judged]] = []
    for at, one in enumerate(judged(sql, account, span, settings)):
        states[one.state] += 1
        if one.state is State.MISSED:
            entry = (one.column.created, at, one)
            (heapq.heappush if len(listed) < most else heapq.heappushpop)(listed, entry)
    return Missed(dict(states), tuple(one for _, _, one in sorted(listed, reverse=True)))


def judged(sql: sqlite3.Connection, account: str, span: Span, settings: CiSettings) -> Iterator[Judged]:
    """Yield where a CI stands on each patch set that was created in a span, project by project, newest first.

    A patch set is expected to have a result if the configuration says so, or if the CI has reported on the project
    within the 30 days before it or within the grace time. So a CI that stops does not lose what it has missed, and one
    that begins has missed nothing before.
    """
    names = names_in(sql)
    everywhere = names.runs_on_all(settings, account)
    for server, project in places(sql, account, settings, names):
        for column in columns(sql, server, project, span):
            seen = _seen(sql, account, column, span.until)
            state = state_of(column, seen, span.until, settings.grace, runs_on_all=everywhere)
            if state in OUTSTANDING and not (
                names.expects(settings, account, project, column.branch)
                or _reported(sql, account, server, project, column.created, settings.grace)
            ):
                state = State.NOT_EXPECTED
            yield Judged(server, project, column, state)


def places(sql: sqlite3.Connection, account: str, settings: CiSettings, names: Names) -> list[tuple[str, str]]:
    """Return the servers and projects on which a CI has ever reported, or must report by the configuration."""
    found = {*sql.execute("SELECT server, project FROM pairs WHERE account = ?", (account,)).fetchall()}
    own = [one for one in settings.expected if names.key(one.account) == account]
    if own:
        known = sql.execute("SELECT DISTINCT server, project FROM changes WHERE NOT deleted").fetchall()
        found |= {place for place in known if any(one.concerns_project(place[1]) for one in own)}
    return sorted(found)


def _seen(sql: sqlite3.Connection, account: str, column: Column, at: int) -> Seen:
    # The plus keeps SQLite from the index by account and time, which would find all reports of the CI.
    found = sql.execute(
        "SELECT time, status = ? FROM reports WHERE change = ? AND patchset = ? AND account = ? AND +time <= ? "
        "AND (outcome <> '' OR status = ?)",
        (STARTED, column.change, column.patchset, account, at, STARTED),
    ).fetchall()
    return Seen([time for time, begun in found if not begun], [time for time, begun in found if begun])


def _reported(sql: sqlite3.Connection, account: str, server: str, project: str, created: int, grace: int) -> bool:
    found = sql.execute(
        "SELECT 1 FROM reports JOIN changes ON changes.id = change WHERE reports.project = ? AND account = ? "
        "AND time BETWEEN ? AND ? AND outcome <> '' AND server = ? LIMIT 1",
        (project, account, created - REMEMBERED, created + grace, server),
    )
    return found.fetchone() is not None
