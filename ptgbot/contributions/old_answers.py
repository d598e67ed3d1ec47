"""The answers of the old interface for programs, ``/api/1.0/``, made from a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from ptgbot.contributions.engine import Engine, Row, whole
from ptgbot.contributions.model import INDEPENDENT
from ptgbot.contributions.module_groups import ALL
from ptgbot.contributions.old_names import METRICS, Chosen, Known, Unknown, chosen, plain
from ptgbot.store.edits import Json

MOST: Final = 5_000
"""Most entries of a list."""
_PAGE: Final = 10
_MOST_ON_PAGE: Final = 200
_FAR: Final = 1_000_000
_MARKS: Final = ("-2", "-1", "1", "2", "A", "x", "s")
_RANKED: Final = {"company": "companies", "module": "modules", "user_id": "engineers"}
"""The questions that rank the names of a kind."""
_OURS: Final = {ours: old for old, (ours, _) in METRICS.items() if ours}


@frozen
class Question:
    """A request at an old address."""

    snapshot: Engine
    known: Known
    query: Mapping[str, str]

    @property
    def chosen(self) -> Chosen:
        """What the parameters choose. Raises :class:`Unknown` for a value that is not known."""
        return chosen(self.query, self.known)

    def rows(self, name: str) -> Sequence[Row]:
        """Return the answer to a question about what is chosen."""
        return self.snapshot.rows(f"old/{name}", *self.chosen.values)

    @property
    def every(self) -> Chosen:
        """What the parameters choose; perhaps all metrics. Raises :class:`Unknown` for a value that is not known."""
        return chosen(self.query, self.known, every=True)

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind in what is chosen, whichever of the kind is chosen. Raises :class:`Unknown`."""
        values = chosen(self.query, self.known, kind, every=True).values
        return [str(row[0]) for row in self.snapshot.rows(f"old/{_RANKED[kind]}", *values)]

    def entry(self, kind: str, name: object) -> dict[str, Json]:
        """Return id and name of something."""
        return {"id": self.known.public(kind, str(name)), "name": self.known.title(kind, str(name))}


def _number(value: object) -> Json:
    """Return a number of an answer, 0 for None: a whole one if it can be, else with two decimals."""
    if not value:
        return 0
    if isinstance(value, int):
        return value
    return whole(value if isinstance(value, float) else float(str(value)))


def _day(moment: object) -> str:
    try:
        return f"{datetime.fromtimestamp(int(str(moment)), UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return ""


def _ranked(entries: Iterable[dict[str, Json]]) -> list[Json]:
    """Return entries with their places; people and work for nobody known have none."""
    found: list[Json] = []
    place = 0
    for entry in entries:
        place += entry["id"] != INDEPENDENT
        found.append({"index": "" if entry["id"] == INDEPENDENT else place, **entry})
    return found


def _stats(kind: str) -> Callable[[Question], Json]:
    def answer(asked: Question) -> Json:
        rows = ((one, _number(sum_)) for one, sum_ in asked.rows(_RANKED[kind]))
        return {"stats": _ranked({**asked.entry(kind, one), "metric": number} for one, number in rows if number)}

    return answer


def _extended(asked: Question) -> Json:
    names = ("metric", *_MARKS, "disagreements", "commit", "patch", "email")

    def entry(row: Row) -> dict[str, Json]:
        found = asked.entry("user_id", row[0])
        # Most cells are whole or empty: a call for each of them would take half as long as the question.
        numbers = [(cell or 0) if cell is None or isinstance(cell, int) else _number(cell) for cell in row[1:]]
        found.update(zip(names, numbers, strict=True))
        return found

    return {"stats": _ranked(map(entry, asked.rows("engineers_extended")))}


def _distinct(asked: Question) -> Json:
    rows = asked.snapshot.rows("old/distinct_engineers", *asked.every.values)
    found = [asked.entry("user_id", row[0]) for row in rows]
    return {"stats": {str(one["id"]): {"author_name": one["name"]} for one in found}}


def _timeline(asked: Question) -> Json:
    rows = [*reversed(asked.rows("timeline"))]
    lists: list[Json] = [[[_day(row[0]), _number(row[place])] for row in rows] for place in (1, 2, 3)]
    return {"timeline": lists}


def _contribution(asked: Question) -> Json:
    rows = asked.snapshot.rows("old/contribution", *asked.every.narrowing)
    sums = {str(name): _number(sum_) for name, sum_ in rows}
    marks: dict[str, Json] = {mark: sums.get(f"mark {mark}", 0) for mark in _MARKS}
    facts = {
        "commit_count": "commits",
        "loc": "lines",
        "email_count": "messages",
        "patch_set_count": "patch-sets",
        "change_request_count": "changes",
    }
    empty = ("drafted_blueprint_count", "completed_blueprint_count", "filed_bug_count", "resolved_bug_count")
    numbers: dict[str, Json] = {name: sums.get(ours, 0) for name, ours in facts.items()}
    none: dict[str, Json] = dict.fromkeys((*empty, "translations"), 0)
    return {
        "contribution": {**numbers, **none, "abandoned_change_requests_count": marks["x"], "marks": marks},
    }


