"""What can be asked for at the old addresses, and what a request chooses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from attrs import field, frozen

from ptgbot.contributions.engine import Engine, Value
from ptgbot.contributions.module_groups import ALL
from ptgbot.contributions.old_scopes import SEPARATOR, Choice, Scopes, both, scopes_in, written
from ptgbot.contributions.page_names import Faces, page_key

METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "loc": ("lines", "Lines of code"),
    "commits": ("commits", "Commits"),
    "marks": ("reviews", "Reviews"),
    "emails": ("messages", "Emails"),
    "bpd": ("", "Drafted Blueprints"),
    "bpc": ("", "Completed Blueprints"),
    "filed-bugs": ("", "Filed Bugs"),
    "resolved-bugs": ("", "Resolved Bugs"),
    "person-day": ("person-day", "Person-day effort"),
    "patches": ("patch-sets", "Patch Sets"),
    "translations": ("", "Translations"),
}
"""Our name, empty where there are no facts, and the title of each metric by its old name."""
_DEFAULTS: Final = ("marks", "commits")
"""The metric of a request that names none: the first of these that a snapshot has."""
EVERY: Final = "all"
"""In place of a metric: every one of them."""
_NOTHING: Final = "none"
_LATEST: Final = 86_400 * 2**45
"""Seconds between 1970 and what is later than everything, in whole days."""
_SECONDS: Final = re.compile(r"-?\d{1,12}", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_KINDS: Final = ("company", "module", "release")


class Unknown(ValueError):
    """A request names something that is not known. The message names the parameter."""


def plain(name: str) -> str:
    """Return a name without the domain of an address, if it has one."""
    return name.partition("@")[0]


@frozen
class Known:
    """The names in a snapshot."""

    path: Path
    """The file of the snapshot."""
    faces: Faces
    names: Mapping[str, Mapping[str, str]]
    """By kind: the names by their public forms in small letters, those of the newest activity first; not of people."""
    people: Sequence[str]
    """The ids of people, those of the newest activity first."""
    scopes: Scopes
    default: str
    """The metric of a request that names none."""
    _people: dict[str, tuple[str, str]] = field(factory=dict, init=False, eq=False, repr=False)
    _ids: dict[str, str] = field(factory=dict, init=False, eq=False, repr=False)
    """The ids of people by their public forms, made when they are asked for, because that takes long."""

    def public(self, kind: str, name: str) -> str:
        """Return the id of something, without addresses."""
        return self._person(name)[0] if kind == "user_id" else plain(name)

    def title(self, kind: str, name: str) -> str:
        """Return the name of something, as it is shown."""
        return self._person(name)[1] if kind == "user_id" else plain(name)

    def _person(self, user_id: str) -> tuple[str, str]:
        found = self._people.get(user_id)
        if found is None:
            found = self._people[user_id] = self.faces.both(user_id)
        return found

    def find(self, kind: str, wanted: str) -> str:
        """Return a name in the snapshot.

        Raises:
            Unknown: nothing has this name.
        """
        found = (self._people_found() if kind == "user_id" else self.names[kind]).get(wanted.casefold())
        if found is None:
            raise Unknown(f"unknown {kind}")
        return found

    def _people_found(self) -> Mapping[str, str]:
        if not self._ids:
            found = {self.public("user_id", one).casefold(): one for one in reversed(self.people)}
            # At once, because other threads may look.
            self._ids.update(found)
        return self._ids


def known_in(snapshot: Engine, path: Path, folder: Path) -> Known:
    """Return the names in a snapshot.

    Args:
        snapshot: the snapshot.
        path: its file.
        folder: the folder of the feature's bulk storage.

    Raises:
        OSError: the secret of the addresses cannot be read.
    """
    faces = Faces({str(row[0]): str(row[1]) for row in snapshot.rows("pages/people")}, page_key(folder))
    names: dict[str, dict[str, str]] = {kind: {} for kind in (*_KINDS, "metric")}
    rows = snapshot.rows("old/scopes")
    scopes = scopes_in(rows, names["module"], names["release"])
    people: list[str] = []
    listed = [(kind, name) for kind, name, *_ in rows if kind == "release"]
    for kind, name in [*(row[:2] for row in snapshot.rows("old/names")), *listed]:
        if kind == "user_id":
            people.append(str(name))
        else:
            names[str(kind)].setdefault(plain(str(name)).casefold(), str(name))
    default = next((one for one in _DEFAULTS if METRICS[one][0] in names["metric"]), _DEFAULTS[0])
    return Known(path, faces, names, people, scopes, default)


@frozen
class Chosen:
    """What a request chooses. Each list is one text, as the questions take it."""

    metrics: str
    releases: str
    modules: str
    companies: str
    people: str
    since: int
    until: int

    @property
    def narrowing(self) -> tuple[Value, ...]:
        """Everything but the metrics, in the order of the questions."""
        return (self.releases, self.modules, self.companies, self.people, self.since, self.until)

    @property
    def values(self) -> tuple[Value, ...]:
        """Everything, in the order of the questions."""
        return (self.metrics, *self.narrowing)


def chosen(query: Mapping[str, str], known: Known, besides: str = "", *, every: bool = False) -> Chosen:
    """Return what the parameters of a request choose.

    Without a release, the one of the newest activity is chosen; ``all`` chooses all of them.

    Args:
        query: the parameters.
        known: what can be chosen.
        besides: a parameter that is looked at and chooses nothing.
        every: whether all metrics can be chosen at once.

    Raises:
        Unknown: a value is not known.
    """
    releases = _releases(query, known)
    types = _choice(known.scopes.of_type, "project_type", query)
    modules = _choice(known.scopes.of_module, "module", query)
    companies, people = ([known.find(kind, one) for one in _parts(query, kind)] for kind in ("company", "user_id"))
    since, until = _moment(query, "start_date", -_LATEST), _moment(query, "end_date", _LATEST, days=1)
    if besides == "module":
        modules = None
    chosen_modules = modules if types is None else types if modules is None else both(types, modules)
    return Chosen(
        _metrics(query, known, every),
        _joined(releases),
        written(chosen_modules, releases),
        "" if besides == "company" else _joined(companies),
        "" if besides == "user_id" else _joined(people),
        since,
        until,
    )


def _choice(resolve: Callable[[str], Choice | None], name: str, query: Mapping[str, str]) -> Choice | None:
    """Return the modules that a parameter chooses, None if it chooses all of them."""
    wanted = _parts(query, name)
    if not wanted:
        return None
    found = [resolve(one) for one in wanted]
    if any(one is None for one in found):
        raise Unknown(f"unknown {name}")
    if name == "project_type" and ALL in (one.casefold() for one in wanted):
        return None
    return frozenset().union(*(one for one in found if one is not None))


def _parts(query: Mapping[str, str], name: str) -> list[str]:
    return [one for part in query.get(name, "").split(",") if (one := part.strip(" "))]


def _joined(names: Iterable[str]) -> str:
    return SEPARATOR.join(names)


def _metrics(query: Mapping[str, str], known: Known, every: bool) -> str:
    wanted = [one.casefold() for one in _parts(query, "metric")] or [known.default]
    if every and EVERY in wanted:
        # A commit counts once, not with its lines again.
        return _joined(ours for ours, _ in METRICS.values() if ours not in ("", "lines"))
    if any(one not in METRICS for one in wanted):
        raise Unknown("unknown metric")
    return _joined(sorted({METRICS[one][0] or _NOTHING for one in wanted}))


def _releases(query: Mapping[str, str], known: Known) -> list[str]:
    """Return the chosen releases, none for all of them."""
    wanted = _parts(query, "release")
    if "all" in (one.casefold() for one in wanted):
        return []
    return [known.find("release", one) for one in wanted] or [*known.names["release"].values()][:1]


def _moment(query: Mapping[str, str], name: str, default: int, days: int = 0) -> int:
    """Return a moment in seconds since 1970.

    Args:
        query: the parameters.
        name: the name of the parameter.
        default: the moment if it is missing.
        days: days that are added to a date, which stands for its begin.
    """
    text = query.get(name, "").strip(" ")
    if not text:
        return default
    if found := _DAY.fullmatch(text):
        try:
            year, month, day = map(int, found.groups())
            return int((datetime(year, month, day, tzinfo=UTC) + timedelta(days=days)).timestamp())
        except (ValueError, OverflowError):
            raise Unknown(f"{name} is no date") from None
    if _SECONDS.fullmatch(text):
        return int(text)
    raise Unknown(f"{name} is no date")
