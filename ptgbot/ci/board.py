"""The board of a project: patch sets, what each CI says of them, and how well each CI is."""

from __future__ import annotations

import copy
import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import astuple, define, evolve, field, frozen

from ptgbot.ci.columns import columns
from ptgbot.ci.facts import STARTED
from ptgbot.ci.joblines import class_of
from ptgbot.ci.names import Names, names_in
from ptgbot.ci.reports import Status
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.spans import Span
from ptgbot.ci.standing import OUTSTANDING, REMEMBERED, Column, Seen, State, flips, state_of

UNKNOWN: Final = "-"
"""The name of an unknown pipeline."""


@frozen
class Wanted:
    """Which board is asked for."""

    project: str
    at: int
    """The moment of the board (seconds since 1970). Later events do not count."""
    window: int = 86_400
    """Seconds before that moment in which its patch sets were created."""
    branch: str | None = None
    """The branch, None for all."""
    server: str = ""
    most: int | None = None
    """Most patch sets, the newest; None for all."""


@frozen
class JobResult:
    """The result of a job, as stored."""

    name: str
    result: str
    url: str | None
    voting: bool
    seconds: int | None
    detail: str | None

    @property
    def cls(self) -> str:
        """The meaning of the result."""
        return str(class_of(self.result))


@frozen(eq=False)
class Run:
    """A comment of a CI with a result or a start."""

    account: str
    trusted: bool
    pipeline: str
    time: int
    status: str
    buildset: str | None
    jobs: tuple[JobResult, ...] = ()

    by_name: Mapping[str, JobResult] = field(factory=dict)

    @property
    def is_result(self) -> bool:
        """Whether it has a result; a remark has none."""
        return self.status not in (STARTED, str(Status.NOTE))


@frozen
class Row:
    """A row of the board."""

    account: str
    pipeline: str
    job: str


@frozen
class Health:
    """How the runs of a CI went."""

    runs: int
    success: int
    patchsets: int

    @property
    def reruns(self) -> int:
        """Results beyond the first of each patch set."""
        return self.runs - self.patchsets

    @property
    def rate(self) -> float:
        """The part of the runs that succeeded."""
        return self.success / self.runs


