"""The last days of all projects, read in one go: patch sets, reports, and where each CI must report.

They are read again and again while events come, so this is not made of boards. The cost grows with the events of these
days, not with the whole history.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from attrs import define, field, frozen

from ptgbot.ci.columns import columns
from ptgbot.ci.facts import STARTED
from ptgbot.ci.names import Names, names_in
from ptgbot.ci.outcomes import Outcome
from ptgbot.ci.reports import Status
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.spans import Span
from ptgbot.ci.standing import REMEMBERED, Column, Seen, State, state_of

_REPORTS: Final = (
    "SELECT r.change, r.patchset, r.account, r.trusted, r.time, r.status, r.outcome, c.server, r.project "
    "FROM reports r JOIN changes c ON c.id = r.change WHERE r.time >= ? AND (? IS NULL OR r.project = ?) "
    "AND (r.outcome <> '' OR r.status = ?) ORDER BY r.time DESC, r.id DESC"
)

Place = tuple[str, str]
"""A server and a project."""


@frozen
class Result:
    """A result of a CI."""

    place: Place
    change: int
    time: int
    is_good: bool


@frozen
class Pair:
    """A CI on a project where it must report."""

    account: str
    place: Place
    first: int = 0
    last: int = 0
    """When it reported first and last; 0 if it never did."""


@define(eq=False)
class Lately:
    """The time before a moment, on some servers."""

    sql: sqlite3.Connection
    at: int
    """Seconds since 1970."""
    settings: CiSettings
    window: int
    """Seconds that are looked back."""
    servers: Collection[str] | None = None
    """Names of the servers, None for all."""
    project: str | None = None
    """Only this project, None for all."""
    names: Names = field(init=False)
    patchsets: Mapping[Place, list[Column]] = field(init=False)
    """Newest first."""
    results: Mapping[str, list[Result]] = field(init=False)
    """Results by account, newest first. That a change cannot be merged says nothing of a CI and is left out."""
    upstream: Mapping[Place, list[Result]] = field(init=False)
    """Results of the project's own CI, newest first."""
    _seen: Mapping[tuple[int, int, str], Seen] = field(init=False)
    """Reports by change, patch set and account."""

    def __attrs_post_init__(self) -> None:
        self.names = names_in(self.sql)
        places = self.sql.execute("SELECT DISTINCT server, project FROM changes WHERE NOT deleted").fetchall()
        span = Span(self.at - self.window, self.at)
        self.patchsets = {
            (server, project): [*columns(self.sql, server, project, span)]
            for server, project in places
            if self._has(server) and self.project in (None, project)
        }
        self._read()

    def _read(self) -> None:
        done: dict[tuple[int, int, str], list[int]] = defaultdict(list)
        begun: dict[tuple[int, int, str], list[int]] = defaultdict(list)
        results: dict[str, list[Result]] = defaultdict(list)
        upstream: dict[Place, list[Result]] = defaultdict(list)
        rows = self.sql.execute(_REPORTS, (self.at - self.window, self.project, self.project, STARTED))
        for change, patchset, account, trusted, time, status, outcome, server, project in rows:
            is_start = status == STARTED
            (begun if is_start else done)[change, patchset, account].append(time)
            if is_start or status == Status.MERGE_FAILURE or not self._has(server):
                continue
            result = Result((server, project), change, time, outcome == Outcome.OK)
            results[account].append(result)
            if trusted:
                upstream[server, project].append(result)
        self._seen = {key: Seen(done.get(key, ()), begun.get(key, ())) for key in {*done, *begun}}
        self.results, self.upstream = results, upstream

    def pairs(self) -> Mapping[str, list[Pair]]:
        """Return where each CI must report: by the configuration, or because it has reported within 30 days."""
        found: dict[str, dict[Place, Pair]] = defaultdict(dict)
        for account, server, project, first, last in self.sql.execute(
            "SELECT account, server, project, first, last FROM pairs WHERE last >= ?", (self.at - REMEMBERED,)
        ):
            if (server, project) in self.patchsets:
                found[account][server, project] = Pair(account, (server, project), first, last)
        for one in self.settings.expected:
            account = self.names.key(one.account)
            for place in self.patchsets:
                if one.concerns_project(place[1]):
                    found[account].setdefault(place, Pair(account, place))
        return {account: [*known.values()] for account, known in sorted(found.items())}

    def _has(self, server: str) -> bool:
        return self.servers is None or server in self.servers

    def state(self, pair: Pair, column: Column) -> State:
        """Return where a CI stands on a patch set of a project where it must report now.

        A CI that is expected because it reports has missed nothing that is older than its first report.
        """
        runs_on_all = self.names.runs_on_all(self.settings, pair.account)
        seen = self._seen.get((column.change, column.patchset, pair.account), _NOTHING)
        state = state_of(column, seen, self.at, self.settings.grace, runs_on_all=runs_on_all)
        if state is not State.MISSED or self._must(pair, column):
            return state
        return State.NOT_EXPECTED

    def _must(self, pair: Pair, column: Column) -> bool:
        is_usual = 0 < pair.first <= column.created + self.settings.grace and pair.last >= self.at - REMEMBERED
        return is_usual or self.names.expects(self.settings, pair.account, pair.place[1], column.branch)


_NOTHING: Final = Seen()
