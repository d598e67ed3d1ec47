"""What the site shows is the same whether it is computed step by step or all at once, whoever computes it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import define, field

from ptgbot.derived import Fold, without_places
from ptgbot.feature import load_features
from ptgbot.gathering.document import from_document
from ptgbot.gathering.recap import forgotten
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.shape import decode
from ptgbot.projection import Projection, Shown
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, applied, get
from ptgbot.store.record import Record
from ptgbot.testing import START, Chat
from tests.gathering.sample import document, load

FEATURES = tuple(feature for feature in load_features() if feature.name == "gathering")
SETTINGS: dict[str, Any] = {"gathering": GatheringSettings(check_in_hours=1.0)}
LINES = (
    "#{track} now topic {n}",
    "#{track} next topic {n}",
    "#{track} clean",
    "#{track} book {room}-{slot}",
    "#{track} unbook {room}-{slot}",
    "#{track} location corner {n}",
    "#{track} color #{n:06x}",
    "#{track} url https://call.example.org/{n}",
    "#{track} etherpad https://pad.example.org/{n}",
    "#{track} undo",
    "+in #{track}",
    "+in bar {n}",
    "+out",
    "~motd add info message {n}",
    "~motd clean",
    "~add fresh{n}",
    "~del fresh{n}",
    "~del {track}",
    "~timezone Asia/Tokyo",
    "~undo",
)
LARGEST_SLICE = 64_000
"""Characters."""
ROOMS, SLOTS = ("Aspen", "Ballroom A", "Birch-2"), ("MonA1", "MonA2", "Mon-P1", "TueA1", "TueA2")


@define
class Growing:
    """A gathering to which things happen, with what is derived of it."""

    state: Tree = field(factory=lambda: {"gathering": from_document(document()).tree})
    derived: Tree = field(factory=dict)
    at: datetime = START
    number: int = 0
    records: list[Record] = field(factory=list)

    @property
    def tree(self) -> Tree:
        """The state of the gathering."""
        return cast("Tree", self.state["gathering"])

    def change(self, *edits: Edit, nick: str = "mira", undoes: int | None = None, kind: str = "command") -> None:
        """Commit a record."""
        self.number += 1
        record = Record(
            self.number, "gathering", self.at, nick, nick, "irc", "#m", "#m", "typed", edits, undoes=undoes, kind=kind
        )
        self.take(record)

    def take(self, record: Record) -> None:
        """Commit a record that was made elsewhere."""
        tree = applied(cast("Tree", self.state["gathering"]), record.edits)
        self.state = {**self.state, "gathering": tree}
        self.derived = Fold(FEATURES, SETTINGS).derive(self.derived, self.state, record)
        self.records.append(record)


def shown(growing: Growing, projection: Projection | None = None) -> Shown:
    made = projection or Projection(FEATURES, SETTINGS)
    return made.update(growing.state, growing.derived, growing.at)


def line(rng: random.Random, tracks: list[str]) -> str:
    chosen: dict[str, Any] = {
        "track": rng.choice(tracks or ["nova"]),
        "room": rng.choice(ROOMS),
        "slot": rng.choice(SLOTS),
        "n": rng.randrange(6),
    }
    return rng.choice(LINES).format(**chosen)


@pytest.mark.parametrize("seed", range(8))
def test_stepwise_projection_equals_one_from_scratch(seed: int) -> None:
    """The same slices, in the same order of their names, the same last changes, files and next moment."""
    rng = random.Random(seed)
    chat, growing, projection = Chat(), Growing(), Projection(FEATURES, SETTINGS)
    load(chat)
    before = shown(growing, projection)
    for step in range(120):
        chat(line(rng, [*cast("Tree", chat.tree["tracks"])]), by=rng.choice(["mira", "olga"]), role=cast("Any", 2))
        chat.at += timedelta(minutes=rng.choice([0, 0, 1, 40, 300]))
        for record in [one for one in chat.document.log.records if one.number > len(growing.records)]:
            growing.take(record)
        growing.at = chat.at
        now, anew = shown(growing, projection), shown(growing)
        assert now.slices == anew.slices, step
        assert repr(dict(sorted(now.slices.items()))) == repr(dict(sorted(anew.slices.items()))), step
        assert (now.touched, now.files, now.until, now.zone) == (anew.touched, anew.files, anew.until, anew.zone)
        for name, value in now.slices.items():
            if value == before.slices.get(name) and repr(value) == repr(before.slices[name]):
                assert value is before.slices[name], name
        before = now
    assert len(growing.records) > 40


WHOLE: list[Edit] = [
    Edit(("timezone",), "Europe/Berlin", "Asia/Tokyo"),
    Edit(("slots", "Monday"), document()["slots"]["Monday"], document()["slots"]["Monday"][:1]),
    Edit(("slots",), document()["slots"], {"Tuesday": document()["slots"]["Tuesday"]}),
    Edit(("dates",), document()["dates"], {}),
    Edit(("schedule",), document()["schedule"], dict(reversed(document()["schedule"].items()))),
    Edit(("schedule", "Aspen"), document()["schedule"]["Aspen"], ABSENT),
    Edit(("schedule", "Aspen", "desc"), "Ground floor", "First floor"),
    Edit(("schedule", "Cedar"), ABSENT, {"MonA1": "swift", "TueA1": "cinder"}),
    Edit(("now",), {}, {"nova": "cells", "swift": "rings"}),
    Edit(("tracks",), {"cinder": True, "nova": True, "swift": True}, {"nova": True}),
    Edit(("last_check_in",), {}, {"mira": {"nick": "mira", "location": "#nova", "in": "2026-11-16 09:00:00"}}),
]
"""Changes of whole objects, as a hand edit makes them."""


@pytest.mark.parametrize("edit", WHOLE, ids=lambda edit: ".".join(edit.at))
def test_whole_objects_show_the_same_step_by_step(edit: Edit) -> None:
    growing, projection = Growing(), Projection(FEATURES, SETTINGS)
    before = shown(growing, projection)
    growing.change(edit)
    now, anew = shown(growing, projection), shown(growing)
    assert repr(dict(sorted(now.slices.items()))) == repr(dict(sorted(anew.slices.items())))
    changed = {name for name in now.slices if now.slices[name] != before.slices.get(name)}
    assert changed
    assert changed <= now.touched.keys()


def test_topic_touches_only_its_own_track() -> None:
    growing, projection = Growing(), Projection(FEATURES, SETTINGS)
    first = shown(growing, projection)
    growing.change(Edit(("now", "nova"), ABSENT, "cells"))
    second = shown(growing, projection)
    changed = {name for name, value in second.slices.items() if value is not first.slices.get(name)}
    said = "gathering.said:2026-11-16"
    assert changed == {
        "gathering.now",
        "gathering.track:nova",
        "gathering.topics:nova",
        "gathering.room:Aspen",
        "gathering.recap",
        said,
        "gathering.part:2026-11-16T09:00.1",
    }
    assert set(second.touched) == {*changed, "gathering.room:Ballroom A"}
    assert set(second.touched.values()) == {START.isoformat()}


def test_booking_touches_former_and_new_track() -> None:
    growing = Growing()
    growing.change(Edit(("schedule", "Aspen", "MonA1"), "nova", "swift"))
    touched = set(shown(growing).touched)
    assert {"gathering.track:nova", "gathering.track:swift", "gathering.schedule:Monday"} <= touched
    assert not {"gathering.track:cinder", "gathering.schedule:Tuesday", "gathering.rooms", "gathering.tracks"} & touched


def test_booking_names_the_record_of_last_change() -> None:
    growing = Growing()
    growing.change(Edit(("schedule", "Aspen", "MonA2"), "", "swift"))
    growing.at += timedelta(minutes=1)
    growing.change(Edit(("schedule", "Ballroom A", "TueA1"), "nova", ""))
    growing.change(Edit(("etherpads", "nova"), ABSENT, "https://pad.example.org/nova"))
    meets = cast("Any", shown(growing).slices["gathering.meets"])
    assert [(row["number"], row["changed"]) for row in meets["swift"]] == [(1, START.isoformat())]
    assert {row["number"] for row in meets["nova"]} == {3}
    assert "number" not in meets["cinder"][0]


def test_time_alone_renews_only_dependent_slices() -> None:
    growing, projection = Growing(), Projection(FEATURES, SETTINGS)
    first = shown(growing, projection)
    assert first.until == datetime(2026, 11, 16, 9, 45, tzinfo=UTC)
    growing.at = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
    second = shown(growing, projection)
    changed = {name for name, value in second.slices.items() if value is not first.slices.get(name)}
    assert {"gathering.current", "gathering.coming"} <= changed
    assert not {"gathering.meets", "gathering.tracks", "gathering.days"} & changed


def test_clock_set_back_shows_earlier_moment() -> None:
    growing, projection = Growing(), Projection(FEATURES, SETTINGS)
    growing.at += timedelta(days=1)
    shown(growing, projection)
    growing.at -= timedelta(days=1)
    assert shown(growing, projection).slices["gathering.today"] == "Monday"


def test_forgotten_person_is_in_no_derived_state() -> None:
    growing = Growing()
    there: Tree = {"nick": "mira", "location": "#nova", "in": "x", "out": None}
    growing.change(Edit(("last_check_in", "mira"), ABSENT, there))
    growing.change(Edit(("now", "nova"), ABSENT, "cells"))
    chronicle = cast("Tree", growing.derived["gathering"])
    said = [Edit(("gathering", *edit.at), edit.was, edit.now) for edit in forgotten(chronicle, "mira")]
    places = [("gathering", "last_check_in", "mira")]
    edits = [*said, *without_places(growing.derived, places)]
    assert "mira" not in repr(applied(growing.derived, edits))
    assert "mira" in repr(growing.derived)
    assert without_places({}, places) == []


def test_record_of_removed_feature_changes_nothing() -> None:
    gone = Record(1, "gone", START, "x", "x", "irc", "#m", "#m", "typed", (Edit(("a",), ABSENT, 1),))
    assert Fold(FEATURES, SETTINGS).derive({"x": 1}, {}, gone) == {"x": 1}


def test_slices_of_a_large_busy_gathering_are_small() -> None:
    sample = decode((Path(__file__).parents[1] / "base.json").read_bytes())
    growing = Growing(state={"gathering": from_document(sample).tree})
    tracks, rooms = (list(cast("Tree", growing.tree[name])) for name in ("tracks", "schedule"))
    for number in range(500):
        there: Json = {"nick": f"somebody{number}", "location": "#harbour", "in": "2026-11-16 09:00:00", "out": None}
        growing.change(Edit(("last_check_in", f"somebody{number}"), ABSENT, there))
    for number in range(800):
        track, room = tracks[number % len(tracks)], rooms[number % len(rooms)]
        said, cell = ("now", track), ("schedule", room, "Busy")
        growing.change(Edit(said, get(growing.tree, said), f"{number} " + "x" * 350))
        growing.change(Edit(cell, get(growing.tree, cell), track))
    sizes = {name: len(json.dumps(value)) for name, value in shown(growing).slices.items()}
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > LARGEST_SLICE} == {}
