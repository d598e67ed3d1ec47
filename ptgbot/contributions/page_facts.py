"""Counts what the pages show, out of a snapshot: for each module, person, organisation and release, and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count, groupby
from typing import Final

from attrs import field, frozen

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Engine, Row, Value, whole
from ptgbot.contributions.insight_facts import Insights, stayed, wanted
from ptgbot.contributions.model import EARLIEST, INDEPENDENT, LATEST
from ptgbot.contributions.page_names import Faces
from ptgbot.contributions.page_store import Facts
from ptgbot.store.edits import Json

WEEKS: Final = 52
"""Weeks of a timeline."""
WEEK: Final = 7 * 86_400
GONE: Final = 90 * 86_400
"""Seconds without activity after which people count as no longer active."""
SUMS: Final = ("commits", "lines", "changes", "patch-sets", "reviews", "disagreements", "messages", "talks")
"""The metrics of a row, in their order. ``days`` follows in the rows of lists."""
TOTALS: Final = (*SUMS, "people", "organisations", "modules", "days")
"""The numbers of a row of totals, in their order."""
LISTED: Final = ("module", "organisation", "person")
"""Kinds of what is listed on pages."""
KINDS: Final = ("release", *LISTED)
"""Kinds of pages of which there are many."""
_RANGES: Final = ((1, 1), (2, 9), (10, 99), (100, None))


@frozen
class Given:
    """Everything that the pages show and no snapshot has."""

    at: int
    """The moment of the count (seconds since 1970)."""
    releases: Sequence[tuple[int, str]]
    """Begins and names of the releases, the first one first."""
    faces: Faces
    quality: Mapping[str, Json] = field(factory=dict)
    """What is wrong with the list of people."""
    overlapping: Sequence[str] = ()
    """Ids of people whose employers overlap."""
    waiting: Sequence[Row] = ()
    """The answer to the question ``open_reviews``."""
    punch_cards: Collection[str] = ()
    """Ids of people who want the hours of their week to be shown."""
    reasons: Callable[[str, str], Facts] = lambda _kind, _key: {}
    """Return why somebody counts for whom, by the kind and the key of a page."""


def counted(snapshot: Duck, given: Given) -> Iterator[tuple[str, Facts]]:
    """Yield the keys of all pages with their facts, those that most people read first.

    Answers are read in pieces, in the order of the pages, so that the memory does not grow with the number of pages.
    """
    counts = _Counts(snapshot, given)
    yield "overview", counts.overview()
    yield "newcomers", counts.newcomers()
    yield "retention", stayed(snapshot, given.at, counts.begun)
    yield "wanted", counts.wanted()
    yield "reviews", {"open": given.waiting, "at_day": given.at // 86_400 * 86_400}
    yield "quality", {**given.quality, **counts.unknown(), "overlapping": counts.faces_of(given.overlapping)}
    yield "releases", {"releases": [[one, *counts.totals[one]] for one in counts.releases]}
    for kind in KINDS:
        yield from counts.pages(kind)
    for release in counts.releases:
        yield f"cube:{release}", counts.cube(release)


class _Counts:
    """The answers to the questions about everything, and the pages that are made of these and of further ones."""

    def __init__(self, snapshot: Duck, given: Given) -> None:
        self._snapshot, self._given = snapshot, given
        self.totals = {str(row[1]): _cells(row[2:]) for row in snapshot.rows("pages/metrics", "all")}
        """The totals of each release."""
        self.releases = self._ordered(self.totals)
        """The releases with contributions, the newest first."""
        self.begun = [one for one in self.releases if self._begins.get(one, -1) <= given.at]
        """Those that have begun."""
        self.this, self.last = (*self.begun, "", "")[:2]
        self._insights = Insights.read(snapshot, given.at, self._ordered)
        self._face = cache(given.faces.both)
        """Returns the segment and the name of a person."""
        self._first = {str(row[0]): row[1:] for row in snapshot.rows("pages/newcomers")}

    @property
    def _begins(self) -> dict[str, int]:
        return {name: begin for begin, name in self._given.releases}

    def _ordered(self, names: Iterable[str]) -> list[str]:
        """Return the names of releases, the newest first; those of which no date is known last."""
        places = {name: place for place, (_, name) in enumerate(self._given.releases)}
        return sorted(names, key=lambda name: (-places.get(name, -1), name))

    def overview(self) -> Facts:
        """Return this release and the last one side by side, and the weeks."""
        new, lists = self._new(self.this), self._listed_in(self.this)
        gone = len(gone_people(self._snapshot, self._given.at, self.this, self.last))
        numbers: list[Json] = [len(new), len(self._new(self.last))]
        return {
            "this": self.this,
            "last": self.last,
            "totals": [self.totals.get(one, []) for one in (self.this, self.last)],
            "newcomers": numbers,
            "gone": gone,
            "waiting": len(self._given.waiting),
            "weeks": [_cells(row[1:]) for row in self._weeks("all")],
            "module": lists["module"],
            "organisation": lists["organisation"],
            **self._insights.of_releases((self.this, self.last)),
        }

    def wanted(self) -> Facts:
        """Return where help is wanted in this release and the last one."""
        given = self._given
        facts = wanted(self._snapshot, self._insights, (self.this, self.last), given.waiting, given.faces.key)
        return {**facts, "at_day": given.at // 86_400 * 86_400}

    def newcomers(self) -> Facts:
        """Return the people whose first contribution is in this release."""
        return {"this": self.this, "people": self._new(self.this)}

    def _new(self, release: str) -> list[Row]:
        faces = self._given.faces
        found = (
            (faces.segment(user), faces.name(user), moment, module, company)
            for user, (moment, its, module, company) in self._first.items()
            if its == release
        )
        return sorted(found, key=lambda row: (str(row[1]).casefold(), str(row[0])))

    def faces_of(self, users: Sequence[str]) -> list[Row]:
        """Return people with the segments of their pages, which are empty for those without contributions."""
        faces = self._given.faces
        return [(faces.segment(one) if one in self._first else "", faces.name(one)) for one in users]

    def unknown(self) -> Facts:
        """Return how many people without an entry there are, and how many of them by their number of commits."""
        found = [int(str(row[0])) for row in self._snapshot.rows("pages/unknown")]
        ranges = [
            [least, most, sum(least <= one and (most is None or one <= most) for one in found)]
            for least, most in _RANGES
        ]
        return {"unknown": len(found), "unknown_commits": sum(found), "unknown_ranges": ranges}

    def pages(self, kind: str) -> Iterator[tuple[str, Facts]]:
        """Yield the keys and the facts of all pages of a kind."""
        if kind == "release":
            yield from self._releases()
            return
        extra = self._extra(kind)
        weeks = ByPage(self._weeks(kind))
        partners = ByPage(self._snapshot.stream("pages/partners", kind, self.this, self.last))
        for name, rows in groupby(self._snapshot.stream("pages/metrics", kind), lambda row: str(row[0])):
            totals = {str(row[1]): _cells(row[1:]) for row in rows}
            if not name or (name.startswith("*") and (kind, name) != ("organisation", INDEPENDENT)):
                continue
            face = self._given.faces
            made: dict[str, Json | Sequence[Row]] = {
                "name": face.name(name) if kind == "person" else name,
                "this": self.this,
                "last": self.last,
                "totals": [totals[one] for one in self._ordered(totals)],
                "weeks": weeks.of(name),
                **extra(name),
                **self._given.reasons(kind, name),
                **self._lists((of for of in LISTED if of != kind), partners.of(name)),
            }
            yield f"{kind}:{face.segment(name) if kind == 'person' else name}", made

    def _weeks(self, kind: str) -> Iterator[Row]:
        """Yield the weeks of the things of a kind: all weeks of releases, the last ones of others."""
        end = self._given.at // WEEK * WEEK + WEEK
        span = (EARLIEST, LATEST) if kind == "release" else (end - (WEEKS + 1) * WEEK, end)
        return self._snapshot.stream("pages/weeks", kind, *span)

    def _releases(self) -> Iterator[tuple[str, Facts]]:
        weeks = {key: [_cells(row[1:]) for row in rows][-3 * WEEKS :] for key, rows in _keyed(self._weeks("release"))}
        for release in self.releases:
            made: dict[str, Json | Sequence[Row]] = {
                "name": release,
                "newcomers": len(self._new(release)),
                "total": [self.totals[release]],
                "weeks": weeks.get(release, []),
                **self._listed_in(release),
                **self._insights.of_release(release),
            }
            yield f"release:{release}", made

    def _listed_in(self, release: str) -> dict[str, list[Row]]:
        """Return the lists on the page of a release."""
        return self._lists(LISTED, map(_cells, self._snapshot.stream("pages/listed", release)))

    def _lists(self, kinds: Iterable[str], rows: Iterable[Row]) -> dict[str, list[Row]]:
        """Return the lists of a page in the order of the alphabet: segment, name, release, metrics, active days."""
        found: dict[str, list[Row]] = {of: [] for of in kinds}
        for of, partner, *rest in rows:
            named = self._face(str(partner)) if of == "person" else (partner, partner)
            found[str(of)].append((*named, *rest))
        for one in found.values():
            one.sort(key=lambda row: (str(row[1]).lstrip("*").casefold(), str(row[0]), str(row[2])))
        return found

    def _extra(self, kind: str) -> Callable[[str], Facts]:
        """Return what tells what only the pages of a kind have."""
        if kind == "module":
            return self._of_modules()
        people = self._of_people() if kind == "person" else {}
        return lambda name: people.get(name, {})

    def _of_people(self) -> dict[str, Facts]:
        """Return what only the pages of people have: the hours, and the reviews given and received."""
        made: dict[str, dict[str, Json | Sequence[Row]]] = defaultdict(dict)
        # The longest answer of all, and most communities have nobody who wants it.
        hours = self._snapshot.stream("pages/hours") if self._given.punch_cards else ()
        for user, rows in _keyed(hours):
            if user in self._given.punch_cards:
                made[user]["hours"] = [list(row[1:]) for row in rows]
        for name, question in (("given", "reviews_by_person"), ("received", "pages/received")):
            for row in self._snapshot.rows(question):
                made[str(row[0])][name] = [list(row[1:])]
        for user, first in self._first.items():
            if first[0] is not None:
                made[user]["first"] = [list(first)]
        return dict(made)

    def _of_modules(self) -> Callable[[str], Facts]:
        assisted, referred = (
            {str(row[0]): [list(row[1:])] for row in self._snapshot.rows(question)}
            for question in ("assistants_by_module", "references_by_module")
        )
        return lambda name: {
            "assisted": assisted.get(name, []),
            "referred": referred.get(name, []),
            **self._insights.of_module(name),
        }

    def cube(self, release: str) -> Facts:
        """Return everything by which the page of a release can be filtered."""
        modules, organisations, people, metrics = names = [defaultdict[Value, int](count().__next__) for _ in range(4)]
        rows = [
            (modules[module], organisations[company], people[user], metrics[metric], whole(amount))
            for module, company, user, metric, amount in self._snapshot.stream("cube", release)
        ]
        facts: dict[str, Json | Sequence[Row]] = {"release": release, "rows": rows}
        facts.update(zip((*LISTED, "metric"), (list(map(str, one)) for one in names), strict=True))
        return {**facts, "person": [self._face(str(one)) for one in people]}


def gone_people(snapshot: Engine, at: int, this: str, last: str) -> Sequence[Row]:
    """Return who was active in two releases and not for :data:`GONE`: ids, and moments of the last activity."""
    return snapshot.rows("gone_people", at, at - GONE, this, last)


class ByPage:
    """The rows of an answer that is in the order of the keys of pages, as those of one page after the other."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._groups = _keyed(rows)
        self._next = next(self._groups, None)

    def of(self, key: str) -> list[Row]:
        """Return the rows of a page without the key. Pages are asked for in the order of their keys."""
        while self._next and self._next[0] < key:
            self._next = next(self._groups, None)
        return [_cells(row[1:]) for row in self._next[1]] if self._next and self._next[0] == key else []


def _keyed(rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[Row]]]:
    return groupby(rows, lambda row: str(row[0]))


def _cells(row: Sequence[Value]) -> list[Value]:
    # There are millions of cells, and few of them are fractions: only these are worth a call.
    return [cell if not isinstance(cell, float) else int(cell) if cell.is_integer() else whole(cell) for cell in row]
