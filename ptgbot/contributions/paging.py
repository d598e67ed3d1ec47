"""Writes the numbers of the pages at the end of a count, and the small table of the last cycle of each module."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from ptgbot.contributions.about import about
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.model import Person, Register, last_part
from ptgbot.contributions.old_files import answered
from ptgbot.contributions.page_facts import Given, counted
from ptgbot.contributions.page_names import FEWEST, Faces, page_key, public, without_addresses
from ptgbot.contributions.page_store import Facts, writing
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import open_snapshot
from ptgbot.contributions.why import Reasons
from ptgbot.store.edits import Json
from ptgbot.store.files import replace_file

CYCLES: Final = "cycles.json"
"""Name of the file with the last cycle of each module, and the number of the newest change of the pages."""
MOST_CYCLES: Final = 2_000
"""Most modules in that file: those with the most people."""
MOST_DAYS: Final = 30
"""Most days of gatherings in that file."""
_MOST_NAMED: Final = 200
MEMORY: Final = 200
"""Most megabytes that the engine takes for the questions of pages."""


def write_pages(
    engine: Engine,
    folder: Path,
    register: Register,
    settings: StatsSettings,
    now: Callable[[], float] = time.time,
) -> int:
    """Write the numbers of all pages from the newest snapshot. Return how many pages changed.

    Args:
        engine: the database with the facts.
        folder: the folder of the feature's bulk storage.
        register: people, organisations and releases.
        settings: the switches of the count, and what readers are told about it.
        now: returns the present moment (seconds since 1970).

    Raises:
        OSError: a file cannot be written.
    """
    snapshot = open_snapshot(folder, memory=MEMORY, threads=2)
    if snapshot is None:
        return 0
    with closing(snapshot), writing(folder) as store:
        cycles: dict[str, list[Json]] = {}
        key = page_key(folder)
        given = _given(snapshot, engine, register, settings, key, int(now()))
        pages = chain([("about", about(settings, key))], counted(snapshot, given), answered(snapshot, folder))
        changed = store.replace(_noted(pages, cycles))
        told = {"revision": store.newest(), "cycles": _most(cycles), "days": days_of(snapshot.rows("pages/talk_days"))}
        replace_file(folder / CYCLES, json.dumps(told, ensure_ascii=False).encode(errors="replace"))
    return changed


def _given(
    snapshot: Engine, engine: Engine, register: Register, settings: StatsSettings, key: bytes, now: int
) -> Given:
    """Return everything that the pages show and no snapshot has."""
    names = {str(row[0]): str(row[1]) for row in snapshot.rows("pages/people")}
    periods = register.release_periods(settings.options.last_goes_on)
    reasons = Reasons(register, settings.people_link, engine.rows("corrected"), lambda name: public(name, key))
    return Given(
        now,
        [(begin, public(name, key)) for begin, _, name in periods],
        Faces(names, key),
        _quality(register, settings.repositories, key),
        [one.id for one in register.people if overlaps(one)],
        [_open_review(row, key) for row in engine.rows("open_reviews")],
        register.masks.punch_cards,
        reasons=reasons.of,
    )


def _noted(pages: Iterable[tuple[str, Facts]], cycles: dict[str, list[Json]]) -> Iterable[tuple[str, Facts]]:
    for key, facts in pages:
        kind, _, name = key.partition(":")
        if kind == "module":
            cycles[name] = last_cycle(facts)
        yield key, facts


def last_cycle(facts: Facts) -> list[Json]:
    """Return the newest release of a module with commits, reviews, people, organisations and active days in it."""
    totals = facts["totals"]
    row = totals[0] if isinstance(totals, Sequence) else ()
    cells = [one for one in row if isinstance(one, str | int | float)] if isinstance(row, Sequence) else []
    return [cells[0], cells[1], cells[5], cells[9], cells[10], cells[12]] if len(cells) > 12 else []


def _most(cycles: Mapping[str, list[Json]]) -> dict[str, Json]:
    most = sorted(cycles, key=lambda name: (-_people(cycles[name]), name))[:MOST_CYCLES]
    return {name: cycles[name] for name in sorted(most) if len(name) <= _MOST_NAMED}


def days_of(rows: Sequence[Row]) -> dict[str, Json]:
    """Return how many people took part on each of the newest days, and for how many organisations.

    Days with fewer than :data:`FEWEST` people are left out, so that nobody can be guessed.

    Args:
        rows: days (since 1970), organisations, and numbers of people.
    """
    found: dict[str, Json] = {}
    for day, of in groupby(rows, lambda row: int(str(row[0]))):
        numbers = {str(row[1]): int(str(row[2])) for row in of}
        if sum(numbers.values()) >= FEWEST:
            date = datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
            found[date] = [sum(numbers.values()), sum(not name.startswith("*") for name in numbers)]
    return dict([*found.items()][-MOST_DAYS:])


def _people(cycle: Sequence[Json]) -> int:
    return int(str(cycle[3])) if len(cycle) > 3 else 0


def _open_review(row: Row, key: bytes) -> Row:
    """Return an open review as pages may show it: without addresses in its project, its branch and its title."""
    project, change, branch, subject, *rest = row
    texts = (without_addresses(str(branch)), without_addresses(str(subject)))
    return (public(str(project), key), change, *texts, *rest)


def _quality(register: Register, repositories: Sequence[str], key: bytes) -> dict[str, Json]:
    """Return what is wrong or missing in the list of people. No address is in it."""
    named: dict[str, list[str]] = {
        "domainless": [
            public(one.name, key) for one in register.organisations if not one.domains and one.name[:1] != "*"
        ],
        "untagged": [public(module, key) for module, _ in untagged(register, repositories)],
    }
    lists: dict[str, Json] = {key: list(sorted(set(names))[:_MOST_NAMED]) for key, names in named.items()}
    numbers: dict[str, Json] = {f"{key}_number": len(set(names)) for key, names in named.items()}
    return {**lists, **numbers}


def untagged(register: Register, repositories: Sequence[str]) -> list[tuple[str, str]]:
    """Return modules and addresses of repositories whose releases no tag tells.

    Args:
        register: has the list of repositories.
        repositories: addresses of those that are read; the list may lack some of them.
    """
    listed = {name for one in register.repositories for name in (last_part(one.uri), one.module, *one.aliases)}
    unlisted = [(last_part(uri), uri) for uri in repositories if last_part(uri) not in listed]
    return [*((one.module, one.uri) for one in register.repositories if not one.releases), *unlisted]


def overlaps(person: Person) -> bool:
    """Say whether two employers of a person end at the same date, so that one of them hides the other."""
    ends = [one.until for one in person.employers]
    return len(set(ends)) < len(ends)
