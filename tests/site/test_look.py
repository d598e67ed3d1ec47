"""Where the parts of a page lead, and how they are found: badges, signs of meetings, headings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ptgbot_site.build.nodes import is_right_to_left
from tests.site.test_foreign import GATHERING, site_of


def test_badge_leads_to_track_and_sign_to_meeting(tmp_path: Path) -> None:
    site = site_of(tmp_path, GATHERING, "ptgbot_site.gathering")
    assert site.build()["ok"], site.log.getvalue()
    links = site.page().links()
    assert (links["fox"], links["Join fox"]) == ("tracks/fox.html", "https://call.example.org/fox")


def test_cards_and_rooms_have_headings(shown: Callable[..., Any]) -> None:
    page = shown(".. ptg:now::\n\n.. ptg:next::\n\n.. ptg:rooms::", motd=[])
    heads = [(given["aria-level"], text) for _, given, text in page.elements if given.get("role") == "heading"]
    assert heads == [("2", "fox"), ("3", "owl"), ("2", "Barn"), ("2", "Loft")]


def test_rooms_say_which_day_they_show(shown: Callable[..., Any]) -> None:
    assert shown(".. ptg:rooms::", date="2027-02-28").texts("ptg-which") == ["Monday 1 March, tomorrow"]


def test_week_shows_all_days_side_by_side(shown: Callable[..., Any]) -> None:
    page = shown(".. ptg:week::")
    cells = [(given.get("colspan"), text) for tag, given, text in page.elements if tag in {"th", "td"}]
    assert cells == [
        (None, "Day"),
        ("2", "Monday 1 March"),
        (None, "Tuesday 2 March"),
        (None, "Room"),
        (None, "09:00–10:30"),
        (None, "MonB"),
        (None, "TueA"),
        (None, "Barn"),
        (None, "fox"),
        (None, "free"),
        (None, "lynx"),
        (None, "Loft"),
        (None, "owl"),
        (None, "closed"),
        (None, "closed"),
    ]


def test_page_head_tells_the_dates(shown: Callable[..., Any]) -> None:
    page = shown("Words.")
    assert next(text for _, given, text in page.elements if given.get("id") == "when") == "1 Mar – 2 Mar 2027"


HOURS = {"start": "2027-03-01T09:00+01:00", "end": "2027-03-01T10:30+01:00"}
BOOKED = {"day": "Monday", "slot": "MonA", "room": "Loft", **HOURS}


def test_track_in_list_takes_few_elements(shown: Callable[..., Any]) -> None:
    """A page of 2,000 tracks is read in time on a slow phone only if an item has few elements."""
    tracks = {name: {"url": "https://call.example.org/"} for name in ("fox", "füchse")}
    page = shown(".. ptg:tracks::", tracks=tracks, meets={name: [BOOKED] for name in tracks})
    row = (
        '<li data-track="fox"><a class="ptg-badge" href="https://call.example.org/">fox</a> '
        '<span class="ptg-meets">Mon <time data-end="2027-03-01T10:30+01:00" datetime="2027-03-01T09:00+01:00">'
        '09:00–10:30</time> <bdi class="ptg-place">Loft</bdi></span> '
        '<a class="ptg-ways" href="https://call.example.org/">Meeting</a></li>'
    )
    assert [line for line in page.source.splitlines() if 'data-track="fox"' in line] == [row]
    assert 'dir="auto"' in page.source.partition('data-track="füchse"')[2]


def test_right_to_left_languages_are_known() -> None:
    assert [is_right_to_left(language) for language in ("en", "he", "ar_EG", "xx")] == [False, True, True, False]
