"""The patch sets of a project, as the tables have them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from ptgbot.ci.spans import Span
from ptgbot.ci.standing import Column

_COLUMNS: Final = (
    "SELECT c.id, c.number, p.number, c.branch, COALESCE(p.created, p.first) AS born, p.kind, c.subject, c.owner, "
    "c.url, c.wip OR c.private, "
    "(SELECT COALESCE(n.created, n.first) FROM patchsets n WHERE n.change = p.change AND n.number > p.number "
    "AND COALESCE(n.created, n.first) <= :at ORDER BY n.number LIMIT 1), "
    "(SELECT MIN(a.time) FROM moves a WHERE a.change = c.id AND a.kind = 'abandoned' AND a.time <= :at "
    "AND a.time >= COALESCE(p.created, p.first) AND NOT EXISTS (SELECT 1 FROM moves r WHERE r.change = c.id "
    "AND r.kind = 'restored' AND r.time >= a.time AND r.time <= :at)), p.untested "
    "FROM patchsets p JOIN changes c ON c.id = p.change WHERE p.project = :project AND c.server = :server "
    "AND born BETWEEN :since AND :at AND (:branch IS NULL OR c.branch = :branch) "
    "ORDER BY born DESC, c.number DESC, p.number DESC"
)


def columns(
    sql: sqlite3.Connection, server: str, project: str, span: Span, branch: str | None = None
) -> Iterator[Column]:
    """Yield the patch sets that were created in a span, newest first. Later events do not count.

    Args:
        sql: the tables.
        server: name of the server.
        project: name of the project.
        span: the time.
        branch: the branch, None for all.
    """
    values = {"at": span.until, "since": span.since, "project": project, "server": server, "branch": branch}
    for row in sql.execute(_COLUMNS, values):
        yield Column(*row)
