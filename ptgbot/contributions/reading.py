"""Reads new commits of repositories into the facts. What is stored always equals what a first reading would store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from ptgbot.contributions.commits import Commit
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.git import GitFailed, Repo

_TOGETHER: Final = 20_000
"""Commits that are held in memory at a time."""


def read_repository(engine: Engine, name: str, repo: Repo) -> int:
    """Take over the commits that are not among the facts yet. Return how many were read.

    All of it is one transaction, the position included. If the branch was rewritten, everything is read anew.

    Args:
        engine: the database with the facts.
        name: the key of the repository.
        repo: the repository.

    Raises:
        GitFailed: git could not read the repository; the facts stay as they are.
    """
    head, known = repo.head(), _heads(engine).get(name, "")
    if head == known:
        return 0
    with engine.transaction():
        goes_on = bool(known) and repo.is_ancestor(known, head)
        if known and not goes_on:
            forget_repository(engine, name)
        read = load_commits(engine, name, repo.log(head, *([f"^{known}"] if goes_on else []))) if head else 0
        engine.remove("heads", name)
        engine.load("heads", [(name, head)] if head else [])
    return read


def read_all(
    engine: Engine, names: Sequence[str], fetch: Callable[[str], Repo], tell: Callable[[str], None]
) -> Iterator[str]:
    """Read repositories one after the other. Yield a sentence about each that had news.

    One that cannot be reached keeps its facts. Facts of repositories that are no longer in the list are removed.

    Args:
        engine: the database with the facts.
        names: the addresses of all repositories.
        fetch: returns the present copy of a repository.
        tell: called with a sentence about each repository that cannot be read.
    """
    for name in sorted(_heads(engine).keys() - set(names)):
        with engine.transaction():
            forget_repository(engine, name)
        yield f"{name}: removed, for it is no longer in the list"
    for name in names:
        try:
            read = read_repository(engine, name, fetch(name))
        except GitFailed as error:
            tell(f"{name}: {error}; what is known of it stays")
            continue
        if read:
            yield f"{name}: {read} new commits"


def forget_repository(engine: Engine, name: str) -> None:
    """Remove the facts and the position of a repository, within a transaction."""
    for table in ("commits", "authors", "heads"):
        engine.remove(table, name)


def load_commits(engine: Engine, name: str, commits: Iterator[Commit]) -> int:
    """Add commits to the facts, without any rule about people. Return how many there were."""
    count = 0
    while batch := list(islice(commits, _TOGETHER)):
        count += len(batch)
        engine.load("commits", (_row(name, one) for one in batch))
        people = ((one.sha, place, who) for one in batch for place, who in enumerate(one.people))
        engine.load("authors", ((name, sha, place, who.name, who.email) for sha, place, who in people))
    return count


def _row(name: str, one: Commit) -> Row:
    return (name, one.sha, one.authored, one.committed, one.added, one.deleted, one.files, one.subject)


def _heads(engine: Engine) -> dict[str, str]:
    return {str(name): str(sha) for name, sha in engine.rows("heads")}
