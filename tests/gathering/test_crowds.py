from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ptgbot.gathering.document import dump, from_document, read_partial, to_document
from ptgbot.gathering.fullness import EVACUATED, FULL, Status, status_of
from ptgbot.gathering.model import Gathering
from ptgbot.store.export import Unreadable
from ptgbot.testing import START, Chat
from tests.gathering.sample import DOCUMENT, gone, load, new

END = "2026-11-16 09:45:00"
"""The end of MonA1, in UTC."""


def test_full_room_is_full_until_its_slot_ends(event: Chat) -> None:
    assert event.op("~room full aspen") == ["Aspen is full until 10:45."]
    assert event.edits == (new("room_status", "Aspen", now={"state": FULL, "until": END}),)
    status = status_of(Gathering(event.tree), "Aspen", START)
    assert status
    assert status.until
    assert (status.state, status.until - START) == (FULL, timedelta(minutes=40))
    assert status_of(Gathering(event.tree), "Aspen", status.until) is None


def test_track_says_that_its_room_is_full(event: Chat) -> None:
    assert event("#nova full") == ["Aspen is full until 10:45."]
    assert event("#nova") == ["#nova: nothing now, in Aspen (full)."]
    assert event("#nova full no") == ["Aspen is all right again."]
    assert event.edits == (gone("room_status", "Aspen", was={"state": FULL, "until": END}),)


def test_track_without_a_room_is_told_so(event: Chat) -> None:
    event("#nova location the lobby")
    told = ["#nova meets in no room of the schedule now. ~room full ROOM says it of any room."]
    assert event("#nova full") == told
    assert event("#nova full maybe") == ["#nova full takes nothing behind it but no."]
    assert event.edits == ()


def test_evacuation_lasts_until_operators_end_it(event: Chat) -> None:
    assert event.op("~room evacuate Ballroom A") == ["Ballroom A is evacuated, until ~room ok Ballroom A."]
    later = START + timedelta(days=3)
    assert status_of(Gathering(event.tree), "Ballroom A", later) == Status(EVACUATED, None)
    event("#nova location Ballroom A")
    assert event("#nova full no") == ["Ballroom A is evacuated; operators end that with ~room ok Ballroom A."]
    assert event("#nova") == ["#nova: nothing now, in Ballroom A (evacuated)."]
    assert event.op("~room ok ballroom  a") == ["Ballroom A is all right again."]
    assert event.op("~room ok Ballroom A") == ["Ballroom A was all right."]
    assert event.edits == ()


@pytest.mark.parametrize(
    ("minutes", "until"), [(0, "10:45"), (45, "12:30"), (300, "Tue 17 Nov 00:00")], ids=["slot", "break", "evening"]
)
def test_between_slots_the_next_one_counts(event: Chat, minutes: int, until: str) -> None:
    event.at = START + timedelta(minutes=minutes)
    assert event.op("~room full Aspen") == [f"Aspen is full until {until}."]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("~room", "Type ~room full, ~room ok or ~room evacuate, and the name of a room."),
        ("~room Aspen full", "Type ~room full, ~room ok or ~room evacuate, and the name of a room."),
        ("~room full", "Which room? Aspen, Ballroom A, Ballroom A-North, Birch-2. Type ~room full and its name."),
        ("~room full Aspn", "There is no room Aspn. Did you mean Aspen?"),
        ("~room full Zzz", "There is no room Zzz."),
    ],
)
def test_unknown_room_or_state_changes_nothing(event: Chat, line: str, answer: str) -> None:
    assert event.op(line) == [answer]
    assert event.edits == ()


def test_only_operators_and_moderators_say_it(event: Chat) -> None:
    assert event("~room full Aspen") != ["Aspen is full until 10:45."]
    event.op("~requirevoice")
    event("#nova full")
    assert event.tree["room_status"] == {}


def test_undo_takes_the_state_back(event: Chat) -> None:
    event("#nova full")
    assert event("#nova undo")[0].startswith("Taken back: “#nova full”")
    assert event.tree["room_status"] == {}


def test_document_holds_it_only_when_needed(event: Chat) -> None:
    assert "room_status" not in to_document(event.tree, START)
    event.op("~room full Aspen")
    document = to_document(event.tree, START)
    assert document["room_status"] == {"Aspen": {"state": FULL, "until": END}}
    assert from_document(json.loads(dump(document))).tree == event.tree


@pytest.mark.parametrize("odd", [{"state": 7, "until": END}, {"state": 1, "until": "soon"}, {"state": 1}])
def test_odd_state_counts_as_all_right(chat: Chat, odd: dict[str, object]) -> None:
    load(chat, room_status={"Aspen": odd})
    assert status_of(Gathering(chat.tree), "Aspen", START) is None


def test_state_of_another_shape_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"room_status\.Aspen"):
        read_partial(json.dumps({**DOCUMENT, "room_status": {"Aspen": "full"}}).encode())
