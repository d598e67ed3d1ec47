"""What pages are given: nothing that must not be shown, and each thing where it is looked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ptgbot.gathering.colors import own_color
from ptgbot.gathering.document import from_document
from ptgbot.store.edits import Json
from ptgbot.testing import START, Chat
from tests.gathering.sample import document, load
from tests.projected import projected, short


def shown(hours: float = 0, **changes: Any) -> dict[str, Json]:
    return short(projected(from_document(document(**changes)).tree, START + timedelta(hours=hours)).slices)


def test_event_slice_has_title_and_today() -> None:
    found = shown()
    assert found["event"] == {"id": "spring26", "title": "Spring Gathering", "timezone": "Europe/Berlin"}
    assert (found["today"], found["current"]) == ("Monday", ["MonA1"])
    assert (shown(1)["current"], shown(24)["today"]) == (["MonA2"], "Tuesday")


def test_schedule_has_only_slots_of_its_day() -> None:
    assert shown()["schedule:Tuesday"] == {
        "Aspen": {"TueA1": ""},
        "Ballroom A": {"TueA1": "nova"},
        "Ballroom A-North": {"TueA1": ""},
        "Birch-2": {"TueA2": ""},
    }


def test_room_slice_has_descriptions() -> None:
    rooms = shown()["rooms"]
    assert isinstance(rooms, dict)
    assert rooms["Aspen"] == {
        "url": "https://meet.example.org/aspen",
        "desc": "Ground floor",
        "cap_icon": None,
        "cap_desc": None,
        "place": None,
        "map": None,
    }


def test_full_room_is_shown_until_its_slot_ends(chat: Chat) -> None:
    load(chat)
    chat.op("~room full Aspen")
    looked = projected(chat.tree, START)
    rooms: Any = short(looked.slices)["rooms"]
    assert (rooms["Aspen"]["state"], "state" in rooms["Birch-2"]) == (1, False)
    assert looked.until
    later: Any = short(projected(chat.tree, looked.until).slices)["rooms"]
    assert "state" not in later["Aspen"]


OWN = {"color": own_color("nova"), "ink": "#000000"}
"""What a track looks like that was given no colour."""


@pytest.mark.parametrize(
    ("changes", "track"),
    [
        ({}, {**OWN, "url": None}),
        ({"colors": {"nova": "#fff"}}, {"color": "#ffffff", "ink": "#000000", "url": None}),
        ({"colors": {"nova": "red;x"}, "urls": {"nova": "javascript:x"}}, {**OWN, "url": None}),
        ({"urls": {"nova": "https://u.example"}}, {**OWN, "url": "https://u.example"}),
        ({"etherpads": {"nova": "javascript:x"}}, {**OWN, "url": None}),
    ],
)
def test_a_track_shows_only_what_is_safe(changes: dict[str, Any], track: dict[str, Json]) -> None:
    tracks = shown(**changes)["tracks"]
    assert isinstance(tracks, dict)
    assert tracks["nova"] == {**track, "etherpad": "https://etherpad.opendev.org/p/spring26-nova"}


def test_links_and_messages_show_only_what_is_safe() -> None:
    found = shown(links={"Map": "https://m.example", "Bad": "javascript:x"}, motd=[{"level": "odd", "message": "<b>"}])
    assert found["links"] == {"Map": "https://m.example"}
    assert found["motd"] == [{"level": "info", "message": "<b>"}]


def test_topics_come_with_time_and_place(chat: Chat) -> None:
    load(chat)
    chat("#nova now cells")
    chat("#swift next rings")
    found = short(projected(chat.tree, START).slices)
    assert found["now"] == {
        "nova": {"text": "cells", "since": "2026-11-16T09:06:00+00:00", "over": None, "location": "Aspen", "by": ""}
    }
    assert found["next"] == {"swift": {"texts": ["rings"], "location": None}}


def test_check_in_is_shown_until_it_expires(chat: Chat) -> None:
    load(chat)
    chat("+in #nova", by="vera")
    chat("+in bar", by="Mira")
    chat("+in bar", by="left")
    chat("+out", by="left")
    people = [
        {"nick": "Mira", "location": "bar", "since": "2026-11-16T09:07:00+00:00"},
        {"nick": "vera", "location": "#nova", "since": "2026-11-16T09:06:00+00:00"},
    ]
    for hours, expected in ((0.1, people), (12.02, people[:1]), (12.04, [])):
        at = START + timedelta(hours=hours)
        assert short(projected(chat.tree, at).slices)["check_ins"] == expected


def test_nothing_private_is_in_a_slice() -> None:
    found = shown(subscriptions={"mira": "secret"}, ptgbot={"moderators": {"secret": []}})
    assert "secret" not in repr(found)
