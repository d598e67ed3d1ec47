"""Reads new commits of repositories into the facts. What is stored always equals what a first reading would store."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase, translate
from itertools import islice
from re import Pattern
from typing import Final

from attrs import frozen

from ptgbot.contributions.commits import Commit, assistants, blueprints, bugs, change_id
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.git import GitFailed, Repo

_TOGETHER: Final = 2_000
"""Commits that are held in memory at a time."""
_PATTERNS: Final = "*patterns"
"""In place of a branch: the patterns with which a repository was read. No branch can have this name."""
FACTS: Final = (
    *("commits", "authors", "mentions", "branches", "heads"),
    *("changes", "patch_sets", "votes", "comments", "messages", "talks"),
)
"""The tables with facts. Each row has the key of its source as repository."""
_OF_REPOSITORIES: Final = FACTS[:5]


@frozen
class Wanted:
    """What is read of each repository besides its default branch."""

    branches: Sequence[str] = ()
    """Names of further branches; ``*`` stands for any text."""
    foreign: Sequence[str] = ()
    """Paths of generated and vendored files; ``*`` stands for any text, slashes included."""

    @property
    def paths(self) -> Pattern[bytes] | None:
        """The paths of generated and vendored files as one pattern."""
        return re.compile("|".join(map(translate, self.foreign)).encode()) if self.foreign else None

    @property
    def digest(self) -> str:
        """A digest of the patterns: where they change, facts must be read anew."""
        return hashlib.sha256("\n".join(self.foreign).encode()).hexdigest()


DEFAULT: Final = Wanted()
"""Only the default branch, and no path is generated or vendored."""


def read_repository(
    engine: Engine, name: str, repo: Repo, wanted: Wanted = DEFAULT, known: Mapping[str, str] | None = None
) -> int:
    """Take over the commits that are not among the facts yet. Return how many were read.

    All of it is one transaction, the position included. If a branch was rewritten or is gone, everything is read anew.

    Args:
        engine: the database with the facts.
        name: the key of the repository.
        repo: the repository.
        wanted: what is read.
        known: the newest commits by branch that are among the facts; looked up if None.

    Raises:
        GitFailed: git could not read the repository; the facts stay as they are.
    """
    before = positions(engine).get(name, {}) if known is None else known
    now = _heads(repo, wanted)
    if now == before:
        return 0
    with engine.transaction():
        olds, news = newest_commits(before), newest_commits(now)
        goes_on = before.get(_PATTERNS) == now.get(_PATTERNS) and all(
            any(repo.is_ancestor(old, new) for new in news) for old in olds
        )
        if before and not goes_on:
            forget_repository(engine, name)
        excluded = [f"^{sha}" for sha in olds] if goes_on else []
        read = load_commits(engine, name, repo.log(*news, *excluded, foreign=wanted.paths)) if news else 0
        engine.remove("branches", repository=name)
        engine.load("branches", _branches(name, repo, now))
        engine.remove("heads", repository=name)
        engine.load("heads", [(name, branch, sha) for branch, sha in now.items()])
    return read


def read_all(
    engine: Engine,
    names: Iterable[str],
    fetch: Callable[[str], Repo],
    tell: Callable[[str], None],
    wanted: Wanted = DEFAULT,
) -> Iterator[str]:
    """Read repositories one after the other. Yield a sentence about each that had news.

    One that cannot be reached keeps its facts.

    Args:
        engine: the database with the facts.
        names: the addresses of the repositories.
        fetch: returns the present copy of a repository.
        tell: called with a sentence about each repository that cannot be read.
        wanted: what is read of each.
    """
    known = positions(engine)
    for name in names:
        try:
            read = read_repository(engine, name, fetch(name), wanted, known.get(name, {}))
        except GitFailed as error:
            tell(f"{name}: {error}; what is known of it stays")
            continue
        if read:
            yield f"{name}: {read} new commits"


def forget_others(engine: Engine, names: Sequence[str]) -> Iterator[str]:
    """Remove the facts of sources that are no longer in the list. Yield a sentence about each."""
    for name in sorted(positions(engine).keys() - set(names)):
        with engine.transaction():
            for table in FACTS:
                engine.remove(table, repository=name)
        yield f"{name}: removed, for it is no longer in the list"


def forget_repository(engine: Engine, name: str) -> None:
    """Remove the facts and the position of a repository, within a transaction."""
    for table in _OF_REPOSITORIES:
        engine.remove(table, repository=name)


def load_commits(engine: Engine, name: str, commits: Iterator[Commit]) -> int:
    """Add commits to the facts, without any rule about people. Return how many there were."""
    count = 0
    while batch := list(islice(commits, _TOGETHER)):
        count += len(batch)
        engine.load("commits", (_row(name, one) for one in batch))
        people = ((one.sha, place, who) for one in batch for place, who in enumerate(one.people))
        engine.load("authors", ((name, sha, place, who.name, who.email) for sha, place, who in people))
        engine.load("mentions", (row for one in batch for row in _mentions(name, one)))
    return count


def _row(name: str, one: Commit) -> Row:
    numbers = (one.authored, one.committed, one.added, one.deleted, one.files, one.renames)
    return (name, one.sha, *numbers, *one.foreign, one.subject, change_id(one.message))


def _mentions(name: str, one: Commit) -> Iterator[Row]:
    for kind, found in (("bug", bugs), ("blueprint", blueprints), ("assistant", assistants)):
        for mentioned in found(one.message):
            yield (name, one.sha, kind, mentioned)


def _heads(repo: Repo, wanted: Wanted) -> dict[str, str]:
    """Return the newest commits of the branches to read, the default branch under an empty name."""
    head = repo.head()
    others = repo.branches() if wanted.branches else {}
    found = {branch: sha for branch, sha in others.items() if any(fnmatchcase(branch, one) for one in wanted.branches)}
    heads = {"": head, **found} if head else found
    return {**heads, _PATTERNS: wanted.digest} if heads else {}


def newest_commits(heads: Mapping[str, str]) -> list[str]:
    """Return the newest commits of branches, those of the default branch first.

    Args:
        heads: the newest commits by branch, as :func:`positions` has them.
    """
    return list(dict.fromkeys(sha for branch, sha in heads.items() if branch != _PATTERNS))


def _branches(name: str, repo: Repo, heads: Mapping[str, str]) -> Iterator[Row]:
    """Yield the commits of other branches that are not on the default branch."""
    excluded = [f"^{heads['']}"] if heads.get("") else []
    for branch, sha in heads.items():
        if branch not in ("", _PATTERNS):
            yield from ((name, commit, branch) for commit in repo.shas(sha, *excluded))


def positions(engine: Engine) -> dict[str, dict[str, str]]:
    """Return the newest commits that are among the facts, by repository and branch."""
    found: dict[str, dict[str, str]] = {}
    for name, branch, sha in engine.rows("heads"):
        found.setdefault(str(name), {})[str(branch)] = str(sha)
    return found
