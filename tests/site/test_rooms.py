"""The page of each room, and the calendars of rooms and days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from icalendar import Calendar

from tests.site.payloads import PAYLOADS
from tests.site.whole import Whole, of


def events(raw: str) -> Sequence[Any]:
    return Calendar.from_ical(raw).walk("VEVENT")


def uids(site: Whole, name: str) -> set[str]:
    return {str(event["UID"]) for event in events(site.text(name))}


def test_sample_room_page_shows_its_whole_programme(harbour: Whole) -> None:
    page = harbour.page("rooms/lighthouse")
    assert page.texts("h1") == ["Lighthouse"]
    assert page.texts("h2") == [f"{day} {number} Nov" for number, day in enumerate(WEEK, 23)]
    assert page.texts("ptg-room-place") == ["Stairs beside the cloakroom, then the last door on the fourth floor."]
    assert page.links()["Map"] == "https://harbour.example.org/floor-plan#lighthouse"
    assert page.links()["Calendar"] == "../rooms/lighthouse.ics"
    assert page.links()["Door sign"] == "../screen/lighthouse.html"
    slots = page.texts("ptg-slots")
    assert (len(slots), slots[0].startswith("09:00–10:45 MonA1")) == (5, True)
    assert "free Lighthouse-MonA2" in " ".join(slots)


WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def test_rooms_page_leads_to_each_room(harbour: Whole) -> None:
    source = harbour.text("rooms.html")
    led = set(re.findall(r'href="(rooms/[^"]+\.html)"', source))
    assert led == {f"rooms/{path.name}" for path in (harbour.root / "rooms").glob("*.html")}
    assert len(led) == 25


def test_calendars_share_identifiers_of_bookings(harbour: Whole) -> None:
    whole = uids(harbour, "ptg.ics")
    for folder in ("rooms", "schedule", "tracks"):
        parts = [uids(harbour, f"{folder}/{path.name}") for path in (harbour.root / folder).glob("*.ics")]
        assert set().union(*parts) == whole, folder
        assert sum(map(len, parts)) == len(whole), folder


def test_calendar_of_day_holds_only_that_day(harbour: Whole) -> None:
    found = events(harbour.text("schedule/tuesday.ics"))
    assert {event["DTSTART"].dt.date().isoformat() for event in found} == {"2026-11-24"}
    assert harbour.page("schedule/tuesday").links()["Calendar of this day"] == "../schedule/tuesday.ics"


def test_hostile_and_many_rooms_have_pages(tmp_path: Path) -> None:
    names = [text for text in PAYLOADS if not re.search("[\ud800-\udfff]", text)]
    names += [f"Room {number}" for number in range(150)]
    about = {"place": PAYLOADS[1], "map": "javascript:alert(1)", "A": "nova", "B": "", "late": "ghost"}
    slots = {"Day one": [{"name": "A", "desc": "25:99"}, {"name": "B", "desc": "09:00"}], "Day two": []}
    site = of(tmp_path, {"tracks": ["nova"], "slots": slots, "schedule": dict.fromkeys(names, about)})
    pages = list((site.root / "rooms").glob("*.html"))
    assert len(pages) == len(set(names))
    page = site.page("rooms/room-7")
    assert page.texts("ptg-room-place") == [PAYLOADS[1]]
    assert "Map" not in page.links()
    assert page.texts("ptg-slots") == ["A nova B free Room 7-B"]


def test_booking_writes_only_pages_of_its_room(make_site: Any) -> None:
    conf = 'project = "Test"\nextensions = ["ptgbot_site"]\nhtml_theme = "ptgbot"\nptg_stubs = ["rooms"]\n'
    site = make_site(conf, index=".. ptg:rooms::")
    row = {"day": "Monday", "slot": "MonA", "start": None, "end": None, "track": "fox"}
    site.slices |= {"programme:Barn": [row], "programme:Loft": []}
    assert "rooms/loft.html" in site.build()["pages"]
    assert site.page("rooms/loft").texts("ptg-nothing") == ["This room is not open."]
    assert site.build({"programme:Barn": [{**row, "track": "owl"}]})["pages"] == ["rooms/barn.html"]
    assert site.page("rooms/barn").texts("ptg-slots") == ["MonA owl"]
