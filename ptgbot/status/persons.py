"""Slices of people and of what the site must know of the settings."""

from __future__ import annotations

from collections.abc import Collection

from ptgbot.feature import Look, Slice, SliceKind
from ptgbot.status import model
from ptgbot.status.model import SMALL, Entry
from ptgbot.status.settings import StatusSettings
from ptgbot.store.edits import Edit, get

PEOPLE = 2000
"""Most people who have a page."""
MOST = 200
"""Most entries of one person that are shown."""


def _of(entry: Entry) -> list[str]:
    """Return the people to whom an entry belongs: who made it, and who is thanked."""
    if entry.kind not in SMALL:
        return []
    found = (entry.row.get("who", {}).get("name", ""), *entry.row.get("to", ()))
    return [*dict.fromkeys(name for name in found if name)]


def _sorted(entries: list[Entry]) -> dict[str, list[Entry]]:
    """Return the shown entries by person, the oldest first. ``entries`` begins with the newest."""
    found: dict[str, list[Entry]] = {}
    for entry in reversed(entries):
        if entry.public and "withdrawn" not in entry.row:
            for name in _of(entry):
                found.setdefault(name, []).append(entry)
    return found


_by_person = model.ByMonth(_sorted)


def _names(look: Look[StatusSettings]) -> list[str]:
    """Return the people in the order of their first entries, so that addresses made of their names stay."""
    months = reversed(model.months(look.state))
    return [*dict.fromkeys(name for month in months for name in _by_person(look.state, month))][:PEOPLE]


def _all(look: Look[StatusSettings], _key: str) -> Slice:
    return Slice([*_names(look)])


def _person(look: Look[StatusSettings], name: str) -> Slice:
    found: list[Entry] = []
    for month in model.months(look.state):
        found += reversed(_by_person(look.state, month).get(name, []))
        if len(found) >= MOST:
            break
    return Slice([model.public_entry(entry) for entry in reversed(found[:MOST])])


def _concerned(look: Look[StatusSettings], edit: Edit) -> Collection[str] | None:
    if len(edit.at) < 3:
        return None
    _, month, number = edit.at[:3]
    row = get(look.state, ("entries", month, number))
    return _of(Entry(int(number), row)) if isinstance(row, dict) else None


def _about(look: Look[StatusSettings], _key: str) -> Slice:
    return Slice({"logs": look.settings.logs})


PERSONS = (
    SliceKind("person", _person, (("entries",),), _names, _concerned),
    SliceKind("names", _all, (("entries",),)),
    SliceKind("about", _about, ()),
)
