"""Who has which CI: projects and accounts, with the first and the last report."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from attrs import frozen

from ptgbot.ci.names import names_in
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.standing import EMPTY, REMEMBERED


@frozen
class Pair:
    """A CI on a project."""

    server: str
    project: str
    account: str
    trusted: bool
    first: int | None
    """When it reported first (seconds since 1970), None if it never did."""
    last: int | None
    results: int
    configured: bool
    """Whether the configuration expects it."""
    expected: bool
    """Whether it is expected now: by the configuration, or because it has reported within 30 days."""
    silent: bool
    """Whether it is expected, and has had a patch set to report on but reported nothing for too long."""


@frozen
class Matrix:
    """All CIs on all projects."""

    projects: tuple[tuple[str, str], ...]
    """Servers and projects, in order."""
    accounts: tuple[str, ...]
    """CIs: upstream first, then by name."""
    pairs: tuple[Pair, ...]

    @property
    def silent(self) -> list[Pair]:
        """CIs that are silent where they are expected."""
        return [one for one in self.pairs if one.silent]

    @property
    def without_third_parties(self) -> list[tuple[str, str]]:
        """Projects on which no CI but upstream is expected."""
        tested = {(one.server, one.project) for one in self.pairs if one.expected and not one.trusted}
        return [place for place in self.projects if place not in tested]


def matrix_of(sql: sqlite3.Connection, settings: CiSettings, at: int) -> Matrix:
    """Return who has which CI.

    Args:
        sql: the tables.
        settings: settings of the board.
        at: the moment (seconds since 1970).
    """
    projects = sql.execute(
        "SELECT DISTINCT server, project FROM changes WHERE NOT deleted ORDER BY project, server"
    ).fetchall()
    pairs = [*_pairs(sql, settings, at, projects)]
    order = sorted({(not one.trusted, one.account) for one in pairs})
    return Matrix(tuple(projects), tuple(account for _, account in order), tuple(pairs))


def _pairs(sql: sqlite3.Connection, settings: CiSettings, at: int, projects: list[tuple[str, str]]) -> Iterator[Pair]:
    names = names_in(sql)
    known = {
        (server, project, account): (first, last, results)
        for server, project, account, first, last, results in sql.execute("SELECT * FROM pairs WHERE first <= ?", (at,))
    }
    trusted = names.trusted | {names.key(name) for name in settings.trusted}
    for server, project in projects:
        configured = {names.key(one.account) for one in settings.expected if one.concerns_project(project)}
        here = {
            account
            for known_server, known_project, account in known
            if (known_server, known_project) == (server, project)
        }
        since = at - settings.silence
        is_waited = _has_patch_set(sql, server, project, since, at - settings.grace)
        for account in sorted(configured | here):
            first, last, results = known.get((server, project, account), (None, None, 0))
            expected = account in configured or (last is not None and at - last <= REMEMBERED)
            silent = expected and is_waited and (last is None or last < since)
            yield Pair(
                server,
                project,
                account,
                account in trusted,
                first,
                last,
                results,
                account in configured,
                expected,
                silent,
            )


def _has_patch_set(sql: sqlite3.Connection, server: str, project: str, since: int, until: int) -> bool:
    """Say whether a project had a patch set in a span on which CIs had to report."""
    found = sql.execute(
        "SELECT p.kind FROM patchsets p JOIN changes c ON c.id = p.change WHERE p.project = ? AND c.server = ? "
        "AND COALESCE(p.created, p.first) BETWEEN ? AND ? AND NOT (c.wip OR c.private OR p.untested)",
        (project, server, since, until),
    )
    return any(kind not in EMPTY for (kind,) in found)
