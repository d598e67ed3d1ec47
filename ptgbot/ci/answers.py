"""Sentences about projects and CIs in the last day.

They are made of the reports of that day, not of whole boards, so that a question costs the same however many projects
and jobs there are.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from attrs import frozen

from ptgbot.chat.text import count, listing
from ptgbot.ci.alerts import moment_of
from ptgbot.ci.builds import BuiltJob, built_jobs
from ptgbot.ci.facts import looked_at
from ptgbot.ci.finding import Found, FoundKind, NotFound, find
from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.lately import Lately, Pair
from ptgbot.ci.lines import account_page, board_page, named, project_page, shown
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.spans import DAY, Span
from ptgbot.ci.standing import State, flips
from ptgbot.ci.why_answers import ASKED, answer_why
from ptgbot.store.export import Unreadable

T = TypeVar("T")

_MOST: Final = 10
"""Most CIs that one answer names."""
_FEW: Final = 4
"""Most CIs or jobs in a part of an answer."""
_PERIODIC_DAYS: Final = 8
"""Days in which a weekly job has run."""
_FLIPS: Final = (
    "SELECT r.account, j.name, GROUP_CONCAT(DISTINCT j.result) FROM reports r JOIN jobs j "
    "ON j.report = r.id WHERE r.time >= ? AND r.outcome <> '' AND {} = ? "
    "GROUP BY r.account, r.pipeline, j.name, r.change, r.patchset HAVING COUNT(DISTINCT j.result) > 1"
)


@frozen
class Answer:
    """An answer about the facts."""

    text: str
    found: Found | None = None
    """The CI or project that the answer is about."""
    link: str = ""
    """Address of the page with more; empty without one."""


def answer(folder: Path, words: str, at: datetime, settings: CiSettings, site: str = "") -> Answer:
    """Return the answer to ``+ci``.

    Args:
        folder: folder of the facts.
        words: a project, a CI, ``missing``, ``periodic``, or ``why`` and the number of a change.
        at: the moment (aware).
        settings: settings of the board.
        site: address of the site, ending in a slash; empty without one.

    Raises:
        Unreadable: there are no facts that could be read.
    """
    moment = int(at.timestamp())

    def work(sql: sqlite3.Connection) -> Answer:
        if asked := ASKED.fullmatch(words):
            return Answer(answer_why(sql, int(asked[1]), moment, settings))
        if words.casefold() == "periodic":
            return Answer(_periodic(built_jobs(sql, Span.before(moment, _PERIODIC_DAYS))))
        if words.casefold() == "missing":
            link = board_page(site) if site else ""
            return Answer(_missing(Lately(sql, moment, settings, DAY)), link=link)
        try:
            found = find(sql, words, settings)
        except NotFound as problem:
            return Answer(str(problem))
        if found.kind is FoundKind.ACCOUNT:
            link = account_page(site, found.name) if site else ""
            return Answer(_of_account(Lately(sql, moment, settings, DAY), found.name), found, link)
        link = project_page(site, found.servers[0], found.name) if site and found.servers else ""
        return Answer(_of_project(Lately(sql, moment, settings, DAY, project=found.name), found.name), found, link)

    return _read(folder, work)


def found_or_why(folder: Path, words: str, settings: CiSettings) -> Found | str:
    """Return the CI or project that somebody means, or a sentence that says why there is none.

    Raises:
        Unreadable: there are no facts that could be read.
    """

    def work(sql: sqlite3.Connection) -> Found | str:
        try:
            return find(sql, words, settings)
        except NotFound as problem:
            return str(problem)

    return _read(folder, work)


def _read(folder: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        with looked_at(folder / "facts.sqlite") as sql:
            return work(sql)
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"nothing was read of a server yet ({error}).") from error


# A project


def _of_project(lately: Lately, project: str) -> str:
    patchsets = sum(map(len, lately.patchsets.values()))
    runs = [one for results in lately.upstream.values() for one in results]
    good = sum(one.is_good for one in runs)
    upstream = f"upstream succeeded in {good} of {count(len(runs), 'run')}" if runs else "no result of upstream"
    missed, waiting = Counter[str](), 0
    for pairs in lately.pairs().values():
        states = _states(lately, pairs)
        if number := states[State.MISSED]:
            missed[pairs[0].account] = number
        waiting += states[State.PENDING] + states[State.RUNNING]
    found = _flipped(lately.sql, lately.at - DAY, "r.project", project)
    flipped = sorted({f"{named(job)} ({named(account)})" for account, job in found})
    parts = [
        f"{count(patchsets, 'patch set')}, {upstream}",
        f"missed by {_ranked(missed)}" if missed else "nothing missed",
        *([f"waiting for {count(waiting, 'result')}"] if waiting else []),
        *([f"flipping: {listing(_some(flipped))}"] if flipped else []),
    ]
    return f"{named(project)} in the last day: {'; '.join(parts)}."


def _states(lately: Lately, pairs: Iterable[Pair]) -> Counter[State]:
    """Return in how many states a CI is on the patch sets of its projects."""
    return Counter(lately.state(pair, column) for pair in pairs for column in lately.patchsets[pair.place])


def _flipped(sql: sqlite3.Connection, since: int, column: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield CIs and their jobs that have contrary results on one patch set.

    Args:
        sql: the facts.
        since: the moment from which results count (seconds since 1970).
        column: the column that chooses the reports, ``r.account`` or ``r.project``.
        value: its value.
    """
    for account, job, results in sql.execute(_FLIPS.format(column), (since, value)):
        if flips([str(class_of(one)) for one in results.split(",")]):
            yield account, job


