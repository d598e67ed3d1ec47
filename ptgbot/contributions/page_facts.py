"""Counts what the pages show, out of a snapshot: for each module, person, organisation and release, and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from attrs import field, frozen

from ptgbot.contributions.engine import Engine, Row, Value
from ptgbot.contributions.insight_facts import Insights, stayed, wanted
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
KINDS: Final = ("release", "module", "organisation", "person")
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


def counted(snapshot: Engine, given: Given) -> Iterator[tuple[str, Facts]]:
    """Yield the keys of all pages with their facts, those that most people read first."""
    counts = _Counts(snapshot, given)
    yield "overview", counts.overview()
    yield "newcomers", counts.newcomers()
    yield "retention", stayed(snapshot, given.at, counts.begun)
    yield "wanted", counts.wanted()
    yield "reviews", {"open": given.waiting, "at_day": given.at // 86_400 * 86_400}
    yield "quality", {**given.quality, **counts.unknown(), "overlapping": counts.faces_of(given.overlapping)}
    yield "releases", {"releases": [[one, *counts.totals_of_release(one)] for one in counts.releases]}
    for kind in KINDS:
        yield from counts.pages(kind)
    for release in counts.releases:
        yield f"cube:{release}", counts.cube(release)


class _Counts:
    """The answers to all questions, and the pages that are made of them."""

    def __init__(self, snapshot: Engine, given: Given) -> None:
        self._snapshot, self._given = snapshot, given
        self._totals = _by_page(snapshot.rows("pages/metrics"))
        self.releases = self._ordered({str(row[0]) for row in self._totals.get(("all", ""), ())})
        """The releases with contributions, the newest first."""
        self.begun = [one for one in self.releases if self._begins.get(one, -1) <= given.at]
        """Those that have begun."""
        self.this, self.last = (*self.begun, "", "")[:2]
        self._insights = Insights.read(snapshot, given.at, self._ordered)
        self._partners = _by_page(snapshot.rows("pages/partners", self.this, self.last))
        self._of_release = _by_release(self._totals)
        end = given.at // WEEK * WEEK + WEEK
        self._weeks = _by_page(snapshot.rows("pages/weeks", end - (WEEKS + 1) * WEEK, end))
        self._first = {str(row[0]): row[1:] for row in snapshot.rows("pages/newcomers")}

    @property
    def _begins(self) -> dict[str, int]:
        return {name: begin for begin, name in self._given.releases}

    def _ordered(self, names: Iterable[str]) -> list[str]:
        """Return the names of releases, the newest first; those of which no date is known last."""
        places = {name: place for place, (_, name) in enumerate(self._given.releases)}
        return sorted(names, key=lambda name: (-places.get(name, -1), name))

    def totals_of_release(self, release: str) -> Row:
        """Return the totals of a release."""
        return next(row[1:] for row in self._totals["all", ""] if row[0] == release)

    def overview(self) -> Facts:
        """Return this release and the last one side by side, and the weeks."""
        totals = {str(row[0]): row[1:] for row in self._totals.get(("all", ""), ())}
        new = self._new(self.this)
        gone = len(gone_people(self._snapshot, self._given.at, self.this, self.last))
        numbers: list[Json] = [len(new), len(self._new(self.last))]
        return {
            "this": self.this,
            "last": self.last,
            "totals": [list(totals.get(one, ())) for one in (self.this, self.last)],
            "newcomers": numbers,
            "gone": gone,
            "waiting": len(self._given.waiting),
            "weeks": self._weeks.get(("all", ""), []),
            "module": self._listed("release", self.this, "module"),
            "organisation": self._listed("release", self.this, "organisation"),
            **self._insights.of_releases((self.this, self.last)),
        }

    def wanted(self) -> Facts:
        """Return where help is wanted in this release and the last one."""
        given = self._given
        facts = wanted(self._snapshot, self._insights, (self.this, self.last), given.waiting)
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
        return [(faces.segment(one) if ("person", one) in self._totals else "", faces.name(one)) for one in users]

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
            for release in self.releases:
                yield f"release:{release}", self._release(release)
            return
        extra = self._of_people() if kind == "person" else self._of_modules() if kind == "module" else {}
        names = [key for its, key in self._totals if its == kind and key and not key.startswith("*")]
        if kind == "organisation":
            names += [key for its, key in self._totals if its == kind and key == "*independent"]
        for name in names:
            face = self._given.faces
            key = face.segment(name) if kind == "person" else name
            yield f"{kind}:{key}", self._page(kind, name, extra.get(name, {}))

    def _page(self, kind: str, key: str, extra: Facts) -> Facts:
        totals = {str(row[0]): row for row in self._totals[kind, key]}
        made: dict[str, Json | Sequence[Row]] = {
            "name": self._given.faces.name(key) if kind == "person" else key,
            "this": self.this,
            "last": self.last,
            "totals": [totals[one] for one in self._ordered(totals)],
            "weeks": self._weeks.get((kind, key), []),
            **extra,
        }
        for of in ("module", "organisation", "person"):
            if of != kind:
                made[of] = self._listed(kind, key, of)
        return made

    def _release(self, release: str) -> Facts:
        lists = {of: self._listed("release", release, of) for of in ("module", "organisation", "person")}
        return {
            "name": release,
            "newcomers": len(self._new(release)),
            "total": [self.totals_of_release(release)],
            "weeks": self._weeks.get(("release", release), [])[-3 * WEEKS :],
            **lists,
            **self._insights.of_release(release),
        }

    def _listed(self, kind: str, key: str, of: str) -> list[Row]:
        """Return the rows of a list in the order of the alphabet: segment, name, release, metrics, active days."""
        if kind == "release":
            rows: Iterable[Row] = self._of_release.get((key, of), ())
        else:
            rows = (row for row in self._partners.get((kind, key), ()) if row[0] == of)
        return sorted(map(self._named, rows), key=lambda row: (str(row[1]).casefold(), str(row[0]), str(row[2])))

    def _named(self, row: Row) -> Row:
        of, partner, *rest = row
        faces, name = self._given.faces, str(partner)
        return (faces.segment(name), faces.name(name), *rest) if of == "person" else (name, name, *rest)

    def _of_people(self) -> dict[str, Facts]:
        """Return what only the pages of people have: the hours, and the reviews given and received."""
        made: dict[str, dict[str, Json | Sequence[Row]]] = defaultdict(dict)
        for user, rows in groupby(self._snapshot.rows("pages/hours"), lambda row: str(row[0])):
            if user in self._given.punch_cards:
                made[user]["hours"] = [list(row[1:]) for row in rows]
        for name, question in (("given", "reviews_by_person"), ("received", "pages/received")):
            for row in self._snapshot.rows(question):
                made[str(row[0])][name] = [list(row[1:])]
        for user, first in self._first.items():
            if first[0] is not None:
                made[user]["first"] = [list(first)]
        return dict(made)

    def _of_modules(self) -> dict[str, Facts]:
        assisted = {str(row[0]): [list(row[1:])] for row in self._snapshot.rows("assistants_by_module")}
        modules = [key for kind, key in self._totals if kind == "module"]
        return {one: {"assisted": assisted.get(one, []), **self._insights.of_module(one)} for one in modules}

    def cube(self, release: str) -> Facts:
        """Return everything by which the page of a release can be filtered."""
        faces = self._given.faces
        names: dict[str, dict[Value, int]] = {"module": {}, "organisation": {}, "person": {}, "metric": {}}
        rows = []
        for *keys, amount in self._snapshot.rows("cube", release):
            places = [one.setdefault(key, len(one)) for one, key in zip(names.values(), keys, strict=True)]
            rows.append([*places, _whole(amount)])
        people = [[faces.segment(str(one)), faces.name(str(one))] for one in names["person"]]
        lists: dict[str, Json | Sequence[Row]] = {key: list(map(str, one)) for key, one in names.items()}
        return {**lists, "person": people, "release": release, "rows": rows}


def gone_people(snapshot: Engine, at: int, this: str, last: str) -> Sequence[Row]:
    """Return who was active in two releases and not for :data:`GONE`: ids, and moments of the last activity."""
    return snapshot.rows("gone_people", at, at - GONE, this, last)


def _by_release(totals: Mapping[tuple[str, str], Sequence[Row]]) -> dict[tuple[str, str], list[Row]]:
    """Return what is listed on the page of each release, by the release and the kind of what is listed."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for (kind, key), rows in totals.items():
        for release, *numbers in rows if key else ():
            found[str(release), kind].append((kind, key, release, *numbers[: len(SUMS)], numbers[-1]))
    return dict(found)


def _by_page(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return rows by the kind and the key of their page, without these two."""
    return {
        (str(kind), str(key)): [[_whole(cell) for cell in row[2:]] for row in of]
        for (kind, key), of in groupby(rows, lambda row: (row[0], row[1]))
    }


def _whole(cell: Value) -> Value:
    """Return a cell whose number is whole if it can be; a part of a commit has two decimals."""
    if not isinstance(cell, float):
        return cell
    return int(cell) if cell == int(cell) else round(cell, 2)
