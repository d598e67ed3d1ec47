"""The extension of a feature that is not ours, through the engine's own functions and no file of ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ptgbot_coffee.site.look import PAGES, Pots
from sphinx.errors import ExtensionError

from ptgbot_site.build import api
from ptgbot_site.build.registry import Registry
from tests.site.conftest import SLICES, Site

PROJECT = Path(__file__).parents[2] / "site" / "ptgbot_site" / "project"
COFFEE = "ptgbot_coffee.site"
POTS: dict[str, Any] = {
    "coffee.pots": [
        {"name": "blue", "place": "beside #fox", "until": "2027-03-01T09:00:00+00:00"},
        {"name": "red", "place": "<b>lobby</b>", "until": None},
    ],
    "coffee.pot:blue": {"name": "blue", "place": "beside #fox", "until": "2027-03-01T09:00:00+00:00"},
    "coffee.pot:red": {"name": "red", "place": "<b>lobby</b>", "until": None},
    "core.site": {"url": "", "title": "The canteen", "logo": None, "menu": []},
    "core.commands": [],
    "core.places": [],
}
GATHERING: dict[str, Any] = {
    **SLICES,
    "meets": {},
    "recap": [],
    "changes": [],
    "coming": [],
    "track:fox": {"name": "fox", "now": None, "next": None, "slots": [], "people": []},
    "track:owl": {"name": "owl", "now": None, "next": None, "slots": [], "people": []},
}


def site_of(folder: Path, slices: dict[str, Any], *extensions: str, more: str = "") -> Site:
    """Return the bot's own site with these extensions."""
    shutil.copytree(PROJECT, folder / "src")
    (folder / "src" / "site.json").write_text(json.dumps({"extensions": ["ptgbot_site.core", *extensions]}))
    with (folder / "src" / "conf.py").open("a") as conf:
        conf.write(more)
    return Site(folder, slices)


@pytest.fixture
def alone(tmp_path: Path) -> Site:
    """A site whose only feature is a foreign one."""
    site = site_of(tmp_path, dict(POTS), COFFEE)
    assert site.build()["ok"], site.log.getvalue()
    return site


def test_foreign_feature_alone_has_complete_site(alone: Site) -> None:
    assert alone.page("coffee").texts("coffee-pots") == ["blue beside #fox fresh until 10:00 red <b>lobby</b>"]
    assert {"The canteen", "Overview", "Coffee", "Commands", "Take part"} <= alone.page().links().keys()
    assert alone.page("pots/blue").texts("title")[0] == "blue · The canteen"
    assert alone.page("kettle").elements
    assert not (alone.folder / "html" / "ptg.ics").exists()


def test_collected_page_follows_its_object(alone: Site) -> None:
    left = [row for row in POTS["coffee.pots"] if row["name"] == "red"]
    assert alone.build({"coffee.pots": left, "coffee.pot:blue": None})["ok"]
    html = alone.folder / "html"
    assert not (html / "pots" / "blue.html").exists()
    assert (html / "pots" / "red.html").exists()


def test_feed_is_rewritten_when_its_slice_changes(alone: Site) -> None:
    feed = alone.folder / "html" / "pots.json"
    assert [row["name"] for row in json.loads(feed.read_bytes())] == ["blue", "red"]
    assert alone.page().links()["pots.json"] == "pots.json"
    before = feed.stat().st_mtime_ns
    alone.build({"core.places": [{"network": "n", "room": "r", "url": "", "web": ""}]})
    assert feed.stat().st_mtime_ns == before
    alone.build({"coffee.pots": []})
    assert json.loads(feed.read_bytes()) == []


def test_style_is_limited_to_its_directives_pages(alone: Site) -> None:
    styled = {name for name in ("index", "coffee", "commands", "pots/blue") if "coffee-" in _styles(alone, name)}
    assert styled == {"coffee", "pots/blue"}


def _styles(site: Site, name: str) -> str:
    links = [a["href"] for tag, a, _ in site.page(name).elements if tag == "link" and a.get("rel") == "stylesheet"]
    assert all((site.folder / "html" / name).parent.joinpath(one).is_file() for one in links)
    return " ".join(links)


def test_parts_show_on_foreign_page_and_frame(tmp_path: Path) -> None:
    site = site_of(tmp_path, {**GATHERING, **POTS}, "ptgbot_site.gathering", COFFEE)
    assert site.build()["ok"], site.log.getvalue()
    assert site.page("tracks/fox").texts("ptg-place")[-1] == "blue beside fox fresh until 10:00"
    assert site.page("tracks/owl").texts("ptg-place") == []
    assert site.page("links").texts("coffee-banner") == ["Fresh coffee: blue"]
    assert {"tracks/fox.html", "links.html"} <= set(site.build({"coffee.pots": []})["pages"])
    assert site.page("tracks/fox").texts("ptg-place") == site.page("links").texts("coffee-banner") == []


def test_foreign_name_in_text_becomes_a_badge(tmp_path: Path) -> None:
    site = site_of(tmp_path, {**GATHERING, **POTS}, "ptgbot_site.gathering", COFFEE)
    site.build()
    assert site.page("coffee").links()["fox"] == "tracks/fox.html"
    assert "coffee.html" in site.build({"tracks": {"owl": {}}})["pages"]
    assert "fox" not in site.page("coffee").links()


def test_texts_of_extension_are_translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sphinx.locale.translators", {})
    site = site_of(tmp_path, dict(POTS), COFFEE, more='language = "de"\n')
    assert site.build()["ok"], site.log.getvalue()
    assert site.page("coffee").texts("h1") == ["Kaffee"]
    assert "frisch bis" in site.page("coffee").source


def application() -> Any:
    added: list[str] = []
    return SimpleNamespace(added=added, add_directive_to_domain=lambda _domain, name, *_, **__: added.append(name))


def test_directive_of_two_extensions_is_refused_naming_both(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Registry()
    monkeypatch.setattr(api, "registry", lambda _app: known)
    api.add_directive(application(), Pots)
    other = type("Other", (Pots,), {"__module__": "elsewhere"})
    with pytest.raises(ExtensionError, match=r"ptg:pots is brought by ptgbot_coffee\.site\.look and by elsewhere"):
        api.add_directive(application(), other)
    api.add_directive(application(), Pots)


def test_page_of_two_extensions_is_refused_naming_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = Registry()
    monkeypatch.setattr(api, "registry", lambda _app: known)
    for name in ("one", "two"):
        package = tmp_path / f"brings_{name}"
        (package / "pages").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "pages" / "coffee.rst").touch()
    monkeypatch.syspath_prepend(tmp_path)
    api.add_extension(application(), "brings_one")
    with pytest.raises(ExtensionError, match="the page coffee is brought by brings_one and by brings_two"):
        api.add_extension(application(), "brings_two")
    with pytest.raises(ExtensionError, match="there is no module nowhere"):
        api.add_extension(application(), "nowhere")


def test_a_folder_of_two_collections_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Registry()
    monkeypatch.setattr(api, "registry", lambda _app: known)
    api.add_collection(application(), PAGES)
    with pytest.raises(ExtensionError, match="the folder pots is brought by"):
        api.add_collection(application(), api.Collection("pots", lambda _state: {}, str))
