"""The card of a CI: whom to ask, how to ask it for a rerun, and how it behaves."""

from __future__ import annotations

import sqlite3

from attrs import frozen

from ptgbot.ci.names import names_in
from ptgbot.ci.settings import CardConfig, CiSettings
from ptgbot.ci.spans import Span


@frozen
class Card:
    """What is known of a CI."""

    account: str
    name: str
    """Its display name."""
    contact: str
    """Whom to ask: an address, empty if the configuration does not say."""
    page: str
    """Its own page, empty if the configuration does not say."""
    phrase: str
    """What people write to ask it for a rerun."""
    asked: int
    """Reruns that it was asked for."""
    answered: int
    """Those after which a start or a result came within the grace time."""
    reports_success: bool
    reports_failure: bool
    """Whether it has reported successes and failures; one that tells only the one kind is worth less."""
    jobs: int
    """Failed jobs that it has told."""
    logs: int
    """Those of them with an address of a log."""

    @property
    def has_logs(self) -> bool | None:
        """Whether the logs of most failed jobs can be browsed, None without failed jobs."""
        return self.logs * 2 > self.jobs if self.jobs else None


def card_of(sql: sqlite3.Connection, account: str, span: Span, settings: CiSettings) -> Card:
    """Return the card of a CI.

    Args:
        sql: the tables.
        account: the CI.
        span: the time that is looked at.
        settings: settings of the board.
    """
    names = names_in(sql)
    config = next((one for one in settings.cards if names.key(one.account) == account), CardConfig(account))
    phrases = [one.account for one in settings.triggers if names.key(one.account) == account]
    outcomes = dict(
        sql.execute(
            "SELECT outcome, COUNT(*) FROM reports WHERE account = ? AND time BETWEEN ? AND ? GROUP BY 1",
            (account, span.since, span.until),
        ).fetchall()
    )
    jobs, logs = sql.execute(
        "SELECT COUNT(*), COUNT(j.url) FROM reports r JOIN jobs j ON j.report = r.id "
        "WHERE r.account = ? AND r.time BETWEEN ? AND ? AND r.outcome IN ('fail', 'infra') "
        "AND j.result NOT IN ('SUCCESS', 'SKIPPED', 'NOT_REGISTERED', 'CANCELED', 'DEQUEUED', 'NO_JOBS')",
        (account, span.since, span.until),
    ).fetchone()
    asked, answered = _reruns(sql, account, phrases[0] if phrases else "", span, settings.grace)
    return Card(
        account,
        names.shown.get(account, account),
        config.contact,
        config.page,
        config.phrase or ("" if phrases else "recheck"),
        asked,
        answered,
        bool(outcomes.get("ok")),
        bool(outcomes.get("fail")),
        jobs,
        logs,
    )


def _reruns(sql: sqlite3.Connection, account: str, asked: str, span: Span, grace: int) -> tuple[int, int]:
    """Return how many reruns a CI was asked for on patch sets that it had reported on, and how many it has begun.

    Args:
        sql: the tables.
        account: the CI.
        asked: the name of the CI in requests, empty if it listens to requests for all.
        span: the time of the requests. Those whose grace time is not over do not count unless answered.
        grace: seconds that it has.
    """
    # The pluses keep SQLite from the index by account and time, which would find all reports of the CI.
    rows = sql.execute(
        "SELECT q.time, (SELECT MIN(r.time) FROM reports r WHERE r.change = q.change AND r.patchset = q.patchset "
        "AND +r.account = :account AND +r.time > q.time AND (r.outcome <> '' OR r.status = 'started')) "
        "FROM rechecks q WHERE q.asked = :asked AND q.time BETWEEN :since AND :until AND EXISTS ("
        "SELECT 1 FROM reports r WHERE r.change = q.change AND r.patchset = q.patchset AND +r.account = :account "
        "AND +r.time <= q.time AND r.outcome <> '')",
        {"account": account, "asked": asked, "since": span.since, "until": span.until},
    ).fetchall()
    answered = sum(begun is not None and begun - time <= grace for time, begun in rows)
    late = sum((begun is None or begun - time > grace) and span.until - time >= grace for time, begun in rows)
    return answered + late, answered
