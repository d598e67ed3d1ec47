"""What a change of the state concerns: the rooms, tracks and days whose slices are made anew."""

from __future__ import annotations

from typing import Any

import pytest

from ptgbot.feature import Look
from ptgbot.gathering import concerns
from ptgbot.gathering.document import from_document
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.store.edits import ABSENT, Edit, Json
from ptgbot.testing import START
from tests.gathering.sample import document

LOOK: Look[GatheringSettings] = Look(from_document(document()).tree, {}, START, GatheringSettings())
EVERYTHING = None
"""Instead of keys: a change that may concern any of them."""


def edit(place: str, was: Any = ABSENT, now: Any = ABSENT) -> Edit:
    return Edit(tuple(place.split("/")), was, now)


def keys(found: concerns.Keys) -> list[str] | None:
    return None if found is None else sorted(found)


@pytest.mark.parametrize(
    ("change", "tracks"),
    [
        (edit("now/nova", "a", "b"), ["nova"]),
        (edit("tracks/nova"), ["nova"]),
        (edit("ptgbot/now_since/nova"), ["nova"]),
        (edit("ptgbot/told/nova"), []),
        (edit("ptgbot"), EVERYTHING),
        (edit("chronicle/tracks/nova/7"), ["nova"]),
        (edit("chronicle/days/nova"), []),
        (edit("last_check_in/mira", ABSENT, {"location": "#nova"}), ["nova"]),
        (edit("last_check_in/mira/location", "#nova", "#swift"), ["nova", "swift"]),
        (edit("last_check_in/mira/location", "bar", None), []),
        (edit("schedule/Aspen/MonA2", "", "nova"), ["", "nova"]),
        (edit("schedule/Aspen/MonA2", "cinder", ABSENT), ["cinder"]),
        (edit("schedule/Aspen/url", "https://a.example", ""), []),
        (edit("schedule/Aspen"), []),
        (edit("schedule"), EVERYTHING),
        (edit("title", "a", "b"), EVERYTHING),
    ],
    ids=str,
)
def test_a_change_is_about_tracks(change: Edit, tracks: list[str] | None) -> None:
    assert keys(concerns.track(LOOK, change)) == tracks


@pytest.mark.parametrize(
    ("change", "rooms"),
    [
        (edit("schedule/Birch-2/TueA2", "", "nova"), ["Aspen", "Ballroom A", "Birch-2"]),
        (edit("schedule/Birch-2/TueA2", "", "swift"), ["Birch-2"]),
        (edit("schedule/Birch-2/TueA2", "nova", ABSENT), ["Aspen", "Ballroom A", "Birch-2"]),
        (edit("schedule/Aspen"), EVERYTHING),
        (edit("schedule/Aspen/desc", "a", "b"), []),
        (edit("schedule"), EVERYTHING),
        (edit("now/nova", "a", "b"), ["Aspen", "Ballroom A"]),
        (edit("now/swift", "a", "b"), []),
        (edit("now"), []),
        (edit("ptgbot/now_since/nova", "a", "b"), ["Aspen", "Ballroom A"]),
        (edit("ptgbot/now_since"), []),
        (edit("ptgbot/told"), EVERYTHING),
        (edit("title", "a", "b"), EVERYTHING),
        (edit("slots/Aspen/MonA2"), EVERYTHING),
        (edit("tracks/Aspen"), EVERYTHING),
    ],
    ids=str,
)
def test_a_change_is_about_rooms(change: Edit, rooms: list[str] | None) -> None:
    assert keys(concerns.room(LOOK, change)) == rooms


@pytest.mark.parametrize(
    ("change", "days"),
    [
        (edit("schedule/Aspen/MonA2", "", "nova"), ["Monday"]),
        (edit("schedule/Birch-2/TueA2", "", "nova"), ["Tuesday"]),
        (edit("schedule/Aspen/Wed1", "", "nova"), []),
        (edit("schedule/Aspen/desc", "a", "b"), []),
        (edit("schedule/Aspen"), EVERYTHING),
        (edit("slots/Monday"), EVERYTHING),
        (edit("ptgbot/Aspen/MonA2", "", "nova"), EVERYTHING),
    ],
    ids=str,
)
def test_a_change_is_about_days(change: Edit, days: list[str] | None) -> None:
    assert keys(concerns.day(LOOK, change)) == days


