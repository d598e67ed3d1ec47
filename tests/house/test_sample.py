"""base.json is as large as a real gathering, complete, and nobody's real data."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from coloraide import Color

from ptgbot.gathering.document import SPARSE
from ptgbot.gathering.model import LEVELS, ROOM_INFO, TRACK_NAME, empty
from ptgbot.gathering.shape import check, decode

FILE = Path(__file__).parents[2] / "base.json"


@pytest.fixture(scope="module")
def raw() -> str:
    return FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def gathering(raw: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(raw)
    return found


@pytest.fixture(scope="module")
def slots(gathering: dict[str, Any]) -> list[str]:
    return [slot["name"] for day in gathering["slots"].values() for slot in day]


def test_sample_has_the_shape_of_every_document(raw: str) -> None:
    assert check(decode(raw.encode()))


def test_sample_has_every_key(gathering: dict[str, Any]) -> None:
    assert {*gathering, *SPARSE} == {*empty(), "timestamp"}


def test_sample_is_formatted_as_json_dump(raw: str, gathering: dict[str, Any]) -> None:
    assert raw == json.dumps(gathering, indent=2, ensure_ascii=False) + "\n"


def test_sample_has_size_of_real_gathering(gathering: dict[str, Any]) -> None:
    assert len(gathering["tracks"]) >= 40
    assert len(gathering["schedule"]) == 25
    assert len(gathering["slots"]) == 5
    assert all(4 <= len(day) <= 5 for day in gathering["slots"].values())


def test_tracks_are_names_that_could_have_been_added(gathering: dict[str, Any]) -> None:
    tracks = gathering["tracks"]
    assert tracks == sorted(set(tracks))
    assert [track for track in tracks if not TRACK_NAME.fullmatch(track)] == []


@pytest.mark.parametrize("key", ["now", "next", "location", "etherpads", "urls", "colors"])
def test_every_reference_names_a_known_track(gathering: dict[str, Any], key: str) -> None:
    assert set(gathering[key]) <= set(gathering["tracks"])


def test_rooms_name_slots_and_tracks_that_exist(gathering: dict[str, Any], slots: list[str]) -> None:
    for room in gathering["schedule"].values():
        cells = {key: track for key, track in room.items() if key not in ROOM_INFO}
        assert set(cells) <= set(slots)
        assert set(cells.values()) <= {"", *gathering["tracks"]}


def test_some_slots_are_booked_some_free_some_closed(gathering: dict[str, Any], slots: list[str]) -> None:
    cells = [room.get(slot) for room in gathering["schedule"].values() for slot in slots]
    assert cells.count(None) > 20
    assert cells.count("") > 50
    assert sum(1 for cell in cells if cell) > 200


def test_nobody_is_in_two_rooms_at_once(gathering: dict[str, Any], slots: list[str]) -> None:
    for slot in slots:
        here = [track for room in gathering["schedule"].values() if (track := room.get(slot))]
        assert len(here) == len(set(here)), slot


def test_names_of_rooms_have_blanks_and_a_hyphen(gathering: dict[str, Any]) -> None:
    assert any(" " in room for room in gathering["schedule"])
    assert any("-" in room for room in gathering["schedule"])


def test_times_agree_with_each_other_and_dates(gathering: dict[str, Any]) -> None:
    zone = ZoneInfo(gathering["timezone"])
    for day, slots in gathering["slots"].items():
        for slot in slots:
            begin = datetime.fromisoformat(slot["realtime"])
            end = begin + timedelta(minutes=slot["duration"])
            assert begin.utcoffset() == begin.astimezone(zone).utcoffset()
            assert begin.date().isoformat() == gathering["dates"][day]
            assert f"{begin:%A}" == day
            assert slot["desc"] == f"{begin:%H:%M}-{end:%H:%M}"


def test_colours_are_valid_css(gathering: dict[str, Any]) -> None:
    assert [color for color in gathering["colors"].values() if not Color.match(color, fullmatch=True)] == []


def test_messages_of_the_day_have_levels(gathering: dict[str, Any]) -> None:
    assert {item["level"] for item in gathering["motd"]} <= set(LEVELS)


def test_links_lead_to_example_domains(raw: str) -> None:
    hosts = re.findall(r'(?:https?://|mailto:[^@"]+@)([^/"\s]+)', raw)
    assert hosts
    assert [host for host in hosts if not re.fullmatch(r"(.+\.)?example\.(org|net)", host)] == []
