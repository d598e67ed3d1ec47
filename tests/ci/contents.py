"""What facts say, whatever the order in which they came: tables without their own numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.board_json import board_json
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import opened
from ptgbot.ci.settings import CiSettings
from tests.ci.happenings import Event

QUERIES = {
    "changes": "SELECT server, project, number, branch, subject, owner, topic, url, wip, private, deleted FROM changes",
    "patchsets": (
        "SELECT c.server, c.project, c.number, p.number, created, kind, uploader FROM patchsets p "
        "JOIN changes c ON c.id = change"
    ),
    "moves": "SELECT c.server, c.project, c.number, kind, time, patchset FROM moves m JOIN changes c ON c.id = change",
    # Votes that a comment has not cast are only told by the stream; they repeat what is known.
    "votes": (
        "SELECT c.server, c.project, c.number, patchset, account, time, value FROM votes "
        "JOIN changes c ON c.id = change WHERE is_cast"
    ),
    "rechecks": (
        "SELECT c.server, c.project, c.number, patchset, account, time, line FROM rechecks "
        "JOIN changes c ON c.id = change"
    ),
    "reports": (
        "SELECT c.server, c.project, c.number, patchset, account, trusted, pipeline, time, status, buildset, name, "
        "j.url, result, voting, seconds, detail FROM reports r JOIN changes c ON c.id = change "
        "LEFT JOIN jobs j ON report = r.id"
    ),
    "accounts": "SELECT account, name FROM accounts",
}


def contents(sql: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return the rows of each table."""
    return {name: sorted(sql.execute(query).fetchall(), key=repr) for name, query in QUERIES.items()}


def boards(sql: sqlite3.Connection, projects: Iterable[str], at: int, settings: CiSettings, server: str) -> list[Event]:
    """Return the boards of projects over thirty days, as ``ptgbot ci show`` prints them."""
    wanted = (Wanted(project, at, 30 * 86_400, server=server) for project in projects)
    return [board_json(Board(sql, one, settings)) for one in wanted]


def all_of(
    events: Iterable[Mapping[str, Any]], projects: Iterable[str], at: int, settings: CiSettings, server: str
) -> tuple[dict[str, list[Any]], list[Event]]:
    """Return contents and boards of the complete history."""
    with opened(":memory:") as facts:
        for event in events:
            facts.put(read_event(event, settings), server)
        return contents(facts.sql), boards(facts.sql, projects, at, settings, server)
