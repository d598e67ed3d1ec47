"""The script for other people's pages: whole for the sample, harmless for hostile names, bounded."""

from __future__ import annotations

import json
from typing import Any

from ptgbot_site.build.state import State
from ptgbot_site.gathering.embed import FEED, MOST, programme
from tests.site.payloads import PAYLOADS
from tests.site.whole import Whole


def data(files: Any) -> Any:
    """Return the programme in the script."""
    (content,) = (raw.decode() for name, raw in files.items() if name.startswith("_static/"))
    return json.loads(content.partition("const ptgData = ")[2].partition(";\n")[0])


def booked(names: list[str], start: str = "2027-03-01T09:00:00+01:00") -> State:
    row: dict[str, Any] = {"day": "d", "slot": "s", "room": "r", "start": start, "end": "2027-03-01T10:00:00+01:00"}
    state = State()
    state.slices = {
        "gathering.meets": {name: [row] for name in names},
        "gathering.tracks": {name: {} for name in names},
    }
    return state


def test_sample_script_holds_every_booking(harbour: Whole) -> None:
    name = harbour.text("embed.js").partition('new URL("')[2].partition('"')[0]
    found = data({name: (harbour.root / name).read_bytes()})
    assert len(found["rows"]) == harbour.text("ptg.ics").count("BEGIN:VEVENT")
    assert all((harbour.root / page).exists() for page in found["pages"].values())
    assert found["names"]["room"]["harbour hall"] == found["names"]["room"]["harbour-hall"] == "Harbour Hall"


def test_names_of_any_kind_stay_data() -> None:
    files = FEED.make(booked(PAYLOADS))
    assert all(raw.isascii() for raw in files.values())
    assert len(data(files)["rows"]) == len(set(PAYLOADS))
    assert data(FEED.make(booked(["fox"], "never")))["rows"] == []


def test_programme_of_huge_gathering_is_bounded() -> None:
    rows = programme(booked([f"t{number}" for number in range(MOST + 7)]))["rows"]
    assert isinstance(rows, list)
    assert len(rows) == MOST
