"""A gathering as plain as can be: dictionaries and a list of changes, to compare the real one with."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import define, field, frozen

from ptgbot.gathering.model import Gathering, utc_text
from ptgbot.store.edits import Tree
from ptgbot.testing import START

TRACKS = ("nova", "cinder", "swift", "infra")
ROOMS = ("Aspen", "Ballroom A", "wi-fi lounge")
SLOTS = ("MonA1", "MonP1")
PEOPLE = ("mira", "Olga", "zoltan[x]")
CHANNELS = ("#one", "#two")

Change = tuple[str, str | None, Any, Any]
"""Table, key (None: the whole table), what stood there, what stands there now; None is nothing."""


def sample() -> dict[str, Any]:
    """Return the document that everything starts from."""
    return {
        "eventid": "plain",
        "slots": {"Monday": [{"name": name, "desc": ""} for name in SLOTS]},
        "schedule": {room: dict.fromkeys(SLOTS, "") for room in ROOMS},
        "tracks": ["nova", "cinder"],
    }


@frozen
class Line:
    """Something typed that changes the state, and what it changes."""

    text: str
    by: str
    channel: str
    changes: Sequence[Change] = ()
    subject: str | None = None
    undoes: int | None = None


@define
class Plain:
    """The model: tables of values, and the lines that made them."""

    tables: dict[str, dict[str, Any]] = field()
    lines: list[Line] = field(factory=list)

    @tables.default
    def _sample(self) -> dict[str, dict[str, Any]]:
        cells = {f"{room}-{slot}": "" for room in ROOMS for slot in SLOTS}
        names = ["now", "next", "since", "location", "colors", "urls", "check_ins", "subscriptions"]
        empty: dict[str, dict[str, Any]] = {name: {} for name in names}
        return {**empty, "tracks": {"nova": True, "cinder": True}, "cells": cells, "single": {"motd": [], "voice": 0}}

    @property
    def at(self) -> datetime:
        """When the next line is typed."""
        return START + timedelta(seconds=len(self.lines) + 1)

    def get(self, table: str, key: str | None) -> Any:
        return copy.deepcopy(self.tables[table] if key is None else self.tables[table].get(key))

    def take(self, line: Line) -> None:
        """Make a line's changes."""
        for table, key, _, now in line.changes:
            self._put(table, key, now)
        self.lines.append(line)

    def _put(self, table: str, key: str | None, now: Any) -> None:
        if key is None:
            self.tables[table] = copy.deepcopy(now)
        elif now is None:
            self.tables[table].pop(key, None)
        else:
            self.tables[table][key] = copy.deepcopy(now)

    def change(self, table: str, key: str | None, now: Any) -> list[Change]:
        was = self.get(table, key)
        return [] if was == now else [(table, key, was, now)]

    def undo(self, by: str, channel: str, track: str | None) -> Line | None:
        """Return the undo that is possible now; None where it is refused or has nothing to take back."""
        undone = {line.undoes for line in self.lines}
        for number, line in reversed([*enumerate(self.lines)]):
            mine = line.subject == track if track else line.channel == channel
            if not mine or line.undoes is not None or number in undone:
                continue
            if any(self.get(table, key) != now for table, key, _, now in line.changes):
                return None
            if any(later.undoes is None and _meet(line, later) for later in self._open_after(number, undone)):
                return None  # allowed, but what came between can't be taken back any more: see test_history
            back = [(table, key, now, was) for table, key, was, now in reversed(line.changes)]
            text = f"#{track} undo" if track else "~undo"
            return Line(text, by, channel, back, line.subject, number)
        return None

    def _open_after(self, number: int, undone: set[int | None]) -> list[Line]:
        return [line for later, line in enumerate(self.lines) if later > number and later not in undone]


def _meet(one: Line, other: Line) -> bool:
    """Say whether two lines change the same place."""
    places = [(table, key) for table, key, _, _ in other.changes]
    return any(
        (table, key) in places or (key is None and table in dict(places)) or (table, None) in places
        for table, key, _, _ in one.changes
    )


def random_line(model: Plain, rng: random.Random) -> Line | None:
    """Return something that a person might type now and that changes the state, None where chance found nothing."""
    by, channel = rng.choice(PEOPLE), rng.choice(CHANNELS)
    track, word = rng.choice([*model.tables["tracks"]] or ["nova"]), f"topic {rng.randrange(1000)}"
    known = track in model.tables["tracks"]
    kind = rng.choice(KINDS)
    text, changes, subject = kind(model, rng, track, word, by) if known or kind in _WITHOUT_TRACK else ("", [], None)
    if kind is _undo:
        return model.undo(by, channel, track if rng.random() < 0.5 and known else None)
    return Line(text, by, channel, changes, subject) if changes else None


