"""Writes the record: edits that add entries, and change alerts and plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from attrs import define, field, frozen

from ptgbot.chat.commands import Call
from ptgbot.chat.groups import Group, Groups
from ptgbot.chat.message import Message
from ptgbot.chat.text import fold
from ptgbot.status import model
from ptgbot.status.model import Entry, EntryKind, Matter
from ptgbot.status.settings import StatusSettings
from ptgbot.status.trust import is_trusted_anywhere
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, applied, get


@frozen
class Author:
    """Who made an entry, and where, as the record keeps it."""

    who: Mapping[str, str]
    where: Mapping[str, Any]
    links: bool = False
    """Whether addresses in the text may become links: a server vouches for an account of the author."""

    @classmethod
    def of(cls, call: Call[StatusSettings]) -> Author:
        """Return the author of a command."""
        message, person = call.message, call.message.person
        who = {"name": person.nick, "key": person.key, "account": next(iter(person.accounts), "")}
        known = bool(person.accounts) or is_trusted_anywhere(call.settings, message)
        return cls(who, _where(message, call.groups), known)


CLOCK = Author({}, {"network": "", "id": "", "room": ""})
"""The author of entries that time alone causes."""


def _where(message: Message, groups: Groups) -> Mapping[str, Any]:
    """Return where a message was typed. A private chat, and a room of a group that is not public, must not be named."""
    room = message.room
    names = {fold(room.name), fold(room.id)}
    private = [one for one in groups.groups if not one.public]
    hidden = any(to.network == room.network and fold(to.room) in names for one in private for to in one.rooms)
    if message.private:
        return {"network": room.network, "id": "", "room": "", "shown": False}
    where: dict[str, Any] = {"network": room.network, "id": room.id, "room": room.name}
    return {**where, "shown": False} if hidden else where


@define
class Book:
    """The record in the middle of a decision. ``tree`` has the edits made so far."""

    tree: Tree
    at: datetime
    edits: list[Edit] = field(factory=list, init=False)

    def write(self, *place: str, now: Json) -> None:
        """Set the value at a place, with the tables that lead to it."""
        for depth in range(1, len(place)):
            if get(self.tree, place[:depth]) is ABSENT:
                self._edit(Edit(place[:depth], ABSENT, {}))
        self._edit(Edit(place, get(self.tree, place), now))

    def drop(self, *place: str) -> None:
        """Remove the value at a place."""
        self._edit(Edit(place, get(self.tree, place), ABSENT))

    def add(self, kind: EntryKind, text: str, author: Author, group: Group, **more: Json) -> Entry:
        """Add an entry. An entry about an alert or plan is noted there as well; ``more`` are further keys of it."""
        last = cast("dict[str, int]", self.tree["last"])
        number = last["entry"] + 1
        row: dict[str, Any] = {
            "kind": str(kind),
            "text": text,
            "who": dict(author.who),
            "where": dict(author.where),
            "at": self.at.isoformat(timespec="seconds"),
            "group": group.name,
            "public": group.public,
            **{key: value for key, value in more.items() if value not in (None, [], {})},
        }
        if author.links:
            row["links"] = True
        if not author.who:
            del row["who"]
        month = f"{self.at.astimezone(UTC):%Y-%m}"
        self.write("last", now={**last, "entry": number})
        self.write("entries", month, str(number), now=row)
        about = more.get("about")
        if isinstance(about, int) and (one := model.matter(self.tree, about)):
            self.change(one, entries=[*one.row["entries"], f"{month}/{number}"])
        return Entry(number, row)

    def begin(self, kind: str, author: Author, group: Group, **values: Json) -> Matter:
        """Begin an alert or a plan."""
        last = cast("dict[str, int]", self.tree["last"])
        number, at = last["matter"] + 1, self.at.isoformat(timespec="seconds")
        row: dict[str, Any] = {
            "kind": kind,
            "group": group.name,
            "public": group.public,
            "who": dict(author.who),
            "where": dict(author.where),
            "at": at,
            "touched": at,
            "asked": 0,
            "entries": [],
            **values,
        }
        self.write("last", now={**last, "matter": number})
        self.write("matters", str(number), now=row)
        return Matter(number, row)

    def change(self, one: Matter, without: Iterable[str] = (), /, **values: Json) -> Matter:
        """Change values of an alert or plan, and remove others."""
        row = {key: value for key, value in {**one.row, **values}.items() if key not in without}
        self.write("matters", str(one.number), now=row)
        return Matter(one.number, row)

    def touch(self, number: int, **values: Json) -> Matter:
        """Change values of an alert or plan because somebody dealt with it: nobody needs to be asked about it now."""
        one = model.matter(self.tree, number)
        assert one is not None
        return self.change(one, (), touched=self.at.isoformat(timespec="seconds"), asked=0, **values)

    def mark(self, place: tuple[str, str, str], **values: Json) -> Entry:
        """Mark an entry, such as withdrawn. Its text stays."""
        row = {**model.entry_at(self.tree, place).row, **values}
        self.write(*place, now=row)
        return Entry(int(place[2]), row)

    def _edit(self, edit: Edit) -> None:
        self.edits.append(edit)
        self.tree = applied(self.tree, [edit])
