"""Pages of which there is one for each track and day; pieces that are remembered between builds."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.site.conftest import CONF

Make = Callable[..., Any]
EACH = CONF + 'ptg_stubs = ["tracks", "schedule", "recap", "screen"]\nhtml_use_index = False\n'


@pytest.fixture
def site(make_site: Make) -> Any:
    made = make_site(EACH, index=".. ptg:now::\n\n.. ptg:next::", tracks=".. ptg:tracks::", days=".. ptg:days::")
    made.slices |= {
        "meets": {"fox": [_slot("MonA", "Barn", "09:00", "10:30")], "owl": []},
        "track:fox": {
            "name": "fox",
            "now": made.slices["now"]["fox"],
            "next": {"texts": ["Tails"], "location": None},
            "slots": [_slot("MonA", "Barn", "09:00", "10:30")],
            "people": made.slices["check_ins"],
        },
        "track:owl": {"name": "owl", "now": None, "next": None, "slots": [], "people": []},
        "topics:fox": [{"at": "2027-03-01T08:05:00+00:00", "track": "fox", "text": "Dens", "by": "edda"}],
        "recap": ["2027-03-01"],
        "said:2027-03-01": {"parts": ["morning"], "left": 3},
        "part:morning": [{"at": "2027-03-01T08:05:00+00:00", "track": "fox", "text": "Dens", "by": "edda"}],
        "changes": [],
    }
    return made


def _slot(slot: str, room: str, start: str, end: str) -> dict[str, str]:
    day = "2027-03-01T"
    return {"day": "Monday", "slot": slot, "room": room, "start": f"{day}{start}+01:00", "end": f"{day}{end}+01:00"}


def test_each_track_and_day_has_a_page(site: Any) -> None:
    result = site.build()
    assert result["ok"], result
    pages = result["pages"]
    assert {"tracks/fox.html", "tracks/owl.html", "schedule/monday.html", "schedule/tuesday.html"} <= set(pages)


def test_a_day_page_marks_its_own_day(site: Any) -> None:
    site.build()
    page = site.page("schedule/monday")
    assert (page.texts("ptg-here"), [*page.links()].count("Tuesday 2 Mar")) == (["Monday 1 Mar"], 1)
    assert site.page("recap/2027-03-01").texts("ptg-here") == ["1 Mar"]
    assert site.page("recap/2027-03-01").texts("ptg-topic") == ["Dens"]


def test_track_page_tells_everything_about_it(site: Any) -> None:
    site.build()
    page = site.page("tracks/fox")
    assert page.texts("h1") == ["fox"]
    assert page.texts("h2") == ["Next", "Slots", "Who is there", "What was discussed"]
    assert page.texts("title")[0] == "fox · Meadow 2027"
    assert page.links()["Join the meeting"] == "https://call.example.org/fox"
    assert page.links()["Calendar"] == "../tracks/fox.ics"
    assert page.texts("ptg-slots") == ["09:00–10:30 MonA Barn"]


def test_empty_track_page_says_so(site: Any) -> None:
    site.build()
    assert site.page("tracks/owl").texts("ptg-nothing") == ["No topic is set at the moment.", "No slot is booked."]


def test_track_change_rewrites_only_its_page(site: Any) -> None:
    site.build()
    fox = {**site.slices["track:fox"], "now": None}
    assert site.build({"track:fox": fox})["pages"] == ["tracks/fox.html"]
    assert site.build({"topics:owl": site.slices["topics:fox"]})["pages"] == ["tracks/owl.html"]


def test_removed_track_loses_its_page(site: Any) -> None:
    site.build()
    tracks = {"fox": site.slices["tracks"]["fox"]}
    site.build({"tracks": tracks, "track:owl": None})
    html = site.folder / "html"
    assert not (html / "tracks" / "owl.html").exists()
    assert (html / "tracks" / "fox.html").exists()
    assert "tracks/owl" not in (html / "tracks.html").read_text()


def test_new_track_has_page_and_links(site: Any) -> None:
    site.build()
    assert "tracks/lynx.html" in site.build({"tracks": {**site.slices["tracks"], "lynx": {}}})["pages"]
    assert site.page("tracks").links()["lynx"] == "tracks/lynx.html"


def test_names_never_lead_out_of_the_folder(site: Any) -> None:
    odd: dict[str, Any] = {
        name: {} for name in ("../../x", "a/b", "..", "con", "index", "x\x00y", "<b>", "..\\x", "Ä" * 300)
    }
    result = site.build({"tracks": odd, "rooms": odd, "schedule:Monday": {}})
    assert result["ok"], result
    html: Path = site.folder / "html"
    made = {path.relative_to(html).as_posix() for path in html.rglob("*.html")}
    assert {
        name for name in made if "/" in name and not name.startswith(("tracks/", "schedule/", "recap/", "screen/"))
    } == set()
    assert all("<b>" not in (html / name).read_text() for name in made)


def test_links_to_days_mark_today(site: Any) -> None:
    site.build()
    links = site.page("days").links()
    assert links["Monday 1 Mar"] == "schedule/monday.html"
    assert links["Tuesday 2 Mar"] == "schedule/tuesday.html"
    assert site.page("days").texts("ptg-today") == ["Monday 1 Mar"]


CHANGES: list[dict[str, Any]] = [
    {"now": {"fox": {"text": "Other", "since": None, "location": None, "by": "mira"}}},
    {"now": {}},
    {"coming": [{"track": "fox", "room": "Barn", "day": "Monday", "slot": "MonA", "start": None, "end": None}]},
    {"schedule:Monday": {"Barn": {"MonA": "", "MonB": "owl"}, "Loft": {"MonA": "fox"}}},
    {"current": []},
    {"today": "Tuesday"},
    {"tracks": {"fox": {"color": "#445566", "ink": "#ffffff", "url": None, "etherpad": None}}},
    {"rooms": {"Barn": {"url": None, "desc": "moved", "cap_icon": None, "cap_desc": None}}},
    {"next": {"fox": {"texts": ["b", "a"], "location": "Barn"}}},
]


def test_pages_of_remembered_pieces_equal_pages_made_anew(site: Any, tmp_path: Path) -> None:
    """Whatever changes, what stands on a page does not depend on what was built before."""
    from ptgbot_site.build.fragments import Fragments

    site.build()
    shown = copy.deepcopy(site.slices)
    for number, change in enumerate(CHANGES):
        shown |= change
        site.build(change)
        before = {path: path.read_text() for path in (site.folder / "html").rglob("*.html")}
        site.builder._app.env.domains["ptg"].fragments = Fragments()
        for ledger in (site.folder / "doctrees").glob("ptg-pages-*"):
            ledger.write_text(json.dumps({}))
        site.minute -= 1
        result = site.build({})
        assert result["ok"]
        for path, text in before.items():
            assert _undated(path.read_text()) == _undated(text), (number, path)


def test_remembered_pieces_are_bounded_by_what_they_take() -> None:
    from ptgbot_site.build.fragments import Fragments

    pieces = Fragments(most=10)
    for key, html in (("a", "1234"), ("b", "1234"), ("a", "12345"), ("b", "12345"), ("a", "12345")):
        pieces.put(key, html)
    assert (pieces.get("a"), pieces.get("b")) == ("12345", "12345")
    assert pieces.get("a")
    pieces.put("c", "1")
    assert (pieces.get("a"), pieces.get("b"), pieces.get("c")) == ("12345", None, "1")
    pieces.put("d", "12345678901")
    assert pieces.get("d") is None


def test_piece_is_forgotten_when_no_page_shows_it() -> None:
    from ptgbot_site.build.fragments import Fragments

    pieces = Fragments()

    def write(page: str, *keys: str) -> None:
        for key in keys:
            if pieces.of_page(page).get(key) is None:
                pieces.of_page(page).put(key, f"<{key}>")

    def remembered() -> str:
        return "".join(key for key in "abcd" if pieces.get(key))

    write("one", "a", "b")
    write("two", "b", "c")
    pieces.settle({"one", "two"})
    assert remembered() == "abc"
    write("one", "d")
    pieces.settle({"one", "two"})
    assert remembered() == "bcd"
    write("two", "c")
    pieces.settle({"one", "two"})
    assert remembered() == "cd"
    pieces.settle({"one"})
    assert remembered() == "d"


def _undated(text: str) -> list[str]:
    return [line for line in text.splitlines() if "<time" not in line or "last changed" not in line]


def test_badge_leads_to_meeting_without_stubs(make_site: Make) -> None:
    """A track without a meeting has no link."""
    site = make_site(index=".. ptg:tracks::\n\n.. ptg:track:: fox\n\n.. ptg:track:: lynx\n\n.. ptg:days::")
    assert site.build()["ok"]
    assert site.page().links()["fox"] == "https://call.example.org/fox"
    assert "There is no track lynx in this gathering." in site.page().texts("ptg-nothing")