@define(eq=False)
class Board:
    """The board of a project at a moment, read from the tables."""

    sql: sqlite3.Connection
    wanted: Wanted
    settings: CiSettings
    columns: Sequence[Column] = field(init=False)
    """Newest first."""
    runs: Mapping[Column, Sequence[Run]] = field(init=False)
    """All reports on each patch set, oldest first."""
    last: Mapping[str, int] = field(init=False)
    """When each CI has reported a result on the project last."""
    trusted: frozenset[str] = field(init=False)
    """Accounts of the project's own CI."""
    names: Names = field(init=False)
    """All known CIs."""
    _current: Mapping[Column, Mapping[tuple[str, str], Run]] = field(init=False)
    _seen: Mapping[Column, Mapping[tuple[str, str | None], Seen]] = field(init=False)
    """Reports by patch set, account and pipeline; None stands for all pipelines."""
    _states: dict[tuple[str, Column, str | None], State] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        span = Span(self.wanted.at - self.wanted.window, self.wanted.at)
        found = columns(self.sql, self.wanted.server, self.wanted.project, span, self.wanted.branch)
        self.columns = [*itertools.islice(found, self.wanted.most)]
        self.runs = {column: _runs(self.sql, column, self.wanted.at) for column in self.columns}
        self._current = {
            column: {(run.account, run.pipeline): run for run in runs if run.is_result}
            for column, runs in self.runs.items()
        }
        self._seen = {column: _reported(runs) for column, runs in self.runs.items()}
        self.last = last_results(self.sql, self.wanted.server, self.wanted.project, self.wanted.at)
        self.names = names_in(self.sql)
        own = {account for account in self.last if account in self.names.trusted}
        own |= {run.account for runs in self.runs.values() for run in runs if run.trusted}
        self.trusted = frozenset(own)

    def narrowed(self, window: int, most: int | None = None) -> Board:
        """Return the board of a shorter window, without reading the tables again.

        Args:
            window: seconds before its moment.
            most: most patch sets, the newest; None for all.
        """
        since = self.wanted.at - window
        made = copy.copy(self)
        made.wanted = evolve(self.wanted, window=window, most=most)
        made.columns = [column for column in self.columns if column.created >= since][:most]
        made.runs = {column: self.runs[column] for column in made.columns}
        return made

    # Who is expected

    def expects(self, account: str, branch: str) -> bool:
        """Say whether a CI must report on a branch: by the configuration, or because it did within 30 days."""
        if self.wanted.at - self.last.get(account, -REMEMBERED) <= REMEMBERED and account in self.last:
            return True
        return self.names.expects(self.settings, account, self.wanted.project, branch)

    def accounts(self) -> list[str]:
        """Return the CIs of the board: the project's own first, then by name."""
        project = self.wanted.project
        configured = (self.names.key(one.account) for one in self.settings.expected if one.concerns_project(project))
        found = {*self.last, *configured, *(run.account for runs in self.runs.values() for run in runs)}
        return sorted(found, key=self._order)

    def _order(self, account: str) -> tuple[bool, str]:
        return account not in self.trusted, account

    def state(self, account: str, column: Column, pipeline: str | None = None) -> State:
        """Return where a CI stands on a patch set, in one of its pipelines or in all of them."""
        key = (account, column, pipeline)
        if key not in self._states:
            self._states[key] = self._state(*key)
        return self._states[key]

    def _state(self, account: str, column: Column, pipeline: str | None) -> State:
        reports = self._seen[column]
        seen = reports.get((account, pipeline)) or reports.get((account, None)) or Seen()
        all_kinds = self.names.runs_on_all(self.settings, account)
        state = state_of(column, seen, self.wanted.at, self.settings.grace, runs_on_all=all_kinds)
        if state in OUTSTANDING and not self.expects(account, column.branch):
            return State.NOT_EXPECTED
        return state

    def outstanding(self) -> list[tuple[str, Column, State]]:
        """Return every patch set on which an expected CI has no result."""
        pairs = ((account, column) for account in self.accounts() for column in self.columns)
        found = ((account, column, self.state(account, column)) for account, column in pairs)
        return [one for one in found if one[2] in OUTSTANDING]

    # Results

    def current(self, column: Column) -> Mapping[tuple[str, str], Run]:
        """Return the newest result of each CI and pipeline on a patch set."""
        return self._current[column]

    def rows(self) -> list[Row]:
        """Return the jobs with a result: those of the project's own CI first, then by account, pipeline and job."""
        found = {
            Row(run.account, run.pipeline, job.name)
            for runs in self.runs.values()
            for run in runs
            if run.is_result
            for job in run.jobs
        }
        return sorted(found, key=lambda row: (*self._order(row.account), row.pipeline, row.job))

    def cells(self, row: Row) -> list[JobResult | None]:
        """Return the present result of a job on each patch set."""
        runs = (self._current[column].get((row.account, row.pipeline)) for column in self.columns)
        return [run.by_name.get(row.job) if run else None for run in runs]

    def verified(self, column: Column) -> int | None:
        """Return the vote of the project's own CI on a patch set, None without one."""
        found = self.sql.execute(
            "SELECT account, value FROM votes WHERE change = ? AND patchset = ? AND time <= ? "
            "ORDER BY time DESC, account",
            (column.change, column.patchset, self.wanted.at),
        )
        return next((int(value) for account, value in found if account in self.trusted), None)

    def unstable(self) -> list[tuple[Row, Column, list[str]]]:
        """Return the jobs whose results on one patch set contradict each other, with the results in order."""
        found: dict[tuple[Row, Column], list[str]] = defaultdict(list)
        for column in self.columns:
            for run in self.runs[column]:
                for job in run.jobs if run.is_result else ():
                    found[Row(run.account, run.pipeline, job.name), column].append(job.result)
        flipped = [
            (row, column, results)
            for (row, column), results in found.items()
            if flips([str(class_of(result)) for result in results])
        ]
        places = {column: at for at, column in enumerate(self.columns)}
        return sorted(flipped, key=lambda one: (places[one[1]], *self._order(one[0].account), *astuple(one[0])))

    def health(self) -> Mapping[tuple[str, str], Health]:
        """Return how the runs of each CI and pipeline went."""
        counted: dict[tuple[str, str], list[tuple[Column, Run]]] = defaultdict(list)
        for column in self.columns:
            for run in self.runs[column]:
                if run.is_result:
                    counted[run.account, run.pipeline].append((column, run))
        return {
            key: Health(
                len(runs),
                sum(run.status == Status.SUCCESS for _, run in runs),
                len({column.name for column, _ in runs}),
            )
            for key, runs in sorted(counted.items(), key=lambda one: (*self._order(one[0][0]), one[0][1]))
        }

    def rechecks(self) -> list[tuple[Column, str, str]]:
        """Return who has asked for a rerun of which patch set, in which words, oldest first."""
        made = []
        for column in self.columns:
            found = self.sql.execute(
                "SELECT time, account, line FROM rechecks WHERE change = ? AND patchset = ? AND time <= ?",
                (column.change, column.patchset, self.wanted.at),
            )
            made += [(time, column, account, line) for time, account, line in found]
        made.sort(key=lambda one: (one[0], one[1].name))
        return [(column, account, line) for _, column, account, line in made]


