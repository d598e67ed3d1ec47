"""The index of the search: complete for the sample, bounded for years of topics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ptgbot_site.build.state import State
from ptgbot_site.gathering.search import LONGEST, MOST_BYTES, index
from tests.site.payloads import PAYLOADS
from tests.site.whole import Whole


def found(site: Whole, kind: str) -> list[Sequence[str]]:
    return [row[1:] for row in site.json("search.json") if row[0] == kind]


def test_sample_index_holds_everything_that_is_shown(harbour: Whole) -> None:
    tracks = {title: text for title, text, _ in found(harbour, "track")}
    assert len(tracks) == len(list((harbour.root / "tracks").glob("*.html")))
    assert "Snapshots" in tracks["storage"]
    rooms = {title: text for title, text, _ in found(harbour, "room")}
    assert rooms["Lighthouse"].startswith("Fourth floor, stairs only, 24 seats, Stairs beside")
    notes = {title: url for title, _, url in found(harbour, "notes")}
    assert notes["storage"] == "https://etherpad.opendev.org/p/harbour2026-storage"
    assert len(found(harbour, "day")) == 5
    assert len(found(harbour, "topic")) == len(harbour.page("recap").texts("ptg-topic"))
    for row in harbour.json("search.json"):
        assert row[3].startswith("https://") or (harbour.root / row[3]).exists(), row


def test_index_of_long_history_drops_oldest_topics() -> None:
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    state = State()
    state.slices = {"gathering.tracks": {"fox": {}}, "gathering.recap": list(days)}
    for day in days:
        rows: list[Any] = [{"track": "fox", "text": f"{day} {number} " + "x" * 500} for number in range(20)]
        state.slices |= {f"gathering.said:{day}": {"parts": [day]}, f"gathering.part:{day}": rows}
    raw = index(state)["search.json"]
    assert MOST_BYTES * 0.95 < len(raw) <= MOST_BYTES + 10
    made = json.loads(raw)
    assert made[0][1] == "fox"
    assert made[1][2].startswith("2026-12-28 19 ")
    assert max(len(row[2]) for row in made) == LONGEST


def test_index_holds_no_unsafe_address_or_control() -> None:
    state = State()
    state.slices = {
        "gathering.tracks": {text: {"etherpad": text} for text in PAYLOADS},
        "gathering.rooms": {text: {"desc": text} for text in PAYLOADS},
        "gathering.check_ins": [{"nick": text, "location": text} for text in PAYLOADS],
        "gathering.now": {text: {"text": text} for text in PAYLOADS},
        "gathering.next": {text: {"texts": [text]} for text in PAYLOADS},
    }
    for kind, title, text, url in json.loads(index(state)["search.json"]):
        assert url.startswith(("http://", "https://", "mailto:", "tracks/", "rooms/", "people.html")), (kind, url)
        assert not any(ord(letter) < 32 for letter in title + text)
