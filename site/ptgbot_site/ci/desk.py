"""What every page of the board needs: the facts, the settings, and the moment that is shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen
from markupsafe import Markup

from ptgbot.ci import changed
from ptgbot.ci.addresses import account_folder, project_folder
from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.matrix import Matrix, matrix_of
from ptgbot.ci.settings import CiSettings
from ptgbot_site.build.markup import link, name

AHEAD: Final = 3600
"""Seconds by which the clock of a server may be ahead of ours for its events to be shown."""
MOST_COLUMNS: Final = 40
"""Most patch sets on one page."""


@frozen
class Desk:
    """The facts as the pages show them during one build."""

    sql: sqlite3.Connection
    settings: CiSettings
    at: int
    """The moment of the pages (seconds since 1970)."""
    url: str
    """Public address of the board with a slash at its end, empty if it is unknown."""
    shown: Mapping[str, str]
    """Display names of the CIs by account."""
    _made: list[Matrix] = field(factory=list, init=False)

    def board(self, server: str, project: str, window: int, most: int | None = MOST_COLUMNS) -> Board:
        """Return the board of a project."""
        return Board(self.sql, Wanted(project, self.at, window, server=server, most=most), self.settings)

    @property
    def matrix(self) -> Matrix:
        """Who has which CI. It is made once for all pages of a build."""
        if not self._made:
            self._made.append(matrix_of(self.sql, self.settings, self.at))
        return self._made[0]

    def count(self, server: str, project: str, window: int) -> int:
        """Return how many patch sets of a project were created in a window."""
        found = self.sql.execute(
            "SELECT COUNT(*) FROM patchsets p JOIN changes c ON c.id = p.change WHERE p.project = ? AND c.server = ? "
            "AND COALESCE(p.created, p.first) BETWEEN ? AND ?",
            (project, server, self.at - window, self.at),
        )
        return int(found.fetchone()[0])

    def projects(self) -> list[tuple[str, str]]:
        """Return servers and names of all projects, in order."""
        query = "SELECT DISTINCT server, project FROM changes WHERE NOT deleted ORDER BY project, server"
        return [(str(server), str(project)) for server, project in self.sql.execute(query)]

    def title(self, account: str) -> str:
        """Return the name under which people know a CI."""
        return self.shown.get(account) or account

    def to_account(self, account: str, root: str) -> Markup:
        """Return a link to the page of a CI. ``root`` is the relative address of the board."""
        return link(f"{root}{account_folder(account)}/index.html", name(self.title(account)))

    def to_project(self, server: str, project: str, root: str) -> Markup:
        """Return a link to the page of a project. ``root`` is the relative address of the board."""
        return link(f"{root}{project_folder(server, project)}/index.html", name(project))


def moment_of(sql: sqlite3.Connection, now: int) -> int:
    """Return the moment that pages show: now, or the newest event of a server whose clock is a little ahead."""
    newest = sql.execute("SELECT MAX(value) FROM marks WHERE name LIKE 'newest %'").fetchone()[0] or 0
    return max(now, newest) if newest <= now + AHEAD else now


def names_of(sql: sqlite3.Connection) -> dict[str, str]:
    """Return the display names of all CIs by account."""
    return {str(account): str(shown) for account, shown in sql.execute("SELECT account, name FROM accounts")}


WINDOWS: Final = changed.WINDOWS