def last_results(sql: sqlite3.Connection, server: str, project: str, at: int) -> dict[str, int]:
    """Return when each CI has reported a result on a project last, until a moment (seconds since 1970)."""
    found = sql.execute(
        "SELECT account, (SELECT MAX(time) FROM reports JOIN changes ON changes.id = change WHERE outcome <> '' "
        "AND reports.project = pairs.project AND reports.account = pairs.account AND time <= ? "
        "AND changes.server = pairs.server) AS latest FROM pairs WHERE server = ? AND project = ?",
        (at, server, project),
    )
    return {account: time for account, time in found if time is not None}


def _reported(runs: Sequence[Run]) -> Mapping[tuple[str, str | None], Seen]:
    results: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    starts: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for run in runs:
        found = results if run.is_result else starts if run.status == STARTED else None
        for pipeline in (run.pipeline, None):
            if found is not None:
                found[run.account, pipeline].append(run.time)
    return {key: Seen(results[key], starts[key]) for key in {*results, *starts}}


def _runs(sql: sqlite3.Connection, column: Column, at: int) -> list[Run]:
    jobs: dict[int, list[JobResult]] = defaultdict(list)
    for report, name, result, url, voting, seconds, detail in sql.execute(
        "SELECT report, name, result, url, voting, seconds, detail FROM jobs JOIN reports ON reports.id = report "
        "WHERE change = ? AND patchset = ? AND time <= ? ORDER BY report, position",
        (column.change, column.patchset, at),
    ):
        jobs[report].append(JobResult(name, result, url, bool(voting), seconds, detail))
    found: Iterable[tuple[Any, ...]] = sql.execute(
        "SELECT id, account, trusted, pipeline, time, status, buildset FROM reports "
        "WHERE change = ? AND patchset = ? AND time <= ? ORDER BY time, digest",
        (column.change, column.patchset, at),
    )
    return [
        Run(
            account,
            bool(trusted),
            pipeline or UNKNOWN,
            time,
            status,
            buildset,
            tuple(jobs[report]),
            # Of two lines about one job the first counts.
            {job.name: job for job in reversed(jobs[report])},
        )
        for report, account, trusted, pipeline, time, status, buildset in found
    ]
