"""Where the parts of a page lead, and how they are found: badges, signs of meetings, headings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
