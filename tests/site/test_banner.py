"""Danger messages: on every page, without making the pages again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.site.conftest import CONF, Site
from tests.site.test_foreign import GATHERING, site_of

DANGER = {"level": "danger", "message": "Leave by the stairs, see #owl"}
PAGES = ("index", "links", "tracks/fox", "schedule/monday")


def shown(site: Site) -> set[tuple[str, str]]:
    return {(name, text) for name in PAGES for text in site.page(name).texts("ptg-danger")}


def test_danger_message_is_on_every_page(tmp_path: Path) -> None:
    site = site_of(tmp_path, {**GATHERING, "motd": []}, "ptgbot_site.gathering")
    site.build()
    assert shown(site) == set()
    site.build({"motd": [DANGER]})
    assert shown(site) == {(name, "Danger: Leave by the stairs, see owl") for name in PAGES}
    assert site.page("links").links()["owl"] == "tracks/owl.html"
    assert site.page("tracks/fox").links()["owl"] == "owl.html"
    site.build({"motd": []})
    assert shown(site) == set()


def test_danger_message_makes_only_its_pages_again(tmp_path: Path) -> None:
    site = site_of(tmp_path, {**GATHERING, "motd": []}, "ptgbot_site.gathering")
    site.build()
    made: list[str] = []
    assert site.builder._app is not None
    site.builder._app.connect("html-page-context", lambda _app, name, *_: made.append(name))
    told = site.build({"motd": [DANGER]})["pages"]
    assert {"links.html", "tracks/fox.html"} <= set(told)
    assert not {"links", "tracks/fox"} & set(made)


def banner(site: Site, name: str) -> str:
    return site.page(name).source.partition('id="banner"')[2].partition("<!--")[0]


def test_banner_is_the_same_in_a_fresh_build(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    changed = site_of(first, {**GATHERING, "motd": []}, "ptgbot_site.gathering")
    changed.build()
    changed.build({"motd": [DANGER]})
    fresh = site_of(second, {**GATHERING, "motd": [DANGER]}, "ptgbot_site.gathering")
    fresh.build()
    for name in ("links", "tracks/fox"):
        assert banner(changed, name) == banner(fresh, name)


def test_page_of_other_theme_shows_danger_in_place(make_site: Callable[..., Site]) -> None:
    site = make_site(CONF.replace("ptgbot\"\n", "basic\"\n"), index=".. ptg:motd::")
    assert 'html_theme = "basic"' in (site.folder / "src" / "conf.py").read_text()
    assert site.build()["ok"], site.log.getvalue()
    assert site.page().texts("ptg-danger") == ["Danger: Leave the hall now, ask owl."]
