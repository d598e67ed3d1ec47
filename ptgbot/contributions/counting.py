"""Counts the commits of repositories by person, organisation, release and year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.duck import Duck, interruptible
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.git import Repo
from ptgbot.contributions.model import Register
from ptgbot.contributions.reading import load_commits
from ptgbot.contributions.rules import Options, load_rules, merged, tagged

_TOTALS: Final = ("robots", "counted", "records", "added", "deleted", "loc", "users", "companies", "first", "last")
_SUMS: Final = ("commits", "added", "deleted", "loc")


def count(
    path: Path,
    register: Register,
    corrections: Sequence[Correction],
    options: Options,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> dict[str, Any]:
    """Return the numbers of a repository, as ``ptgbot stats commits`` prints them.

    Args:
        path: the repository.
        register: people, organisations and releases.
        corrections: mistakes in commits.
        options: the switches.
        tell: called with a sentence about each tag of a release that the repository does not have.

    Raises:
        GitFailed: git could not read the repository.
        NoDuck: the engine is not installed.
    """
    repo = Repo(path)
    is_empty = options.revision == "HEAD" and not repo.head()
    head = "" if is_empty else repo.resolve(options.revision)
    engine = Duck()
    try:
        with interruptible():
            engine.prepare()
            if head:
                load_commits(engine, str(path), repo.log(head))
                engine.load("tagged", tagged(repo, str(path), repo.name, repo.origin(), register, tell))
                if options.date_of == "merge":
                    engine.load("merged", merged(repo, str(path), [head], tell))
            load_rules(engine, register, corrections, options)
            name = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            return {"repository": name, "head": head, **_numbers(engine, repo, head)}
    finally:
        engine.close()


def _numbers(engine: Engine, repo: Repo, head: str) -> dict[str, Any]:
    everything = repo.count(head, merges=False) if head else 0
    merges = repo.count(head, merges=True) if head else 0
    totals = dict(zip(_TOTALS, map(_number, engine.rows("totals")[0]), strict=True))
    return {
        "totals": {"commits_all": everything, "merges": merges, "non_merge": everything - merges, **totals},
        "by_user": _sums(engine.rows("by_user")),
        "by_company": _sums(engine.rows("by_company")),
        "by_release": _sums(engine.rows("by_release")),
        "by_year": _sums(engine.rows("by_year")),
        "by_user_and_company": _sums([(f"{row[0]}|{row[1]}", *row[2:]) for row in engine.rows("by_user_and_company")]),
    }


def _sums(rows: Iterable[Row]) -> dict[str, dict[str, float | None]]:
    return {str(key): dict(zip(_SUMS, map(_number, numbers), strict=True)) for key, *numbers in rows}


def _number(value: object) -> float | None:
    """Return a number of an engine; only sums over divided commits have digits behind the point."""
    if value is None:
        return None
    number = round(float(str(value)), 6)
    return int(number) if number.is_integer() else number