@pytest.mark.parametrize(
    ("change", "is_booking", "is_room"),
    [
        (edit("schedule/Aspen/MonA2", "", "nova"), True, False),
        (edit("schedule/Aspen/url", "a", "b"), False, True),
        (edit("schedule/Aspen"), False, False),
        (edit("ptgbot/Aspen/MonA2", "", "nova"), False, False),
        (edit("timezone/Aspen/url", "", "nova"), False, False),
        (edit("tracks/Aspen/url", "", "nova"), False, False),
    ],
    ids=str,
)
def test_bookings_are_told_from_rooms(change: Edit, is_booking: bool, is_room: bool) -> None:
    assert concerns.about_rooms(LOOK, change) == (() if is_booking else EVERYTHING)
    assert concerns.bookings_only(LOOK, change) == (() if is_room else EVERYTHING)


DAY: Json = {"parts": {"08:15": {}}, "left": {"23:15": 1}, "kept": 1}


@pytest.mark.parametrize(
    ("change", "days"),
    [
        (edit("chronicle/days/2026-11-16/parts/23:30", ABSENT, {}), ["2026-11-17"]),
        (edit("chronicle/days/2026-11-16/parts/08:15.2", {}, {}), ["2026-11-16"]),
        (edit("chronicle/days/2026-11-16/parts", {"08:15": {}}, {"23:30.2": {}}), ["2026-11-16", "2026-11-17"]),
        (edit("chronicle/days/2026-11-16/left", {"08:15": 1}, ABSENT), ["2026-11-16"]),
        (edit("chronicle/days/2026-11-16/left/23:15", 1, 2), ["2026-11-17"]),
        (edit("chronicle/days/2026-11-16/left/22:45", 1, 2), ["2026-11-16"]),
        (edit("chronicle/days/2026-11-16", ABSENT, DAY), ["2026-11-16", "2026-11-17"]),
        (edit("chronicle/days/2026-11-16/kept", 1, 2), []),
        (edit("chronicle/days"), EVERYTHING),
        (edit("timezone", "UTC", "Europe/Berlin"), EVERYTHING),
    ],
    ids=str,
)
def test_a_topic_is_about_its_local_day(change: Edit, days: list[str] | None) -> None:
    assert keys(concerns.said(LOOK, change)) == days


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (edit("chronicle/days/2026-11-16/parts/08:15.2", {}, {}), ["2026-11-16T08:15.2"]),
        (edit("chronicle/days/2026-11-16/left/08:15", 1, 2), []),
        (edit("chronicle/days/2026-11-16/kept", 1, 2), []),
        (edit("chronicle/days/2026-11-16/parts"), EVERYTHING),
        (edit("chronicle/days/2026-11-16"), EVERYTHING),
    ],
    ids=str,
)
def test_a_topic_is_about_its_part(change: Edit, parts: list[str] | None) -> None:
    assert keys(concerns.part(LOOK, change)) == parts


def test_topics_are_about_their_track() -> None:
    assert keys(concerns.topics(LOOK, edit("chronicle/tracks/nova/7"))) == ["nova"]
    assert keys(concerns.topics(LOOK, edit("tracks/nova"))) == ["nova"]


@pytest.mark.parametrize(
    ("change", "rooms"),
    [
        (edit("schedule/Birch-2/TueA2", "", "nova"), ["Birch-2"]),
        (edit("schedule/Birch-2/place", "", "Upstairs"), []),
        (edit("schedule/Birch-2"), ["Birch-2"]),
        (edit("schedule"), EVERYTHING),
        (edit("dates/Monday", "", "2026-11-16"), EVERYTHING),
    ],
    ids=str,
)
def test_a_change_is_about_programmes_of_rooms(change: Edit, rooms: list[str] | None) -> None:
    assert keys(concerns.programme(LOOK, change)) == rooms
