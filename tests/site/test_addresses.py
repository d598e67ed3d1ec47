"""Addresses are a promise: whoever has one in a bookmark, on a poster or in a calendar finds what was there."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.demo import sample
from ptgbot.feature import load_features
from ptgbot.projection import Projection
from ptgbot.standalone import imported
from ptgbot.store.edits import Json
from tests.site.conftest import Site

PROJECT = Path(__file__).parents[2] / "site" / "ptgbot_site" / "project"

NOW = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)
SITE: Json = {"url": "https://m.example.org/", "title": "", "logo": None, "menu": []}

PROMISED = [
    "index.html",
    "schedule.html",
    "tracks.html",
    "rooms.html",
    "people.html",
    "recap.html",
    "etherpads.html",
    "links.html",
    "commands.html",
    "changes.html",
    "take-part.html",
    "screen/index.html",
    "schedule/monday.html",
    "schedule/friday.html",
    "tracks/storage.html",
    "tracks/storage.ics",
    "screen/ballroom-a.html",
    "recap/2026-11-23.html",
    "ptg.ics",
    "schedule.json",
    "topics.atom",
]
"""Ours. One may be added; none may be taken away or renamed."""

ORIGINAL = {
    "index.html": "index.html",
    "ptg.html": "index.html",
    "etherpads.html": "etherpads.html",
    "signage.html": "screen/index.html",
    "storage.ics": "tracks/storage.ics",
}
"""Those of the original, and where each leads. ``ptg.json`` comes with the release."""


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the sample."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(PROJECT, folder / "src")
    features = load_features()
    standing = imported(features, {}, sample(), NOW)
    projection = Projection(features, {}, {"core.places": [], "core.site": SITE})
    shown = projection.update(standing.state, standing.derived, NOW)
    found = dict(shown.slices)
    found["gathering.recap"] = ["2026-11-23"]
    site = Site(folder, found)
    result = site.build()
    assert result["ok"], result
    return folder / "html"


@pytest.mark.parametrize("name", PROMISED)
def test_every_own_address_exists(html: Path, name: str) -> None:
    assert (html / name).is_file()


@pytest.mark.parametrize(("old", "new"), ORIGINAL.items())
def test_every_original_address_leads_to_its_page(html: Path, old: str, new: str) -> None:
    content = (html / old).read_text()
    moved = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', content)
    assert (moved[1] == new and (html / new).is_file()) if moved else content == (html / new).read_text()


def test_no_link_between_pages_leads_nowhere(html: Path) -> None:
    broken = []
    for page in html.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#:?]+)["#]', page.read_text()):
            if link == "ptg.json" or link.endswith("/ptg.json"):
                continue
            target = (page.parent / link).resolve()
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file() or not target.is_relative_to(html):
                broken.append((page.name, link))
    assert broken == []


def test_the_feeds_are_those_of_the_same_build(html: Path) -> None:
    assert json.loads((html / "schedule.json").read_text())["schedule"]["base_url"] == "https://m.example.org/"
    assert (html / "ptg.ics").read_text().count("BEGIN:VEVENT") > 300
    assert (html / "tracks" / "storage.ics").read_text().count("SUMMARY:storage") > 10
