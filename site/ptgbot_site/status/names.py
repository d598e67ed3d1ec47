"""Names of the status' slices, and what is in them: months, entries, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ptgbot.chat.addresses import slugs
from ptgbot.store.edits import Json
from ptgbot_site.build.state import State, text_of

NOW: Final = "status.now"
MATTER: Final = "status.matter"
HISTORY: Final = "status.history"
SUCCESSES: Final = "status.successes"
THANKS: Final = "status.thanks"
PEOPLE: Final = "status.people"
NAMES: Final = "status.names"
PERSON: Final = "status.person"
ABOUT: Final = "status.about"
MONTH: Final = "status.month"
"""A use that means the parts of a month: ``status.month:RECORD/2026-11``, or ``…/@newest``."""

RECORDS: Final[Mapping[str, str]] = {"history": HISTORY, "successes": SUCCESSES, "thanks": THANKS}
"""The slices of each record."""
FOLDERS: Final[Mapping[str, str]] = {"history": "status", "successes": "successes", "thanks": "thanks"}
"""The page of each record, which is also the folder of the pages of its months."""

Row = Mapping[str, Json]


def months(state: State, record: str) -> list[str]:
    """Return the months of a record, such as ``2026-11``, the newest first."""
    found = {name.partition(":")[2].partition(".")[0] for name in state.keys(RECORDS[record])}
    return sorted(found, reverse=True)


def parts(state: State, record: str, month: str) -> list[str]:
    """Return the slices with the entries of a month, the oldest first."""
    name = f"{RECORDS[record]}:{month}"
    found = [one for one in state.keys(RECORDS[record]) if one == name or one.startswith(f"{name}.")]
    return sorted(found, key=lambda one: int(one[len(name) + 1 :] or 1))


def entries(state: State, record: str, month: str) -> list[Row]:
    """Return the entries of a month, the newest first. Entries of an old wiki page have later numbers."""
    rows = [row for part in parts(state, record, month) for row in state.rows(part)]
    return sorted(rows, key=lambda row: (text_of(row, "at"), number(row)), reverse=True)


def newest(state: State, record: str, most: int) -> list[Row]:
    """Return the newest entries of a record, the newest first."""
    found: list[Row] = []
    for month in months(state, record):
        found += entries(state, record, month)
        if len(found) >= most:
            break
    return found[:most]


def meant_month(state: State, key: str) -> Sequence[str]:
    """Return the slices that :data:`MONTH` means."""
    record, _, month = key.partition("/")
    known = months(state, record)
    return parts(state, record, (known[0] if known else "") if month == "@newest" else month)


def matters(state: State, name: str) -> list[Row]:
    """Return the alerts or plans in a list of ``status.now``: ``alerts``, ``plans`` or ``over``."""
    rows = state.table(NOW).get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def newest_matters(state: State) -> list[Row]:
    """Return the newest alerts and plans, open or over, and all that are open."""
    known = [state.table(name) for name in state.keys(MATTER)]
    now = [row for name in ("alerts", "plans", "over") for row in matters(state, name)]
    return [*{number(row): row for row in (*known, *now)}.values()]


def updates(matter: Row) -> list[Row]:
    """Return the entries about an alert or plan, the newest first."""
    rows = matter.get("entries")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def texts(row: Row, name: str) -> list[str]:
    """Return a list of strings of an object, such as the services of an alert."""
    value = row.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def number(row: Row, name: str = "number") -> int:
    """Return a whole number of an object, 0 if it is missing."""
    value = row.get(name)
    return value if isinstance(value, int) else 0


def page_of(matter: Row) -> str:
    """Return the address of an alert or plan below the site: its first entry on the page of its month, for ever."""
    month, _, first = text_of(matter, "first").partition("/")
    return f"status/{month}.html#entry-{first}" if first else "status.html"


def person_slugs(state: State) -> Mapping[str, str]:
    """Return the slugs of people by their names."""
    return state.derived(NAMES, "slugs", lambda: slugs(state.names(NAMES)))


def meant_person(state: State, key: str) -> Sequence[str]:
    """Return the slice of a person that is meant by their slug."""
    name = next((one for one, slug in person_slugs(state).items() if slug == key), "")
    return [f"{PERSON}:{name}"]
