"""What the record knows of a person: to be erased, or given to the key of two linked accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ptgbot.chat.message import Person
from ptgbot.chat.text import fold
from ptgbot.feature import Keys
from ptgbot.status import model
from ptgbot.status.model import Entry
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, get


def places_of(tree: Tree, person: Person) -> Iterator[Keys]:
    """Yield the places of a person: their name at what they said, thanks to them, their subscription."""
    for entry in model.every_entry(tree):
        place = model.entry_place(tree, entry.number)
        assert place is not None
        if _thanks(entry, person):
            yield place
        elif entry.key == person.key:
            yield (*place, "who")
    for one in model.matters(tree):
        if one.row.get("who", {}).get("key") == person.key:
            yield ("matters", str(one.number), "who")
    for number, sent in _table(tree, "sent").items():
        if isinstance(sent, dict) and get(sent, ("who", "key")) == person.key:
            yield ("sent", number, "who")
    if person.key in _table(tree, "subscribers"):
        yield ("subscribers", person.key)


def _thanks(entry: Entry, person: Person) -> bool:
    return fold(person.nick) in (fold(name) for name in entry.row.get("to", ()))


def moved(tree: Tree, former: str, key: str) -> Sequence[Edit]:
    """Return the edits that give the entries and the subscription of one key to another."""
    edits = []
    for entry in model.every_entry(tree):
        place = model.entry_place(tree, entry.number)
        if place and entry.key == former:
            edits.append(Edit((*place, "who", "key"), former, key))
    edits += [
        Edit(("matters", str(one.number), "who", "key"), former, key)
        for one in model.matters(tree)
        if one.row.get("who", {}).get("key") == former
    ]
    people = _table(tree, "subscribers")
    if former in people:
        edits.append(Edit(("subscribers", former), people[former], ABSENT))
        if key not in people:
            edits.append(Edit(("subscribers", key), ABSENT, people[former]))
    return edits


def _table(tree: Tree, name: str) -> dict[str, Json]:
    table = tree[name]
    assert isinstance(table, dict)
    return table
