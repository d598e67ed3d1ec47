"""Finds the CI or project that somebody means, in the facts and in the configuration."""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from ptgbot.chat.spelling import misspelt
from ptgbot.chat.text import listing
from ptgbot.ci.lines import named
from ptgbot.ci.settings import CiSettings

LONGEST: Final = 200
"""Most characters of a name that is looked for."""
MOST: Final = 4
"""Most names that an answer lists."""


class FoundKind(enum.StrEnum):
    """What a name can mean."""

    ACCOUNT = "account"
    PROJECT = "project"


@frozen
class Found:
    """The CI or project that somebody means."""

    kind: FoundKind
    name: str
    servers: tuple[str, ...] = ()
    """Servers that have a project of that name."""


class NotFound(Exception):
    """There is no such CI or project, or several; the message is an answer."""


def find(sql: sqlite3.Connection, words: str, settings: CiSettings) -> Found:
    """Return the project or CI with a name. Spelling counts before capitals, and accounts before display names.

    The last part of the name of a project suffices, if no other project and no CI has it.

    Raises:
        NotFound: there is none, or several CIs have this display name.
    """
    if len(words) > LONGEST:
        raise NotFound("No project and no CI has so long a name.")
    projects = _projects(sql)
    if name := _same(words, {*projects, *(one for one in settings.projects if "*" not in one)}):
        return Found(FoundKind.PROJECT, name, tuple(sorted(projects.get(name, ()))))
    rows = [(str(account), str(name)) for account, name in sql.execute("SELECT account, name FROM accounts")]
    configured = [one.account for one in settings.expected] + [*settings.trusted]
    if account := _same(words, [account for account, _ in rows]):
        return Found(FoundKind.ACCOUNT, account)
    shown = sorted(account for account, name in rows if name.casefold() == words.casefold())
    if len(shown) > 1:
        names = [*map(named, shown[:MOST]), *([f"{len(shown) - MOST} more"] if len(shown) > MOST else [])]
        raise NotFound(f"Several CIs are called {named(words)}: {listing(names)}. Type the account.")
    if shown or (name := _same(words, configured)):
        return Found(FoundKind.ACCOUNT, shown[0] if shown else name)
    known = [*projects, *(one for row in rows for one in row), *configured]
    ends = [name for name in projects if name.rpartition("/")[2].casefold() == words.casefold()]
    if len(ends) == 1:
        return Found(FoundKind.PROJECT, ends[0], tuple(sorted(projects[ends[0]])))
    raise NotFound(f"There is no project and no CI named {named(words)}.{_hint(words, known)}")


def _projects(sql: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the servers of each known project."""
    found: dict[str, set[str]] = {}
    for server, project in sql.execute("SELECT DISTINCT server, project FROM changes WHERE NOT deleted"):
        found.setdefault(str(project), set()).add(str(server))
    return found


def _same(words: str, names: Iterable[str]) -> str:
    """Return the name that is the same as typed, else the first that differs in capitals only, else nothing."""
    found = sorted(name for name in names if name.casefold() == words.casefold())
    return words if words in found else next(iter(found), "")


def _hint(words: str, known: Iterable[str]) -> str:
    by_lower = {name.casefold(): name for name in known if len(name) <= LONGEST}
    near = misspelt(words.casefold(), by_lower)[:3]
    ends = [name for name in by_lower if name.rpartition("/")[2] == words.casefold()][:3]
    names = [named(by_lower[one]) for one in near or ends]
    return f" Did you mean {listing(names, last='or')}?" if names else ""