def _whole(asked: Question, name: str, default: int, most: int) -> int:
    text = asked.query.get(name, "").strip(" ")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise Unknown(f"{name} is no number")
    return int(text[:12]) if int(text[:12]) < most else most


def _activity(asked: Question) -> Json:
    size = _whole(asked, "page_size", _PAGE, _MOST_ON_PAGE)
    values = (*asked.every.values, size, _whole(asked, "start_record", 0, _FAR))

    def record(row: Row) -> Json:
        moment, metric, user, company, module, release, amount = row
        person = asked.entry("user_id", user)
        return {
            "date": moment,
            "date_str": _day(moment),
            "metric": _OURS[str(metric)],
            "amount": _number(amount),
            "user_id": person["id"],
            "author_name": person["name"],
            "company_name": asked.known.title("company", str(company)),
            "module": asked.known.title("module", str(module)),
            "release": asked.known.title("release", str(release)),
        }

    return {"activity": [record(row) for row in asked.snapshot.rows("old/activity", *values)]}


def _listed(kind: str) -> Callable[[Question], Json]:
    def answer(asked: Question) -> Json:
        return {"data": _in_order({"id": one["id"], "text": one["name"]} for one in _entries(asked, kind))}

    return answer


def _entries(asked: Question, kind: str) -> list[dict[str, Json]]:
    return [asked.entry(kind, name) for name in asked.names(kind)]


def _in_order(entries: Iterable[dict[str, Json]]) -> list[Json]:
    return [*sorted(entries, key=lambda one: (str(one["text"]).casefold(), str(one["id"])))[:MOST]]


def _modules(asked: Question) -> Json:
    """Return modules, and the groups that have one of them; of the tags that are asked for, if any."""
    scopes = asked.known.scopes
    found = [{"id": one["id"], "text": one["name"], "tag": "module"} for one in _entries(asked, "module")]
    present = {str(one["id"]).casefold() for one in found}
    for key, group in scopes.groups.items():
        if key not in present and any(part in present for part, _release in group.parts):
            found.append({"id": plain(group.id), "text": plain(group.name), "tag": plain(group.tag)})
    tags = {one.strip(" ") for one in (asked.query.get("tag") or asked.query.get("tags", "")).split(",")} - {""}
    return {"data": _in_order(one for one in found if not tags or one["tag"] in tags)}


def _releases(asked: Question) -> Json:
    """Return all, and then the releases, that of the newest activity first."""
    _ = asked.every
    keys = [*asked.known.names["release"].items()][:MOST]
    found: list[Json] = [{"id": key, "text": asked.known.title("release", name)} for key, name in keys]
    return {"data": [{"id": "all", "text": "All"}, *found], "default": keys[0][0] if keys else "all"}


def _metrics(asked: Question) -> Json:
    found: list[Json] = [{"id": name, "text": title} for name, (_, title) in METRICS.items()]
    return {"data": found, "default": asked.known.default}


def _types(asked: Question) -> Json:
    """Return the types of projects, each followed by those below it, which are its children."""
    types = asked.known.scopes.types
    found: list[Json] = [
        {"id": plain(one.id), "text": plain(one.name), "child": one.tag.casefold() in types} for one in types.values()
    ]
    return {"data": found[:MOST], "default": ALL}


def _span(asked: Question, name: str) -> Sequence[Row]:
    # Changes of affiliation had names of their own for these parameters.
    days = {f"{which}_date": asked.query.get(f"{which}_days", "") for which in ("start", "end")}
    found = chosen({**days, **asked.query}, asked.known, every=True)
    return asked.snapshot.rows(f"old/{name}", found.since, found.until)


def _new_companies(asked: Question) -> Json:
    rows = _span(asked, "new_companies")
    return {"stats": [{**asked.entry("company", name), "date": at, "date_str": _day(at)} for name, at in rows]}


def _affiliations(asked: Question) -> Json:
    found: list[Json] = [
        {
            "user_id": asked.known.public("user_id", str(user)),
            "user_name": asked.known.title("user_id", str(user)),
            "old_company_name": asked.known.title("company", str(before)),
            "new_company_name": asked.known.title("company", str(after)),
            "date": at,
            "date_str": _day(at),
        }
        for user, before, after, at in _span(asked, "affiliation_changes")
    ]
    return {"affiliation_changes": found}


def _empty(name: str) -> Callable[[Question], Json]:
    def answer(asked: Question) -> Json:
        _ = asked.every
        return {name: []}

    return answer


ANSWERS: Final[Mapping[str, Callable[[Question], Json]]] = {
    "stats/companies": _stats("company"),
    "stats/modules": _stats("module"),
    "stats/engineers": _stats("user_id"),
    "stats/engineers_extended": _extended,
    "stats/distinct_engineers": _distinct,
    "stats/timeline": _timeline,
    "stats/bp": _empty("stats"),
    "stats/languages": _empty("stats"),
    "contribution": _contribution,
    "activity": _activity,
    "companies": _listed("company"),
    "modules": _modules,
    "users": _listed("user_id"),
    "releases": _releases,
    "metrics": _metrics,
    "project_types": _types,
    "new_companies": _new_companies,
    "affiliation_changes": _affiliations,
    "members": _empty("members"),
    "languages": _empty("data"),
}
"""The answers by their addresses below ``/api/1.0/``."""
