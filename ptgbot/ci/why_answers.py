"""The answer to ``+ci why NUMBER``."""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from ptgbot.ci.settings import CiSettings
from ptgbot.ci.why import Cause, Why, WhyChange, why

ASKED: Final = re.compile(r"why\s+#?(\d{1,9})", re.IGNORECASE)
"""The question; the group is the number of the change."""
_MOST: Final = 8
"""Most failed jobs that one answer names."""


def answer_why(sql: sqlite3.Connection, number: int, at: int, settings: CiSettings) -> str:
    """Return a sentence about each failed job of a change.

    Args:
        sql: the tables.
        number: number of the change on its server.
        at: the moment (seconds since 1970).
        settings: settings of the board.
    """
    found = why(sql, number, at, settings)
    return " ".join(map(_change, found)) if found else f"There is no change {number}."


def _change(one: WhyChange) -> str:
    head = f"{one.project} {one.number},{one.patchset}"
    if not one.patchset:
        return f"{one.project} {one.number} has no results yet."
    if not one.jobs:
        return f"{head}: no job failed."
    more = f"; and {len(one.jobs) - _MOST} more" if len(one.jobs) > _MOST else ""
    return f"{head}: {'; '.join(map(_job, one.jobs[:_MOST]))}{more}."


def _job(one: Why) -> str:
    voting = "" if one.voting else ", non-voting"
    return f"{one.job} ({one.account}{voting}) {one.result}: {_cause(one)}"


def _cause(one: Why) -> str:
    if one.known:
        return f"known, {one.known.bug}{f' ({one.known.reason})' if one.known.reason else ''}"
    if one.cause is Cause.FLIPS:
        return "flips, it has also succeeded on this patch set"
    if one.cause is Cause.ELSEWHERE:
        return f"elsewhere, it failed on {one.others} other changes within 24 hours"
    return "new"
