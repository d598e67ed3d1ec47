"""Which pages have to be made again: the keys of changed projects and accounts, with numbers that rise.

The facts note a key with every event that they take over, and :func:`pass_time` those that time alone has changed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from typing import Final

from ptgbot.ci.standing import REMEMBERED

PROJECT: Final = "project:"
"""Beginning of the key of a project; :func:`key_of` returns the rest."""
ACCOUNT: Final = "account:"
"""Beginning of the key of an account."""
INDEX: Final = "index:"
"""The key of the list of projects, which every change concerns."""
SHARED: Final = ("matrix:", "upstream:")
"""The keys of pages over all projects, which are noted less often."""
WINDOWS: Final = {"24h": 86_400, "48h": 172_800, "7d": 604_800, "30d": 2_592_000}
"""The windows of the pages of a project: seconds, by their names."""
_BETWEEN: Final = "\x1f"
_DAY: Final = 86_400


def key_of(server: str, project: str) -> str:
    """Return the key of a project on a server."""
    return f"{PROJECT}{server}{_BETWEEN}{project}"


def project_in(key: str) -> tuple[str, str]:
    """Return the server and the project of the key of a project."""
    server, _, project = key.removeprefix(PROJECT).partition(_BETWEEN)
    return server, project


def number(sql: sqlite3.Connection) -> int:
    """Return the number of the newest change, 0 before the first one."""
    return int(sql.execute("SELECT COALESCE(MAX(number), 0) FROM changed").fetchone()[0])


def note(sql: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Note that pages have to be made again, those of projects before others.

    The first number is the time of the clock, so that facts that are made anew begin above all former numbers.
    """
    wanted = {*keys}
    if not wanted:
        return
    newest = number(sql) or time.time_ns() // 1000
    rows = [(key, newest + n) for n, key in enumerate(sorted({*wanted, INDEX}, key=_order), 1)]
    sql.executemany("INSERT OR REPLACE INTO changed VALUES (?, ?)", rows)


def _order(key: str) -> tuple[bool, str]:
    return not key.startswith(PROJECT), key


def note_shared(sql: sqlite3.Connection) -> None:
    """Note the pages over all projects, if anything has changed since they were noted last."""
    places = ", ".join("?" * len(SHARED))
    query = f"SELECT COALESCE(MAX(number), 0) FROM changed WHERE key IN ({places})"  # noqa: S608 - our own names
    if number(sql) > int(sql.execute(query, SHARED).fetchone()[0]):
        note(sql, SHARED)


def keys(sql: sqlite3.Connection) -> set[str]:
    """Return all keys that were ever noted."""
    return {str(key) for (key,) in sql.execute("SELECT key FROM changed")}


def after(sql: sqlite3.Connection, least: int, most: int) -> list[tuple[int, str]]:
    """Return the keys that changed after a number, each with its own number, in order.

    Args:
        sql: the facts.
        least: the number.
        most: most keys to return.
    """
    found = sql.execute("SELECT number, key FROM changed WHERE number > ? ORDER BY number LIMIT ?", (least, most))
    return [(int(at), str(key)) for at, key in found]


def pass_time(sql: sqlite3.Connection, since: int, until: int, grace: int) -> set[str]:
    """Return the keys of pages that time alone has changed between two moments (seconds since 1970).

    These are projects with a patch set whose grace time has ended, or that has left a window, and the accounts that
    report on projects of the first kind. A new day (UTC) changes everything.

    Args:
        sql: the facts.
        since: the former moment.
        until: the present moment.
        grace: seconds that a CI has.
    """
    if since // _DAY != until // _DAY:
        return {*keys(sql), *SHARED}
    late = _aged(sql, since - grace, until - grace)
    gone = {one for window in WINDOWS.values() for one in _aged(sql, since - window, until - window)}
    return {key_of(*one) for one in late | gone} | {
        f"{ACCOUNT}{account}"
        for _, project in late
        for (account,) in sql.execute(
            "SELECT DISTINCT account FROM reports WHERE project = ? AND time > ?", (project, until - REMEMBERED)
        )
    }


def _aged(sql: sqlite3.Connection, since: int, until: int) -> set[tuple[str, str]]:
    """Return the projects with a patch set or a start of a CI between two moments, the first excluded."""
    found = sql.execute(
        "SELECT DISTINCT c.server, c.project FROM patchsets p JOIN changes c ON c.id = p.change "
        "WHERE COALESCE(p.created, p.first) > :since AND COALESCE(p.created, p.first) <= :until UNION "
        "SELECT DISTINCT c.server, c.project FROM reports r JOIN changes c ON c.id = r.change "
        "WHERE r.status = 'started' AND r.time > :since AND r.time <= :until",
        {"since": since, "until": until},
    )
    return {(str(server), str(project)) for server, project in found}
