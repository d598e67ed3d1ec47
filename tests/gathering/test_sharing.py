from __future__ import annotations

import json
from typing import Any

import pytest

from ptgbot.gathering.document import dump, from_document, read_partial, to_document
from ptgbot.gathering.model import Gathering
from ptgbot.store.export import Unreadable
from ptgbot.testing import START, Chat
from tests.gathering.sample import DOCUMENT, load
from tests.projected import projected, short

ROOMS: dict[str, Any] = {**DOCUMENT["schedule"], "Aspen": {**DOCUMENT["schedule"]["Aspen"], "shared": True}}


@pytest.fixture
def shared(chat: Chat) -> Chat:
    """A gathering in which Aspen is shared, and booked by nova in MonA1."""
    return load(chat, schedule=ROOMS)


def held(chat: Chat) -> list[tuple[str, str]]:
    return [(slot, track) for room, slot, track in Gathering(chat.tree).booked() if room == "Aspen"]


def test_shared_room_takes_several_bookings(shared: Chat) -> None:
    told = ["Aspen-MonA1 is booked for #swift, together with #nova."]
    assert shared("#swift book Aspen-MonA1") == told
    assert shared("#swift book Aspen-MonA1") == ["#swift has Aspen-MonA1 already."]
    told = ["Aspen-MonA1 is booked for #cinder, together with #nova and #swift."]
    assert shared("#cinder book Aspen-MonA1") == told
    assert held(shared) == [("MonA1", "nova"), ("MonA1", "swift"), ("MonA1", "cinder"), ("Mon-P1", "cinder")]
    assert shared("#swift") == ["#swift: nothing now, in Aspen."]


def test_other_rooms_take_one_booking(event: Chat) -> None:
    assert event("#swift book Aspen-MonA1")[0].startswith("Aspen-MonA1 is taken by #nova.")


def test_first_track_leaves_the_slot_to_others(shared: Chat) -> None:
    shared("#swift book Aspen-MonA1")
    shared("#cinder book Aspen-MonA1")
    assert shared("#nova unbook Aspen-MonA1") == ["#nova has given back Aspen-MonA1; #swift and #cinder keep it."]
    assert held(shared)[:2] == [("MonA1", "swift"), ("MonA1", "cinder")]
    assert shared("#cinder unbook Aspen-MonA1") == ["#cinder has given back Aspen-MonA1; #swift keeps it."]
    assert shared("#swift unbook Aspen-MonA1") == ["Aspen-MonA1 is free again."]
    assert held(shared) == [("Mon-P1", "cinder")]
    assert shared.tree["shared_bookings"] == {}


def test_undo_brings_back_every_booking(shared: Chat) -> None:
    shared("#swift book Aspen-MonA1")
    before = held(shared)
    shared("#nova unbook Aspen-MonA1")
    assert shared("#nova undo")[0].startswith("Taken back")
    assert held(shared) == before


def test_document_keeps_first_booking_where_it_was(shared: Chat) -> None:
    assert "shared_bookings" not in to_document(shared.tree, START)
    shared("#swift book Aspen-MonA1")
    document = to_document(shared.tree, START)
    assert document["schedule"]["Aspen"] == ROOMS["Aspen"]
    assert document["shared_bookings"] == {"Aspen": {"MonA1": ["swift"]}}
    assert from_document(json.loads(dump(document))).tree == shared.tree


@pytest.mark.parametrize("odd", ["yes", 1, None])
def test_odd_switch_is_refused(odd: object) -> None:
    rooms = {"Aspen": {"shared": odd}}
    with pytest.raises(Unreadable, match=r"schedule\.Aspen\.shared: expected true or false"):
        read_partial(json.dumps({"schedule": rooms}).encode())


def test_pages_are_told_of_every_track(shared: Chat) -> None:
    shared("#swift book Aspen-MonA1")
    found: Any = short(projected(shared.tree, START).slices)
    assert found["schedule:Monday"]["Aspen"]["MonA1"] == "nova + swift"
    assert found["room:Aspen"]["slots"][0]["track"] == "nova + swift"
    assert [row["track"] for row in found["coming"]] == ["nova", "swift"]
    assert [row["room"] for row in found["meets"]["swift"]] == ["Aspen"]
    assert [row["room"] for row in found["track:swift"]["slots"]] == ["Aspen"]


def test_rooms_are_answered_with_every_track(shared: Chat) -> None:
    shared("#swift book Aspen-MonA1")
    assert "Aspen (#nova and #swift now)" in shared("+rooms")[0]
