"""How often a CI says the same as upstream."""

from __future__ import annotations

import sqlite3
from typing import Final

from attrs import frozen

from ptgbot.ci.spans import Span


@frozen
class Agreement:
    """How often the vote of a CI was that of upstream."""

    merged: int = 0
    """Changes that were merged and on whose last patch set upstream has voted."""
    both: int = 0
    """Those of them on which the CI has voted, too."""
    agreeing: int = 0
    """Those of these with equal votes."""

    @property
    def share(self) -> float | None:
        """The part of the common votes that were equal, None without any."""
        return self.agreeing / self.both if self.both else None


_VOTES: Final = (
    "WITH m AS (SELECT DISTINCT change, (SELECT MAX(number) FROM patchsets p WHERE p.change = moves.change) AS last "
    "FROM moves WHERE kind = 'merged' AND time BETWEEN :since AND :until) "
    "SELECT (SELECT SIGN(value) FROM votes v WHERE v.change = m.change AND v.patchset = last AND is_cast "
    "AND time <= :until AND account IN (SELECT account FROM accounts WHERE trusted) ORDER BY time DESC LIMIT 1), "
    "(SELECT SIGN(value) FROM votes v WHERE v.change = m.change AND v.patchset = last AND is_cast "
    "AND time <= :until AND account = :account ORDER BY time DESC LIMIT 1) FROM m"
)


def agreement_of(sql: sqlite3.Connection, account: str, span: Span) -> Agreement:
    """Return how often a CI agreed with upstream on the last patch set of merged changes.

    Only votes that were cast there count, not those that the server copied from an earlier patch set, and their
    direction only: a gate votes +2 where a check votes +1. A vote that was removed is none.

    Args:
        sql: the tables.
        account: the CI.
        span: the time in which the changes were merged.
    """
    rows = sql.execute(_VOTES, {"account": account, "since": span.since, "until": span.until}).fetchall()
    pairs = [(upstream, own) for upstream, own in rows if upstream]
    both = [(upstream, own) for upstream, own in pairs if own]
    return Agreement(len(pairs), len(both), sum(upstream == own for upstream, own in both))