# A CI


def _of_account(lately: Lately, account: str) -> str:
    sql, at = lately.sql, lately.at
    states = _states(lately, lately.pairs().get(account, ()))
    [(last,)] = sql.execute(
        "SELECT MAX(time) FROM reports WHERE account = ? AND time <= ? AND outcome <> ''", (account, at)
    ).fetchall()
    outcomes = Counter(
        dict(
            sql.execute(
                "SELECT outcome, COUNT(*) FROM reports WHERE account = ? AND time BETWEEN ? AND ? AND outcome <> '' "
                "GROUP BY outcome",
                (account, at - DAY, at),
            ).fetchall()
        )
    )
    seen = f"last result {shown(moment_of(last))}" if last else "no result yet"
    runs = sum(outcomes.values())
    infra = f", {outcomes['infra']} failed because of itself" if outcomes["infra"] else ""
    good = f"{outcomes['ok']} of {count(runs, 'run')} succeeded{infra}" if runs else "no result"
    flipped = sorted({named(job) for _, job in _flipped(sql, at - DAY, "r.account", account)})
    waiting = states[State.PENDING] + states[State.RUNNING]
    parts = [
        f"{seen}; in the last day {good}",
        f"missed {states[State.MISSED]} of {count(states[State.MISSED] + states[State.DONE], 'patch set')}",
        *([f"waiting on {waiting}"] if waiting else []),
        *([f"flipping: {listing(_some(flipped))}"] if flipped else []),
    ]
    return f"{named(account)}: {'; '.join(parts)}."


# Jobs without a change


def _periodic(jobs: list[BuiltJob]) -> str:
    """Return a sentence about the jobs without a change whose last build is not good."""
    if not jobs:
        return f"No Zuul has told of a periodic job in the last {_PERIODIC_DAYS} days."
    bad = [(one, one.last) for one in jobs if one.last and class_of(one.last.result) is not Class.OK]
    if not bad:
        return f"The last runs of all {count(len(jobs), 'periodic job')} succeeded."
    bad.sort(key=lambda one: -one[1].time)
    shown = "; ".join(
        f"{one.job} of {one.project} on {one.branch} {last.result}{f' ({last.error})' if last.error else ''}"
        for one, last in bad[:_MOST]
    )
    more = f"; and {len(bad) - _MOST} more" if len(bad) > _MOST else ""
    return f"{len(bad)} of {count(len(jobs), 'periodic job')} failed: {shown}{more}."


# Silent CIs


def _missing(lately: Lately) -> str:
    silent = Counter[str]()
    for account, pairs in lately.pairs().items():
        if account not in lately.results and (number := _states(lately, pairs)[State.MISSED]):
            silent[account] = number
    if not silent:
        return "No expected CI was silent in the last day."
    return f"Silent in the last day: {_ranked(silent, _MOST, 'missed ')}."


def _ranked(numbers: Mapping[str, int], most: int = _FEW, word: str = "") -> str:
    """Return names with their numbers, the largest first."""
    order = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    names = [f"{named(name)} ({word}{number})" for name, number in order]
    return ", ".join(_some(names, most))


def _some(names: list[str], most: int = _FEW) -> list[str]:
    return [*names[:most], f"{len(names) - most} more"] if len(names) > most else names
