"""Converts the gathering's part of the state to ``ptg.json`` and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from attrs import define, field, frozen

from ptgbot.gathering import shape
from ptgbot.gathering.model import Gathering, complete, empty, utc, utc_text
from ptgbot.gathering.schedule import Calendar
from ptgbot.store.edits import ABSENT, Edit, Tree, difference, same

ORDER = [
    "eventid",
    "title",
    "timezone",
    "dates",
    "voice",
    "links",
    "motd",
    "tracks",
    "slots",
    "schedule",
    "shared_bookings",
    "now",
    "next",
    "location",
    "etherpads",
    "urls",
    "colors",
    "room_status",
    "descriptions",
    "contacts",
    "last_check_in",
    "subscriptions",
    "timestamp",
    "ptgbot",
]
PRIVATE = ("subscriptions", "ptgbot")
"""Keys that must not be published."""
SPARSE = ("room_status", "shared_bookings", "descriptions", "contacts")
"""Keys that a document lacks while they are empty, because other bots don't know them."""
WHOLE = frozenset({"slots", "schedule", "dates", "links"})
"""Objects in which the order of keys matters: a hand edit that adds a key replaces the whole object."""


def to_document(tree: Tree, at: datetime, zone: str = "UTC", changed: datetime | None = None) -> dict[str, Any]:
    """Return the document for a state at a moment.

    Args:
        tree: the gathering's part of the state.
        at: the moment (aware) at which locations that follow bookings are computed.
        zone: IANA name of the time zone if the state names none.
        changed: moment of the last change, which becomes ``timestamp``; ``at`` if None.
    """
    gathering = Gathering(tree)
    calendar = Calendar.of(gathering, at, zone)
    typed = gathering.per_track("location")
    talking = {*gathering.per_track("now"), *gathering.per_track("next")}
    located = {track: calendar.location(track) for track in sorted({*typed, *talking})}
    document: dict[str, Any] = {
        **tree,
        "tracks": gathering.tracks,
        "location": {track: where for track, where in located.items() if where is not None},
        "timestamp": utc_text(changed or at),
        "ptgbot": {**cast("dict[str, Any]", tree["ptgbot"]), "typed_location": sorted(typed)},
    }
    shown = (*ORDER, *(key for key in document if key not in ORDER))
    return {key: document[key] for key in shown if document[key] or key not in SPARSE}


def from_document(document: Mapping[str, Any]) -> Gathering:
    """Return the gathering in a complete document.

    Raises:
        Unreadable: the document has not the right shape; the message names the place.
    """
    tree = empty()
    tree.update(_kept(shape.check(document)))
    complete(tree)
    _automatic_locations(tree)
    return Gathering(tree)


def read_partial(raw: bytes) -> Tree:
    """Return the top-level keys of a document, checked.

    Raises:
        Unreadable: the bytes are not a document of the right shape; the message names the place.
    """
    return _kept(shape.check(shape.decode(raw)))


def partial(given: Tree, gathering: Gathering) -> Tree:
    """Return the changed top-level keys of a gathering if ``given`` replaces keys of the same name.

    A given schedule adds the tracks that it mentions.
    """
    merged: Tree = {**gathering.tree, **given}
    merged["ptgbot"] = {**cast("dict[str, Any]", merged["ptgbot"])}
    complete(merged)
    if "location" in given:
        _automatic_locations(merged)
    private = cast("dict[str, Any]", merged["ptgbot"])
    merged["ptgbot"] = {key: value for key, value in private.items() if key != "typed_location"}
    if "schedule" in given or "tracks" in given:
        booked = dict.fromkeys((track for _, _, track in Gathering(merged).booked()), True)
        tracks = cast("dict[str, Any]", merged["tracks"])
        merged["tracks"] = {**tracks, **booked}
    keys = [*given, *(["tracks"] if "schedule" in given else [])]
    return {key: merged[key] for key in dict.fromkeys(keys)}


def _kept(checked: dict[str, Any]) -> Tree:
    return {key: value for key, value in checked.items() if key != "timestamp"}


def _automatic_locations(tree: Tree) -> None:
    """Remove blank locations and those of tracks that meet where they are booked, so that only typed locations stay.

    A file of the original does not tell typed from computed locations; in ours, ``ptgbot.typed_location`` does.
    """
    private = cast("dict[str, Any]", tree["ptgbot"])
    typed = private.pop("typed_location", [])
    booked = {(track, room) for room, _, track in Gathering(tree).booked()}
    locations = cast("dict[str, str]", tree["location"])
    tree["location"] = {
        track: where for track, where in locations.items() if where and (track in typed or (track, where) not in booked)
    }


