"""The contents of one batch: records of changes, positions, handled messages, an export."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import field, frozen

from ptgbot.store.delivery import Delivery, Settlement
from ptgbot.store.edits import Edit, Tree
from ptgbot.store.times import moment, stamp

CORE: Final = "core"
"""The name of the core's own part of the state, which schema 1 does not have."""


def _edits(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    return tuple(edits)


class Cause(enum.StrEnum):
    """The cause of a record."""

    COMMAND = "command"
    """Somebody typed a command."""
    HEARD = "heard"
    """A line of conversation was heard."""
    TICK = "tick"
    """A moment came."""
    OUTCOME = "outcome"
    """The result of an effect became known."""
    FACT = "fact"
    """A source told something."""
    FILE = "file"
    """Somebody edited the exported file, or it was imported."""


@frozen
class Record:
    """A change of the state: its cause, who typed which line where, and the edits in the feature's tree."""

    number: int
    feature: str
    at: datetime
    key: str
    nick: str
    network: str
    room: str
    room_name: str
    text: str
    edits: tuple[Edit, ...] = field(default=(), converter=_edits)
    private: bool = False
    subject: str | None = None
    undoes: int | None = None
    rewritten: bool = False
    """Whether personal data was removed later, because a person asked to be forgotten."""
    kind: Cause = field(default=Cause.COMMAND, converter=Cause)
    final: str = ""
    """A sentence that says why the change can't be undone; empty if it can."""

    def to_json(self) -> Tree:
        """Return the record in its form in the journal."""
        tree: Tree = {
            "n": self.number,
            "of": self.feature,
            "at": stamp(self.at),
            "by": self.key,
            "nick": self.nick,
            "net": self.network,
            "room": self.room,
            "name": self.room_name,
            "text": self.text,
            "edits": [edit.to_json() for edit in self.edits],
        }
        if self.private:
            tree["private"] = True
        if self.subject is not None:
            tree["subject"] = self.subject
        if self.undoes is not None:
            tree["undoes"] = self.undoes
        if self.rewritten:
            tree["rewritten"] = True
        if self.kind not in (Cause.COMMAND, Cause.FILE):
            tree["kind"] = self.kind.value
        if self.final:
            tree["final"] = self.final
        return tree

    @property
    def placed(self) -> list[Edit]:
        """The edits with their places in the whole state."""
        return [Edit((self.feature, *edit.at), edit.was, edit.now) for edit in self.edits]

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Record:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError, TypeError, ValueError: it has another shape.
        """
        return cls(
            tree["n"],
            tree["of"],
            moment(tree["at"]),
            tree["by"],
            tree["nick"],
            tree["net"],
            tree["room"],
            tree["name"],
            tree["text"],
            [Edit.from_json(edit) for edit in tree["edits"]],
            tree.get("private", False),
            tree.get("subject"),
            tree.get("undoes"),
            tree.get("rewritten", False),
            _kind(tree),
            tree.get("final", ""),
        )

    def without(self, key: str, places: Sequence[tuple[str, ...]]) -> Record:
        """Return the record without a person.

        Args:
            key: the person's key; it is removed as author.
            places: places of the state that belong to the person; edits there are removed.
        """
        places = [place[1:] for place in places if place[0] == self.feature]
        edits = [kept for edit in self.edits if (kept := _scrub(edit, places)) is not None]
        if self.key != key or self.kind is Cause.FILE:
            changed = [*edits] != [*self.edits]
            return attrs.evolve(self, edits=edits, rewritten=self.rewritten or changed)
        text = self.text if edits else ""
        room = ("", "") if self.private else (self.room, self.room_name)
        return attrs.evolve(
            self, key="", nick="", edits=edits, text=text, room=room[0], room_name=room[1], rewritten=True
        )


def _kind(tree: Mapping[str, Any]) -> Cause:
    """Return the kind of a record. Commands and files have no key for it, as in journals of schema 1."""
    if "kind" in tree:
        return Cause(tree["kind"])
    return Cause.FILE if tree["by"] == "file" and not tree["net"] else Cause.COMMAND


def _scrub(edit: Edit, places: Sequence[tuple[str, ...]]) -> Edit | None:
    for place in places:
        if edit.at[: len(place)] == place:
            return None
        if place[: len(edit.at)] == edit.at:
            rest = place[len(edit.at) :]
            edit = attrs.evolve(edit, was=_without(edit.was, rest), now=_without(edit.now, rest))
    return edit


def _without(value: Any, place: Sequence[str]) -> Any:
    """Return a copy of a value without the value at a place below it."""
    if not isinstance(value, dict) or place[0] not in value:
        return value
    if len(place) == 1:
        return {key: kept for key, kept in value.items() if key != place[0]}
    return {**value, place[0]: _without(value[place[0]], place[1:])}


def scrub_tree(tree: Tree, places: Sequence[tuple[str, ...]]) -> Tree:
    """Return a copy of a tree without the values at these places."""
    for place in places:
        tree = _without(tree, place)
    return tree


@frozen
class Export:
    """A note that a file was about to be written from the state after batch ``seq``, as of the moment ``at``."""

    digest: str
    seq: int
    at: datetime
    instead: bool = False
    """Whether the export before this one never reached the file."""

    def to_json(self) -> Tree:
        """Return the export in its form in the journal."""
        tree: Tree = {"digest": self.digest, "seq": self.seq, "at": stamp(self.at)}
        if self.instead:
            tree["instead"] = True
        return tree

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Export:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError, ValueError: it has another shape.
        """
        return cls(tree["digest"], tree["seq"], moment(tree["at"]), tree.get("instead", False))


@frozen
class Forgetting:
    """A person to be erased everywhere."""

    key: str
    places: Sequence[tuple[str, ...]] = ()
    """Places of the state, a feature's name first, that belong to the person."""
    derived: Sequence[Edit] = ()
    """Edits that take the person out of the derived tree."""

    def to_json(self) -> Tree:
        """Return the forgetting in its form in the journal."""
        tree: Tree = {"key": self.key, "places": [list(place) for place in self.places]}
        if self.derived:
            tree["derived"] = [edit.to_json() for edit in self.derived]
        return tree

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Forgetting:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError, TypeError: it has another shape.
        """
        places = [tuple(place) for place in tree["places"]]
        return cls(tree["key"], places, [Edit.from_json(edit) for edit in tree.get("derived", ())])


Answers = list[dict[str, str]]
"""Answers as the journal keeps them, so that they can be sent again."""


@frozen
class Batch:
    """One line of the journal: everything in it happened, or nothing."""

    seq: int
    records: Sequence[Record] = ()
    cursors: Mapping[str, str] = field(factory=dict)
    handled: Mapping[str, Mapping[str, Answers]] = field(factory=dict)
    export: Export | None = None
    forget: Forgetting | None = None
    """A person to be forgotten, until every file has been rewritten."""
    deliver: Sequence[Delivery] = ()
    """Rows that are open from now on."""
    settled: Mapping[int, Settlement] = field(factory=dict)
    """The settlements of rows that are now closed, by their numbers."""
    documents: Mapping[str, str] = field(factory=dict)
    """Digests of documents that are valid from now on, by their ids."""

    @property
    def edits(self) -> list[Edit]:
        """All edits of the batch, in order."""
        return [edit for record in self.records for edit in record.placed]

    @property
    def schema(self) -> int:
        """The lowest schema that can express this batch."""
        later = any(r.kind not in (Cause.COMMAND, Cause.FILE) or r.feature == CORE for r in self.records)
        return 2 if later or self.deliver or self.settled or self.documents else 1

    def to_json(self) -> dict[str, Any]:
        """Return the batch in its form in the journal, without empty parts."""
        body: dict[str, Any] = {"seq": self.seq}
        if self.records:
            body["records"] = [record.to_json() for record in self.records]
        if self.cursors:
            body["cursors"] = dict(self.cursors)
        if self.handled:
            body["handled"] = {network: dict(ids) for network, ids in self.handled.items()}
        if self.export:
            body["export"] = self.export.to_json()
        if self.forget:
            body["forget"] = self.forget.to_json()
        if self.deliver:
            body["deliver"] = [row.to_json() for row in self.deliver]
        if self.settled:
            body["settled"] = {str(number): one.to_json() for number, one in self.settled.items()}
        if self.documents:
            body["documents"] = dict(self.documents)
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Batch:
        """Parse the form that :meth:`to_json` returns.

        Raises:
            KeyError, TypeError, ValueError: it has another shape.
        """
        export, forget = body.get("export"), body.get("forget")
        return cls(
            body["seq"],
            [Record.from_json(tree) for tree in body.get("records", ())],
            body.get("cursors", {}),
            body.get("handled", {}),
            Export.from_json(export) if export else None,
            Forgetting.from_json(forget) if forget else None,
            [Delivery.from_json(row) for row in body.get("deliver", ())],
            {int(number): Settlement.from_json(one) for number, one in body.get("settled", {}).items()},
            body.get("documents", {}),
        )

    def without(self, key: str, places: Sequence[tuple[str, ...]]) -> Batch:
        """Return the batch without a person, and without any answers and delivered rows.

        Rows that are still open are in every checkpoint; the rows of a batch before it are never read again.
        """
        return attrs.evolve(
            self,
            records=[record.without(key, places) for record in self.records],
            handled=unanswered(self.handled),
            forget=None,
            deliver=(),
            settled={},
        )


def unanswered(handled: Mapping[str, Mapping[str, Answers]]) -> dict[str, dict[str, Answers]]:
    """Return handled messages without their answers, which may name a person."""
    return {network: {message: [] for message in ids} for network, ids in handled.items()}
