"""``ptg.json`` as the specification has it: keys, types, there and back, and what is published."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ptgbot.gathering import FEATURE
from ptgbot.gathering.document import ORDER, SPARSE, PtgJson, Writer, dump, from_document, to_document
from ptgbot.gathering.model import Gathering, empty
from ptgbot.store.edits import ABSENT, Edit, Tree, applied, difference
from ptgbot.testing import START, Chat
from tests.gathering.sample import begin, document, load, snapshot

NOW = "2026-11-16 09:05:00"

ORIGINAL: dict[str, Any] = {
    "eventid": "autumn24",
    "voice": 0,
    "links": {"Map": "https://map.example"},
    "motd": {"message": "Welcome", "level": "success"},
    "tracks": ["Nova", "cinder"],
    "slots": {"Monday": [{"name": "MonA1", "desc": "09:00", "realtime": "2024-10-21T09:00:00+00:00"}]},
    "schedule": {
        "Aspen": {"desc": "Ground floor", "url": "https://m.example", "cap_icon": "fa-users", "MonA1": "Nova"},
        "Birch": {"MonA1": ""},
    },
    "now": {"nova": "cells"},
    "next": {"nova": ["quotas"]},
    "location": {"nova": "Aspen", "cinder": "by the piano"},
    "etherpads": {"nova": "https://e.example/nova"},
    "urls": {},
    "colors": {"nova": "#42f4c5", "cinder": "nonsense"},
    "last_check_in": {"mira": {"nick": "Mira", "location": "#nova", "in": "2024-10-21 09:00:00", "out": None}},
    "subscriptions": {"mira": "nova", "tomas": None, "uwe": "(?!x)"},
    "timestamp": "2024-10-21 09:01:00",
}
"""A file as the original writes it: without anything of ours."""


def test_an_empty_gathering_writes_every_key() -> None:
    assert to_document(empty(), START) == {
        "eventid": "",
        "title": "",
        "timezone": "",
        "dates": {},
        "voice": 0,
        "links": {},
        "motd": [],
        "tracks": [],
        "slots": {},
        "schedule": {},
        "now": {},
        "next": {},
        "location": {},
        "etherpads": {},
        "urls": {},
        "colors": {},
        "last_check_in": {},
        "subscriptions": {},
        "timestamp": NOW,
        "ptgbot": {"now_since": {}, "moderators": {}, "told_pattern": {}, "typed_location": []},
    }


def test_known_keys_come_first_in_fixed_order(chat: Chat) -> None:
    tree = from_document({"zebra": 1, **document(), "alpha": None}).tree
    assert list(to_document(tree, START)) == [*(key for key in ORDER if key not in SPARSE), "zebra", "alpha"]


def test_chat_writes_types_of_the_specification(event: Chat) -> None:
    for line in (
        *("#nova now cells", "#nova next quotas", "#nova next iron", "#swift location lobby", "#swift next rings"),
        *("#nova etherpad https://e.example/", "#nova url https://u.example/", "#nova color teal"),
        *("+in #nova", "+subscribe nova", "#swift book Aspen-MonA2"),
    ):
        event(line, by="Mira")
    event.op("~motd add info hello")
    event.op("~requirevoice")
    event.op("~moderator add vera #nova")
    expected = {
        **document(),
        "voice": 1,
        "links": {},
        "motd": [{"level": "info", "message": "hello"}],
        "now": {"nova": "cells"},
        "next": {"nova": ["quotas", "iron"], "swift": ["rings"]},
        "location": {"nova": "Aspen", "swift": "lobby"},
        "etherpads": {"nova": "https://e.example/"},
        "urls": {"nova": "https://u.example/"},
        "colors": {"nova": "teal"},
        "last_check_in": {"mira": {"nick": "Mira", "location": "#nova", "in": "2026-11-16 09:14:00", "out": None}},
        "subscriptions": {"mira": "nova"},
        "timestamp": NOW,
        "ptgbot": {
            "now_since": {"nova": "2026-11-16 09:06:00"},
            "moderators": {"vera": ["nova"]},
            "told_pattern": {},
            "typed_location": ["swift"],
        },
    }
    expected["schedule"]["Aspen"]["MonA2"] = "swift"
    made = to_document(event.tree, START)
    assert made == expected
    assert isinstance(made["voice"], int)
    assert not isinstance(made["voice"], bool)


def test_last_change_is_given_in_utc() -> None:
    changed = datetime.fromisoformat("2026-11-16T12:00:00+05:30")
    assert to_document(empty(), START, changed=changed)["timestamp"] == "2026-11-16 06:30:00"


# there and back


def test_document_survives_import_and_export(event: Chat) -> None:
    event("#nova now cells")
    event("#swift location lobby")
    event("#nova location Aspen")
    event("+in lobby", by="Mira")
    made = to_document(event.tree, START)
    again = from_document(made).tree
    assert again == event.tree
    assert to_document(again, START) == made
    assert json.loads(dump(made)) == made


def test_a_file_of_the_original_is_read() -> None:
    gathering = from_document(ORIGINAL)
    assert gathering.tree == {
        **{key: value for key, value in ORIGINAL.items() if key != "timestamp"},
        "title": "",
        "timezone": "",
        "dates": {},
        "descriptions": {},
        "contacts": {},
        "motd": [{"level": "success", "message": "Welcome"}],
        "tracks": {"cinder": True, "nova": True},
        "schedule": {**ORIGINAL["schedule"], "Aspen": {**ORIGINAL["schedule"]["Aspen"], "MonA1": "nova"}},
        "location": {"cinder": "by the piano"},
        "room_status": {},
        "shared_bookings": {},
        "ptgbot": {"now_since": {}, "moderators": {}, "told_pattern": {}},
    }


def test_file_of_the_original_loses_nothing() -> None:
    at = datetime(2024, 10, 21, 9, 30, tzinfo=UTC)
    changed = datetime(2024, 10, 21, 9, 1, tzinfo=UTC)
    made = to_document(from_document(ORIGINAL).tree, at, changed=changed)
    assert {key: made[key] for key in ORIGINAL} == {
        **ORIGINAL,
        "motd": [{"level": "success", "message": "Welcome"}],
        "tracks": ["cinder", "nova"],
        "schedule": {**ORIGINAL["schedule"], "Aspen": {**ORIGINAL["schedule"]["Aspen"], "MonA1": "nova"}},
    }
    assert from_document(made).tree == from_document(ORIGINAL).tree


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"level": "info", "message": ""}, []),
        ({}, []),
        ({"message": "x"}, [{"level": "info", "message": "x"}]),
        ([], []),
        ([{"level": "odd", "message": ""}], [{"level": "odd", "message": ""}]),
    ],
)
def test_one_motd_object_becomes_a_list(given: object, read: object) -> None:
    assert from_document({"motd": given}).tree["motd"] == read


def test_unknown_keys_are_kept_everywhere() -> None:
    given = document(
        mine={"deep": [1, None, {"x": 1.5}]},
        slots={"Monday": [{"name": "A", "color": "red", "weight": 3}]},
        motd=[{"level": "info", "message": "x", "until": 5}],
        ptgbot={"other": [1]},
        last_check_in={"mira": {"nick": "mira", "seat": 4}},
    )
    made = to_document(from_document(given).tree, START)
    for key in ("mine", "slots", "motd", "last_check_in"):
        assert made[key] == given[key]
    assert made["ptgbot"]["other"] == [1]


def test_odd_values_are_kept_as_they_are() -> None:
    given = document(
        colors={"nova": "url(javascript:x)"},
        urls={"nova": "javascript:alert(1)"},
        subscriptions={"mira": "(a+)+$(?=x)"},
        timezone="Mars/Olympus",
        dates={"Monday": "soon"},
    )
    made = to_document(from_document(given).tree, START)
    for key in ("colors", "urls", "subscriptions", "timezone", "dates"):
        assert made[key] == given[key]


def test_tracks_are_folded_wherever_they_stand() -> None:
    tree = from_document(
        {"tracks": ["NOVA"], "now": {"Nova": "x"}, "schedule": {"R": {"S": "noVA", "desc": "Nova"}}}
    ).tree
    assert (tree["tracks"], tree["now"]) == ({"nova": True}, {"nova": "x"})
    assert tree["schedule"] == {"R": {"S": "nova", "desc": "Nova"}}


# places


@pytest.mark.parametrize(("at", "place"), [("09:30", "Aspen"), ("10:30", "Ballroom A"), ("20:00", "Ballroom A")])
def test_exported_location_is_that_of_the_moment(event: Chat, at: str, place: str) -> None:
    event("#nova now cells")
    moment = datetime.fromisoformat(f"2026-11-16T{at}+00:00")
    made = to_document(event.tree, moment, "UTC")
    assert made["location"] == {"nova": place}
    assert made["ptgbot"]["typed_location"] == []
    assert from_document(made).tree["location"] == {}


def test_typed_place_stays_typed_even_as_room(event: Chat) -> None:
    event("#nova location Aspen")
    made = to_document(event.tree, START)
    assert (made["location"], made["ptgbot"]["typed_location"]) == ({"nova": "Aspen"}, ["nova"])
    assert from_document(made).tree["location"] == {"nova": "Aspen"}


# the file as the store sees it


def edits_by_hand(chat: Chat, change: dict[str, Any]) -> list[Edit]:
    """Return what a hand that changes some keys of the exported file changes in the state."""
    file = PtgJson("UTC")
    raw = file.render(chat.tree, START, START)
    before = file.parse(raw)
    assert file.changes(before, before) == []
    return file.changes(before, file.parse(dump({**json.loads(raw), **change})))


def test_hand_edit_becomes_edits(event: Chat) -> None:
    assert edits_by_hand(event, {"title": "New", "timestamp": "2020-01-01 00:00:00", "location": {"swift": "bar"}}) == [
        Edit(("title",), "Spring Gathering", "New"),
        Edit(("location", "swift"), ABSENT, "bar"),
    ]


def test_booking_by_hand_is_one_edit(event: Chat) -> None:
    schedule = document()["schedule"]
    schedule["Aspen"]["MonA2"] = "Swift"
    assert edits_by_hand(event, {"schedule": schedule}) == [Edit(("schedule", "Aspen", "MonA2"), "", "swift")]


def test_reordering_rooms_by_hand_replaces_schedule(event: Chat) -> None:
    before = document()["schedule"]
    schedule = dict(reversed(before.items()))
    [edit] = edits_by_hand(event, {"schedule": schedule})
    assert (edit.at, list(edit.now)) == (("schedule",), list(schedule))  # type: ignore[arg-type]


def test_room_renamed_by_hand_moves_its_tracks(event: Chat) -> None:
    event("#nova now cells")
    schedule = document()["schedule"]
    renamed = {"Acorn" if room == "Aspen" else room: cells for room, cells in schedule.items()}
    edits = edits_by_hand(event, {"schedule": renamed})
    assert [edit.at for edit in edits] == [("schedule",)]
    tree = applied(snapshot(event), edits)
    assert to_document(tree, START)["location"] == {"nova": "Acorn"}


def test_booking_moved_by_hand_moves_its_track(event: Chat) -> None:
    event("#nova now cells")
    schedule = document()["schedule"]
    schedule["Aspen"]["MonA1"], schedule["Ballroom A"]["MonA1"] = "", "nova"
    tree = applied(snapshot(event), edits_by_hand(event, {"schedule": schedule}))
    assert to_document(tree, START)["location"] == {"nova": "Ballroom A"}


# what is published


def test_the_public_document_has_nothing_private(event: Chat) -> None:
    event("+subscribe secretpattern", by="mira")
    event.op("~moderator add secretaccount")
    event("#nova now cells")
    document = to_document(event.tree, START)
    shown = Writer().public(document)
    assert list(shown) == [key for key in ORDER if key not in ("subscriptions", "ptgbot", *SPARSE)]
    assert {key: shown[key] for key in shown if key != "last_check_in"} == {
        key: document[key] for key in shown if key != "last_check_in"
    }
    assert b"secret" in dump(document)
    assert b"secret" not in dump(shown)


def test_people_are_published_by_display_name(chat: Chat) -> None:
    one = {"location": "bar", "in": NOW, "out": None}
    load(
        chat,
        last_check_in={
            "mira": {"nick": "Mira", **one, "account": "secret"},
            "mira@oftc": {"nick": "mira", **one},
            "@mira:one.example": {"nick": "mira", **one},
            "@vera:two.example": {"nick": None, **one},
            "uwe@oftc": {"nick": None, **one},
        },
    )
    shown = Writer().public(to_document(chat.tree, START))["last_check_in"]
    assert shown == {
        "mira": {"nick": "mira", **one},
        "mira (2)": {"nick": "Mira", **one},
        "mira (3)": {"nick": "mira", **one},
        "uwe": {"nick": "uwe", **one},
        "vera": {"nick": "vera", **one},
    }


def test_readers_learn_nothing_of_checked_out_people(event: Chat) -> None:
    event("+in the sauna", by="vera")
    event("+in bar", by="mira")
    event("+out", by="vera")
    document = to_document(event.tree, START)
    assert "sauna" in str(document)
    assert {*Writer().public(document)["last_check_in"]} == {"mira"}
    assert "sauna" not in str(Writer().public(document))


def test_publishing_leaves_the_state_alone(event: Chat) -> None:
    event("+in bar")
    before = snapshot(event)
    Writer().public(to_document(event.tree, START))
    assert event.tree == before


def test_view_returns_values_of_the_state() -> None:
    gathering = from_document(ORIGINAL)
    assert gathering.title == "autumn24"
    assert gathering.bookings("Aspen") == {"MonA1": "nova"}
    assert gathering.room_info("Aspen") == {"url": "https://m.example", "desc": "Ground floor", "cap_icon": "fa-users"}
    assert gathering.bookings("nowhere") == gathering.room_info("nowhere") == {}
    assert list(gathering.booked()) == [("Aspen", "MonA1", "nova")]
    assert gathering.slot_names == ["MonA1"]


def test_chat_continues_from_file_of_the_original(chat: Chat) -> None:
    begin(chat, ORIGINAL)
    assert chat("+seen mira") == ["Mira checked in at #nova at Mon 21 Oct 09:00"]
    chat("#nova now again")
    assert difference(from_document(ORIGINAL).tree, chat.tree) == [
        Edit(("now", "nova"), "cells", "again"),
        Edit(("next", "nova"), ["quotas"], ABSENT),
        *[edit for edit in chat.edits if edit.at[0] == "ptgbot"],
    ]


def test_complete_adds_only_missing_keys() -> None:
    tree: Tree = {"now": {"nova": "x"}, "ptgbot": {"moderators": {"mira": []}}, "mine": 1}
    FEATURE.complete(tree)
    assert tree == {
        **empty(),
        "now": {"nova": "x"},
        "ptgbot": {"moderators": {"mira": []}, "now_since": {}, "told_pattern": {}},
        "mine": 1,
    }
    assert Gathering(tree).moderators == {"mira": []}


def test_timestamp_is_of_last_change_not_export(chat: Chat) -> None:
    changed = START - timedelta(hours=3)
    assert json.loads(PtgJson().render(chat.tree, START, changed))["timestamp"] == "2026-11-16 06:05:00"


def test_writer_output_equals_dump_each_time() -> None:
    writer, tree = Writer(), from_document(document(links={"Map": "https://m.example", "Odd": "a\nb"})).tree
    for title in ("one", "two"):
        shown = to_document({**tree, "title": title, "links": {**tree["links"]}}, START)  # type: ignore[dict-item]
        assert writer.dump(shown) == dump(shown)
        assert writer.dump(shown) == dump(shown)
