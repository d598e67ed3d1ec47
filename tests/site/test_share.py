"""What links to pages show in chats; descriptions and people of tracks; files for search engines."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.site.payloads import PAYLOADS
from tests.site.whole import URL, Whole, of

PLACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def told(site: Whole, name: str) -> dict[str, str]:
    """Return what a page says about itself."""
    metas = [attributes for tag, attributes, _ in site.page(name).elements if tag == "meta"]
    return {one["property"].removeprefix("og:"): one["content"] for one in metas if "property" in one}


@pytest.mark.parametrize(
    ("name", "title", "text"),
    [
        ("index", "Now", "Harbour Gathering 2026, 2026-11-23 – 2026-11-27"),
        ("tracks/newcomers", "newcomers", "Your first gathering? Tours of the building, who is who, and cake."),
        ("tracks/testing", "testing", "Flaky tests: quarantine or repair?"),
        ("rooms/anchor", "Anchor", "First floor, 40 seats"),
        ("schedule/friday", "Friday", "Harbour Gathering 2026, 2026-11-27"),
        ("links", "Links", None),
    ],
)
def test_sample_pages_say_what_they_are_about(harbour: Whole, name: str, title: str, text: str | None) -> None:
    found = told(harbour, name)
    assert (found["title"], found["site_name"], found["type"]) == (title, "Harbour Gathering 2026", "website")
    assert found["url"] == URL + ("" if name == "index" else f"{name}.html")
    assert found.get("description") == text
    image = found["image"].removeprefix(URL)
    assert (harbour.root / image).read_bytes().startswith(b"\x89PNG")


def test_track_page_shows_description_and_people(harbour: Whole) -> None:
    page = harbour.page("tracks/newcomers")
    assert page.texts("ptg-track-about") == ["Your first gathering? Tours of the building, who is who, and cake."]
    assert page.texts("ptg-nick")[:2] == ["mira", "tolva"]
    assert harbour.page("tracks/gpu").texts("ptg-track-about") == []


def test_hostile_descriptions_are_only_text(tmp_path: Path) -> None:
    texts = [text for text in PAYLOADS if not any("\ud800" <= letter <= "\udfff" for letter in text)]
    names = [f"t{number}" for number in range(len(texts))]
    about = dict(zip(names, texts, strict=True))
    document = {"tracks": names, "descriptions": {**about, "ghost": "x"}, "contacts": dict.fromkeys(names, texts)}
    site = of(tmp_path, document)
    for name in names:
        found = told(site, f"tracks/{name}")
        assert len(found.get("description", "")) <= 200
        assert {"image", "url"}.isdisjoint(found)
        assert 'content="<' not in site.text(f"tracks/{name}.html")
    assert not (site.root / "sitemap.xml").exists()
    assert site.text("robots.txt") == "User-agent: *\nAllow: /\n"


def test_sample_sitemap_lists_pages_but_no_screens(harbour: Whole) -> None:
    root = Xml.fromstring(harbour.text("sitemap.xml"))
    found = [entry.findtext(f"{PLACE}loc", "") for entry in root]
    pages = {path.relative_to(harbour.root).as_posix() for path in harbour.root.rglob("*.html")}
    moved = {"ptg.html", "signage.html", "offline.html"}
    wanted = {page for page in pages if not page.startswith("screen/")} - moved
    assert {url.removeprefix(URL) or "index.html" for url in found} == wanted
    assert len(found) == len(set(found)) > 90
    assert root.findtext(f"{PLACE}url/{PLACE}lastmod", "").startswith("2026-11-23T07:41")
    assert harbour.text("robots.txt").endswith(f"Sitemap: {URL}sitemap.xml\n")
