"""What is wrong now: which CI is silent or fails again and again, and where upstream seldom succeeds."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final

from attrs import define, field, frozen

from ptgbot.ci.alerts import AlertKind
from ptgbot.ci.incidents import Incident, incident_at
from ptgbot.ci.lately import Lately, Pair, Result
from ptgbot.ci.opening import MOST_PROJECTS, Look, Sign, alert_id
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.standing import Column, State

WEEK: Final = 7 * 86_400
"""Seconds that are looked back. What nobody has seen for so long is unknown."""
UPSTREAM: Final = "upstream"
"""The name of the alert about an incident."""
MOST: Final = 200
"""Most patch sets, changes or runs that are counted in a row."""


@frozen
class _Row:
    """The newest of a CI's patch sets or changes that are all good, or all bad."""

    is_bad: bool
    count: int
    since: int
    """The time of the oldest of them (seconds since 1970)."""
    projects: tuple[str, ...]


@define
class _Judged:
    """What was found so far."""

    bad: list[Sign] = field(factory=list)
    fine: list[str] = field(factory=list)
    between: list[str] = field(factory=list)

    def judge(self, sign: Sign, *, is_bad: bool, is_fine: bool) -> None:
        """Note what a sign means for its alert."""
        if is_bad:
            self.bad.append(sign)
        else:
            (self.fine if is_fine else self.between).append(sign.id)


def look(sql: sqlite3.Connection, at: int, settings: CiSettings, servers: Collection[str]) -> Look:
    """Return what is wrong at a moment on the servers whose events are known until then.

    Args:
        sql: the facts.
        at: the moment (seconds since 1970).
        settings: settings of the board.
        servers: names of these servers.
    """
    lately, judged, unknown = Lately(sql, at, settings, WEEK, servers), _Judged(), list[str]()
    for account, pairs in lately.pairs().items():
        missed = _missed_in_a_row(lately, pairs)
        failed = _failed_in_a_row(lately.results.get(account, ()))
        if missed is None and failed is None:
            unknown.append(account)
        for kind, row, limit in (
            (AlertKind.SILENT, missed, settings.alerts.missed),
            (AlertKind.FAILING, failed, settings.alerts.failed),
        ):
            _judge(judged, lately, account, kind, row, limit)
    for place, results in sorted(lately.upstream.items()):
        _judge_upstream(judged, place, results, settings)
    whole = {one.name for one in settings.servers} <= {*servers}
    if whole:
        _judge_incident(judged, incident_at(sql, at))
    return Look(at, judged.bad, judged.fine, judged.between, unknown, is_whole=whole)


def _judge(judged: _Judged, lately: Lately, account: str, kind: AlertKind, row: _Row | None, limit: int) -> None:
    """Note whether a CI is in trouble. Without data the alert stays as it is."""
    if not limit:
        return
    if row is None:
        judged.between.append(alert_id(kind, account))
        return
    title, trusted = lately.names.shown.get(account, ""), account in lately.names.trusted
    sign = Sign(kind, account, row.since, row.count, row.projects, title=title, is_trusted=trusted)
    is_fine = not row.is_bad and row.count >= lately.settings.alerts.good
    judged.judge(sign, is_bad=row.is_bad and row.count >= limit, is_fine=is_fine)


def _judge_upstream(
    judged: _Judged, place: tuple[str, str], results: list[Result], settings: CiSettings
) -> None:
    """Note whether enough of the last runs of upstream on a project succeeded."""
    if not settings.alerts.rate:
        return
    server, project = place
    last = results[: settings.alerts.runs]
    rate = 100 * sum(one.is_good for one in last) / len(last)
    since, count = min(one.time for one in last), len(last)
    sign = Sign(AlertKind.UPSTREAM, project, since, count, (), server, int(rate))
    is_enough = count >= settings.alerts.runs
    is_steady = all(one.is_good for one in results[: settings.alerts.good])
    is_low = rate < settings.alerts.rate
    judged.judge(sign, is_bad=is_enough and is_low, is_fine=is_enough and not is_low and is_steady)


def _judge_incident(judged: _Judged, incident: Incident | None) -> None:
    """Note whether many jobs fail because of the infrastructure."""
    found = incident or Incident(0, 0, ())
    sign = Sign(AlertKind.INCIDENT, UPSTREAM, found.since, len(found.jobs), jobs=found.jobs)
    judged.judge(sign, is_bad=incident is not None, is_fine=incident is None)


def _missed_in_a_row(lately: Lately, pairs: Iterable[Pair]) -> _Row | None:
    """Return the newest patch sets that a CI has all reported on, or all missed; None if it had none."""
    merged = heapq.merge(*(_of_pair(lately, pair) for pair in pairs), key=lambda one: -one[0].created)
    return _row(
        (state is State.MISSED, column.created, pair.place[1])
        for column, pair in merged
        if (state := lately.state(pair, column)) in (State.DONE, State.MISSED)
    )


def _of_pair(lately: Lately, pair: Pair) -> Iterator[tuple[Column, Pair]]:
    for column in lately.patchsets.get(pair.place, ()):
        yield column, pair


def _failed_in_a_row(results: Iterable[Result]) -> _Row | None:
    """Return the newest changes on which a CI has always succeeded, or never; None without a result."""
    newest: dict[int, Result] = {}
    for one in results:
        newest.setdefault(one.change, one)
    return _row((not one.is_good, one.time, one.place[1]) for one in newest.values())


def _row(found: Iterator[tuple[bool, int, str]]) -> _Row | None:
    """Return the beginning of a sequence that is all bad or all good, given as badness, time and project."""
    first = next(found, None)
    if first is None:
        return None
    is_bad, since, project = first
    count, projects = 1, {project: None}
    for bad, time, place in islice(found, MOST - 1):
        if bad is not is_bad:
            break
        count, since = count + 1, time
        if len(projects) < MOST_PROJECTS:
            projects[place] = None
    return _Row(is_bad, count, since, tuple(projects))
