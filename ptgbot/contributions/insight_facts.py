"""What the pages tell beyond sums: absence factors, how changes are answered, who stays, and where help is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from attrs import frozen

from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.page_names import FEWEST, public
from ptgbot.contributions.page_store import Facts

FACTORS: Final = ("commits", "lines", "changes", "patch-sets", "reviews", "messages")
"""The metrics that have an absence factor, in the order of a row: first that of people, then that of organisations."""
_ALL: Final = ("all", "")
_COMMITS, _REVIEWS = FACTORS.index("commits"), FACTORS.index("reviews")

Ordered = Callable[[Iterable[str]], Sequence[str]]
"""Returns the names of releases, the newest first."""


@frozen
class Insights:
    """The answers to the questions of which several pages have a part."""

    factors: Mapping[tuple[str, str], Sequence[Row]]
    """Absence factors by the kind and the key of a page: the release, the numbers in the order of :data:`FACTORS`."""
    answers: Mapping[tuple[str, str], Sequence[Row]]
    """How changes were answered by the kind and the key of a page: the release, the numbers of ``responsiveness``."""
    ordered: Ordered

    @classmethod
    def read(cls, snapshot: Engine, now: int, ordered: Ordered) -> Insights:
        """Ask a snapshot.

        Args:
            snapshot: the snapshot.
            now: the present moment (seconds since 1970); later changes are not counted.
            ordered: orders releases.
        """
        factors, answers = snapshot.rows("absence"), snapshot.rows("responsiveness", now, now)
        return cls(_by_page(factors), _by_page(answers), ordered)

    def of_module(self, module: str) -> Facts:
        """Return what the page of a module has: a row for each release, the newest first."""
        return {name: self._in_order(rows.get(("module", module), ())) for name, rows in self._named}

    def of_release(self, release: str) -> Facts:
        """Return what the page of a release has: the rows of all modules together, and of each module."""
        modules = {
            f"{name}_of_modules": [
                (key, *row[1:])
                for (kind, key), found in sorted(rows.items(), key=_alphabetical)
                for row in found
                if kind == "module" and row[0] == release
            ]
            for name, rows in self._named
        }
        return {**self.of_releases((release,)), **modules}

    def of_releases(self, releases: Sequence[str]) -> Facts:
        """Return the rows of all modules together in some releases."""
        return {
            name: self._in_order(row for row in rows.get(_ALL, ()) if row[0] in releases) for name, rows in self._named
        }

    @property
    def _named(self) -> Sequence[tuple[str, Mapping[tuple[str, str], Sequence[Row]]]]:
        return ("factors", self.factors), ("answers", self.answers)

    def _in_order(self, rows: Iterable[Row]) -> list[Row]:
        by_release = {str(row[0]): row for row in rows}
        return [by_release[one] for one in self.ordered(by_release)]

    def carried_by_one(self, releases: Sequence[str]) -> list[Row]:
        """Return the modules of which one person makes half of the commits or of the reviews in the last cycle.

        The last cycle of a module is the newest of the releases with commits or reviews in the module. A row has the
        module, the release, and the absence factors of people.

        Args:
            releases: the releases that matter, the newest first.
        """
        found: list[Row] = []
        for (kind, module), rows in sorted(self.factors.items(), key=_alphabetical):
            cycle = _last_cycle(rows, releases) if kind == "module" else None
            if cycle and 1 in (cycle[1 + _COMMITS], cycle[1 + _REVIEWS]):
                found.append((module, *cycle[: 1 + len(FACTORS)]))
        return found


def _alphabetical(page: tuple[tuple[str, str], Sequence[Row]]) -> tuple[str, str]:
    (_, name), _ = page
    return name.casefold(), name


def _last_cycle(rows: Sequence[Row], releases: Sequence[str]) -> Row | None:
    by_release = {row[0]: row for row in rows if row[1 + _COMMITS] or row[1 + _REVIEWS]}
    return next((by_release[one] for one in releases if one in by_release), None)


def _by_page(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    pages = groupby(rows, lambda row: (str(row[0]), str(row[1])))
    return {page: [list(row[2:]) for row in of] for page, of in pages}


def stayed(snapshot: Engine, now: int, releases: Sequence[str]) -> Facts:
    """Return the page of those who stay: a row for each cohort, the newest first.

    A row has the release; the number of people; of how many the first 90 days are over, and how many of these made a
    second change in them, both None if they are too few; and how many were active in each later release.

    Args:
        snapshot: the snapshot.
        now: the present moment (seconds since 1970).
        releases: all releases that have begun, the newest first.
    """
    cohorts = {str(release): list(of) for release, of in groupby(snapshot.rows("retention", now, FEWEST), _release)}
    rows: list[Row] = []
    for place, release in enumerate(releases):
        if of := cohorts.get(release):
            active = {str(row[4]): row[5] for row in of}
            rows.append((*of[0][:4], *(active.get(later, 0) for later in reversed(releases[:place]))))
    return {"cohorts": rows, "fewest": FEWEST}


def _release(row: Row) -> str:
    return str(row[0])


def wanted(
    snapshot: Engine, insights: Insights, releases: Sequence[str], waiting: Sequence[Row], key: bytes
) -> Facts:
    """Return the page of where help is wanted: modules that one person carries, and reviews without an answer.

    Args:
        snapshot: the snapshot.
        insights: has the absence factors.
        releases: this release and the last one.
        waiting: the answer to the question ``open_reviews``, with the public names of projects.
        key: the secret of the addresses of pages.
    """
    rows = {(str(row[0]), str(row[1])): row for row in waiting}
    changes = ((public(str(row[0]), key), str(row[1])) for row in snapshot.rows("unanswered"))
    return {
        "modules": insights.carried_by_one(releases),
        "unanswered": [rows[change] for change in changes if change in rows],
    }