Made = tuple[str, list[Change], str | None]


def _now(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    changes = [*model.change("now", track, word), *model.change("next", track, None), *_since(model, track)]
    return f"#{track} now {word}", changes, track


def _since(model: Plain, track: str) -> list[Change]:
    return model.change("since", track, utc_text(model.at))


def _next(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    topics = model.get("next", track) or []
    changes = model.change("next", track, [*topics, word]) if len(topics) < 20 else []
    return f"#{track} next {word}", changes, track


def _advance(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    topics = model.get("next", track)
    if not topics:
        return "", [], None
    changes = [
        *model.change("now", track, topics[0]),
        *model.change("next", track, topics[1:] or None),
        *_since(model, track),
    ]
    return f"#{track} advance", changes, track


def _clean(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    changes = [change for table in ("now", "next", "since") for change in model.change(table, track, None)]
    return f"#{track} clean", changes, track


def _location(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    return f"#{track} location {word}", model.change("location", track, word), track


def _color(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    color = rng.choice(("red", "#123456", "teal"))
    return f"#{track} color {color}", model.change("colors", track, color), track


def _url(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    url = f"https://meet.example.org/{word.replace(' ', '-')}"
    return f"#{track} url {url}", model.change("urls", track, url), track


def _book(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    free = [code for code, holder in model.tables["cells"].items() if not holder]
    code = rng.choice(free or [""])
    return f"#{track} book {code}", model.change("cells", code, track) if code else [], track


def _unbook(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    mine = [code for code, holder in model.tables["cells"].items() if holder == track]
    code = rng.choice(mine or [""])
    return f"#{track} unbook {code}", model.change("cells", code, "") if code else [], track


def _in(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    record = {"nick": by, "location": word, "in": utc_text(model.at), "out": None}
    return f"+in {word}", model.change("check_ins", by.lower(), record), None


def _out(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    record = model.get("check_ins", by.lower())
    if not record or record["out"]:
        return "", [], None
    return "+out", model.change("check_ins", by.lower(), {**record, "out": utc_text(model.at)}), None


def _subscribe(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    return f"+subscribe {word}", model.change("subscriptions", by.lower(), word), None


def _unsubscribe(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    return "+unsubscribe", model.change("subscriptions", by.lower(), None), None


def _motd(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    items = model.get("single", "motd")
    if len(items) >= 4:
        return "~motd del 1", model.change("single", "motd", items[1:]), None
    return f"~motd add info {word}", model.change("single", "motd", [*items, {"level": "info", "message": word}]), None


def _voice(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    voice = rng.randrange(2)
    return "~requirevoice" if voice else "~alloweveryone", model.change("single", "voice", voice), None


def _newday(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    tables = ("now", "next", "location", "check_ins", "since") if rng.random() < 0.2 else ()
    return "~newday", [change for table in tables for change in model.change(table, None, {})], None


def _undo(model: Plain, rng: random.Random, track: str, word: str, by: str) -> Made:
    return "", [], None


_WITHOUT_TRACK = (_in, _out, _subscribe, _unsubscribe, _motd, _voice, _newday, _undo)
KINDS = (
    _now, _now, _next, _next, _next, _advance, _clean, _location, _color, _url, _book, _unbook, _in, _out, _subscribe,
    _unsubscribe, _motd, _voice, _newday, _undo, _undo,
)  # fmt: skip


def tables_of(tree: Tree) -> dict[str, dict[str, Any]]:
    """Return the real gathering's state as the model holds it."""
    gathering, raw = Gathering(tree), copy.deepcopy(tree)
    private: Any = raw["ptgbot"]
    return {
        "now": dict(gathering.per_track("now")),
        "next": dict(gathering.per_track("next")),
        "since": private["now_since"],
        "location": dict(gathering.per_track("location")),
        "colors": dict(gathering.per_track("colors")),
        "urls": dict(gathering.per_track("urls")),
        "check_ins": dict(gathering.per_track("last_check_in")),
        "subscriptions": dict(gathering.subscriptions),
        "tracks": dict.fromkeys(gathering.tracks, True),
        "cells": {
            f"{room}-{slot}": track for room in gathering.rooms for slot, track in gathering.bookings(room).items()
        },
        "single": {"motd": raw["motd"], "voice": raw["voice"]},
    }
