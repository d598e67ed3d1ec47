"""Sentences about projects and CIs, made of the boards of the last day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ptgbot.chat.spelling import misspelt
from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.builds import BuiltJob, built_jobs
from ptgbot.ci.facts import looked_at
from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.spans import Span
from ptgbot.ci.standing import State
from ptgbot.ci.why_answers import ASKED, answer_why
from ptgbot.store.export import Unreadable

_MOST: Final = 10
"""Most projects or CIs that one answer names."""
_PERIODIC_DAYS: Final = 8
"""Days in which a weekly job has run."""


def answer(folder: Path, words: str, at: datetime, settings: CiSettings) -> str:
    """Return the answer to ``+ci``.

    Args:
        folder: folder of the facts.
        words: a project, a CI, ``missing``, ``periodic``, or ``why`` and the number of a change.
        at: the moment (aware).
        settings: settings of the board.

    Raises:
        Unreadable: there are no facts that could be read.
    """
    try:
        with looked_at(folder / "facts.sqlite") as sql:
            if words.casefold() == "periodic":
                return _periodic(built_jobs(sql, Span.before(int(at.timestamp()), _PERIODIC_DAYS)))
            if asked := ASKED.fullmatch(words):
                return answer_why(sql, int(asked[1]), int(at.timestamp()), settings)
            return _answer([*boards(sql, int(at.timestamp()), settings)], words)
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"nothing was read of a server yet ({error}).") from error


def boards(sql: sqlite3.Connection, at: int, settings: CiSettings) -> Iterator[Board]:
    """Yield the board of the last day for each project."""
    found = sql.execute("SELECT DISTINCT server, project FROM changes WHERE NOT deleted ORDER BY server, project")
    for server, project in found.fetchall():
        yield Board(sql, Wanted(project, at, server=server), settings)


def _answer(found: list[Board], words: str) -> str:
    if words.casefold() == "missing":
        return _missing(found)
    named = [board for board in found if board.wanted.project.casefold() == words.casefold()]
    if named:
        return " ".join(map(_of_project, named))
    accounts = {name.casefold(): account for board in found for name, account in board.names.accounts.items()}
    account = accounts.get(words.casefold())
    if account:
        return _of_account(found, account)
    near = misspelt(words, [*(board.wanted.project for board in found), *accounts])[:3]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no project and no CI named {words}.{hint}"


def _of_project(board: Board) -> str:
    own = [one for (account, _), one in board.health().items() if account in board.trusted]
    runs, good = sum(one.runs for one in own), sum(one.success for one in own)
    upstream = f"upstream succeeded in {good} of {_count(runs, 'run')}" if runs else "no result of upstream"
    states = [state for _, _, state in board.outstanding()]
    return (
        f"{board.wanted.project} in the last day: {_count(len(board.columns), 'patch set')}, {upstream}, "
        f"{states.count(State.MISSED)} missed, {states.count(State.PENDING)} pending, "
        f"{_count(len(board.unstable()), 'flip')}."
    )


def _of_account(found: list[Board], account: str) -> str:
    states = [board.state(account, column) for board in found for column in board.columns]
    done, missed = states.count(State.DONE), states.count(State.MISSED)
    flips = sum(row.account == account for board in found for row, _, _ in board.unstable())
    last = max((board.last[account] for board in found if account in board.last), default=None)
    seen = f"last result {datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M} UTC" if last else "no result yet"
    return f"{account}: {seen}; in the last day {done} done, {missed} missed, {_count(flips, 'flip')}."


def _periodic(jobs: list[BuiltJob]) -> str:
    """Return a sentence about the jobs without a change whose last build is not good."""
    if not jobs:
        return f"No Zuul has told of a periodic job in the last {_PERIODIC_DAYS} days."
    bad = [(one, one.last) for one in jobs if one.last and class_of(one.last.result) is not Class.OK]
    if not bad:
        return f"The last runs of all {_count(len(jobs), 'periodic job')} succeeded."
    bad.sort(key=lambda one: -one[1].time)
    shown = "; ".join(
        f"{one.job} of {one.project} on {one.branch} {last.result}{f' ({last.error})' if last.error else ''}"
        for one, last in bad[:_MOST]
    )
    more = f"; and {len(bad) - _MOST} more" if len(bad) > _MOST else ""
    return f"{len(bad)} of {_count(len(jobs), 'periodic job')} failed: {shown}{more}."


def _missing(found: list[Board]) -> str:
    silent: dict[str, int] = {}
    reported = {run.account for board in found for runs in board.runs.values() for run in runs if run.is_result}
    for board in found:
        for account, _, state in board.outstanding():
            if state is State.MISSED and account not in reported:
                silent[account] = silent.get(account, 0) + 1
    return _listed(silent)


def _listed(silent: Mapping[str, int]) -> str:
    if not silent:
        return "No expected CI was silent in the last day."
    order = sorted(silent.items(), key=lambda one: (-one[1], one[0]))
    shown = ", ".join(f"{account} (missed {number})" for account, number in order[:_MOST])
    more = f", and {len(order) - _MOST} more" if len(order) > _MOST else ""
    return f"Silent in the last day: {shown}{more}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