def _by_name(check_ins: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the people who are there. Where others were is nobody's business but the chat's."""
    seen: dict[str, int] = {}
    for key, raw in sorted(check_ins.items()):
        if raw.get("out"):
            continue
        nick = str(raw.get("nick") or key.lstrip("@").partition(":")[0].partition("@")[0])
        seen[nick.lower()] = seen.get(nick.lower(), 0) + 1
        again = seen[nick.lower()]
        name = nick.lower() if again == 1 else f"{nick.lower()} ({again})"
        yield name, {field: raw.get(field) for field in ("nick", "location", "in", "out")} | {"nick": nick}


def dump(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON bytes, indented so that people can read and compare it."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n"


@define(eq=False)
class Writer:
    """Writes a series of documents like :func:`dump`. A value that is the same object as before is not written again.

    Values must not be changed in place after they were given to it.
    """

    _texts: dict[str, tuple[object, str]] = field(factory=dict, init=False)
    """The last value of each key, and its text."""
    _people: tuple[object, dict[str, Any]] = field(default=(None, {}), init=False)
    """The last check-ins, and their public part."""

    def dump(self, document: Mapping[str, Any]) -> bytes:
        """Return a document as bytes."""
        parts = ",\n".join(f"  {json.dumps(key)}: {self._text(key, value)}" for key, value in document.items())
        return f"{{\n{parts}\n}}\n".encode()

    def _text(self, key: str, value: object) -> str:
        known, text = self._texts.get(key, (None, ""))
        if known is not value or not isinstance(value, dict | list):
            # A line break in a string is escaped, so each one here stands between two lines.
            text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).replace("\n", "\n  ")
            self._texts[key] = value, text
        return text

    def public(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the public part of a document."""
        if self._people[0] is not document["last_check_in"]:
            self._people = document["last_check_in"], dict(_by_name(document["last_check_in"]))
        shown = {key: value for key, value in document.items() if key not in PRIVATE}
        return {**shown, "last_check_in": self._people[1]}


_WHOLE, _PUBLIC = Writer(), Writer()


@frozen
class PtgJson:
    """The form of the exported file ``ptg.json``."""

    zone: str = "UTC"
    feature: str = "gathering"
    name: str = "ptg.json"

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the contents of the file at a moment; ``changed`` is the moment of the last change."""
        return _WHOLE.dump(to_document(tree, at, self.zone, changed))

    def public(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the public contents: no subscriptions, no account data, only people who are there, by display name."""
        return _PUBLIC.dump(_PUBLIC.public(to_document(tree, at, self.zone, changed)))

    def parse(self, raw: bytes) -> Tree:
        """Return the state in the contents of a file.

        Raises:
            Unreadable: the contents have not the right shape; the message names the place.
        """
        return from_document(shape.decode(raw)).tree

    def stamped(self, raw: bytes) -> datetime | None:
        """Return the moment at which the file says it was written, None if it does not say.

        Raises:
            Unreadable: the contents are not a JSON object.
        """
        return utc(shape.decode(raw).get("timestamp"))

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another, as made by hand."""
        moved = frozenset(key for key in WHOLE if reordered(before, after, key))
        edits = difference(before, after, moved)
        only_moved = sorted(key for key in moved if same(before[key], after[key]))
        edits += [Edit((key,), before[key], after[key]) for key in only_moved]
        booked = {(track, room) for room, _, track in Gathering(before).booked()}
        return [edit for edit in edits if edit.at[0] != "timestamp" and not _left_behind(edit, booked)]


def _left_behind(edit: Edit, booked: set[tuple[str, str]]) -> bool:
    """Say whether an edit adds a computed location that stayed when a booking was moved or a room renamed."""
    at, where = edit.at, edit.now
    return at[0] == "location" and len(at) == 2 and edit.was is ABSENT and (at[1], where) in booked


def reordered(before: Tree, after: Tree, key: str) -> bool:
    """Say whether an object has other keys, or the same keys in another order, and must be replaced as a whole."""
    was, now = before.get(key), after.get(key)
    return isinstance(was, dict) and isinstance(now, dict) and list(was) != list(now)


__all__ = ["PtgJson", "Writer", "dump", "from_document", "partial", "read_partial", "to_document"]
