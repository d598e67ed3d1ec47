"""Slices of people and of what the site must know of the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
    return [name for name in (entry.row.get("who", {}).get("name", ""), *entry.row.get("to", ())) if name]


def _shown(look: Look[StatusSettings]) -> Iterator[Entry]:
    return (entry for entry in model.public_entries(look.state) if "withdrawn" not in entry.row)


def _names(look: Look[StatusSettings]) -> list[str]:
    """Return the people in the order of their first entries, so that addresses made of their names stay."""
    found = [name for entry in _shown(look) for name in reversed(_of(entry))]
    return [*dict.fromkeys(reversed(found))][:PEOPLE]


def _all(look: Look[StatusSettings], _key: str) -> Slice:
    return Slice([*_names(look)])


def _person(look: Look[StatusSettings], name: str) -> Slice:
    found = [entry for entry in _shown(look) if name in _of(entry)]
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
