"""What Zuul itself tells: runs without a change, tries that failed, waiting times and nodes."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict

from attrs import define, field, frozen

from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.spans import Span
from ptgbot.ci.spread import Spread, spread


@frozen
class LastBuild:
    """The newest build of a job."""

    time: int
    """When it ended (seconds since 1970)."""
    result: str
    url: str
    """Address of its log, empty without one."""
    error: str
    """Why it failed, as far as Zuul knows."""


@frozen
class BuiltJob:
    """A job in a pipeline, on a branch of a project, as Zuul tells it."""

    server: str
    """Name of the Zuul."""
    project: str
    branch: str
    pipeline: str
    job: str
    runs: int
    """Builds that count and are not neutral."""
    success: int
    infra: int
    retries: int
    """Tries that failed because of the infrastructure and were made again."""
    ran: Spread
    """How long builds took (seconds)."""
    waited: Spread
    """How long they waited from their event to their start (seconds)."""
    last: LastBuild | None


@frozen
class Nodeset:
    """Builds on a kind of nodes."""

    server: str
    nodeset: str
    """Its name, empty if unknown."""
    runs: int
    infra: int
    retries: int
    waited: Spread


@define
class _Counted:
    runs: int = 0
    success: int = 0
    infra: int = 0
    retries: int = 0
    ran: array[int] = field(factory=lambda: array("Q"))
    waited: array[int] = field(factory=lambda: array("Q"))
    last: LastBuild | None = None

    def add(self, result: str, queued: int | None, started: int | None, ended: int | None, *, is_final: bool) -> bool:
        """Count a build. Return whether it counts as a run."""
        cls = class_of(result)
        if not is_final:
            self.retries += 1
            return False
        if cls is Class.NEUTRAL:
            return False
        self.runs += 1
        self.success += cls is Class.OK
        self.infra += cls is Class.INFRA
        if started and ended:
            self.ran.append(max(0, ended - started))
        if queued and started:
            self.waited.append(max(0, started - queued))
        return True


def built_jobs(sql: sqlite3.Connection, span: Span, *, changes: bool = False) -> list[BuiltJob]:
    """Return how jobs did, by Zuul, project, branch, pipeline and job.

    Args:
        sql: the tables.
        span: the time in which builds ended.
        changes: whether runs for changes are wanted, too. Periodic and post runs have no change, and no review tells of
            them.
    """
    counted: dict[tuple[str, str, str, str, str], _Counted] = defaultdict(_Counted)
    for *key, result, queued, started, ended, time, is_final, url, error in sql.execute(
        "SELECT server, project, branch, pipeline, job, result, queued, started, ended, time, final, url, error "
        "FROM builds WHERE job <> '' AND time BETWEEN ? AND ? AND (change IS NULL OR ?) ORDER BY time, uuid",
        (span.since, span.until, changes),
    ):
        server, project, branch, pipeline, job = key
        one = counted[server, project, branch, pipeline, job]
        if one.add(result, queued, started, ended, is_final=bool(is_final)):
            one.last = LastBuild(time, result, url, error)
    return [
        BuiltJob(
            *key,
            one.runs,
            one.success,
            one.infra,
            one.retries,
            spread(sorted(one.ran)),
            spread(sorted(one.waited)),
            one.last,
        )
        for key, one in sorted(counted.items())
    ]


def nodesets(sql: sqlite3.Connection, span: Span) -> list[Nodeset]:
    """Return how builds did on each kind of nodes, and how long they waited for them.

    Args:
        sql: the tables.
        span: the time in which builds ended.
    """
    counted: dict[tuple[str, str], _Counted] = defaultdict(_Counted)
    for server, nodeset, result, queued, started, ended, is_final in sql.execute(
        "SELECT server, nodeset, result, queued, started, ended, final FROM builds "
        "WHERE job <> '' AND time BETWEEN ? AND ?",
        (span.since, span.until),
    ):
        counted[server, nodeset].add(result, queued, started, ended, is_final=bool(is_final))
    return [
        Nodeset(*key, one.runs, one.infra, one.retries, spread(sorted(one.waited)))
        for key, one in sorted(counted.items())
    ]


@frozen
class Broken:
    """A buildset that failed before any job could run, with what Zuul says of it."""

    server: str
    project: str
    branch: str
    pipeline: str
    change: int | None
    result: str
    message: str
    time: int


def broken_sets(sql: sqlite3.Connection, span: Span, most: int = 50) -> list[Broken]:
    """Return the newest buildsets that failed without a failed build, such as by an error of configuration.

    Args:
        sql: the tables.
        span: the time in which they ended.
        most: most entries.
    """
    rows = sql.execute(
        "SELECT server, project, branch, pipeline, change, result, error, time FROM builds s WHERE job = '' "
        "AND time BETWEEN ? AND ? AND result <> 'SUCCESS' AND NOT EXISTS (SELECT 1 FROM builds b "
        "WHERE b.server = s.server AND b.buildset = s.uuid AND b.job <> '' AND b.result <> 'SUCCESS') "
        "ORDER BY time DESC, uuid",
        (span.since, span.until),
    )
    return [one for row in rows if class_of((one := Broken(*row)).result) is not Class.NEUTRAL][:most]
