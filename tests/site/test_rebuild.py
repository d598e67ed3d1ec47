"""Many builds by one application: no page shows a former state, no page is written that did not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ptgbot_site.gathering.directives.now import Now

Make = Callable[..., Any]


def pages(site: Any, changed: dict[str, Any]) -> list[str]:
    result = site.build(changed)
    assert result["ok"], result
    return list(result["pages"])


def others(site: Any, changed: dict[str, Any]) -> list[str]:
    """Sphinx writes a page that lists others along with them."""
    return [page for page in pages(site, changed) if page != "index.html"]


def test_the_first_build_writes_every_page(make_site: Make) -> None:
    site = make_site(index=".. ptg:motd::", other=".. ptg:now::")
    assert site.build()["pages"] == ["index.html", "other.html"]


def test_only_pages_whose_slice_changed_are_written(make_site: Make) -> None:
    site = make_site(
        index="Words.",
        motd=".. ptg:motd::",
        now=".. ptg:now::",
        monday=".. ptg:schedule:: Monday",
        all=".. ptg:schedule::",
        today=".. ptg:schedule::\n   :today:",
        plain="Words.",
        role=":ptg:track:`fox`",
        web=".. only:: html\n\n   .. ptg:schedule:: Monday\n\n.. only:: latex\n\n   .. ptg:schedule::\n",
    )
    # A danger message is in the banner of every page.
    site.slices["motd"] = site.slices["motd"][:1]
    site.build()
    assert pages(site, {}) == []
    assert others(site, {"motd": []}) == ["motd.html"]
    assert others(site, {"now": {}}) == ["now.html"]
    assert others(site, {"schedule:Tuesday": {"Barn": {"TueA": "owl"}}}) == ["all.html"]
    assert others(site, {"schedule:Monday": {"Barn": {"MonA": "owl"}}}) == [
        "all.html",
        "monday.html",
        "today.html",
        "web.html",
    ]
    assert others(site, {"today": "Tuesday"}) == ["all.html", "monday.html", "today.html", "web.html"]
    assert others(site, {"schedule:Tuesday": {}}) == ["all.html", "today.html"]
    assert "plain.html" not in others(site, {"tracks": {}})
    assert len(others(site, {"event": {"title": "Other"}})) == 8


def test_the_order_of_rooms_counts(make_site: Make) -> None:
    site = make_site(index=".. ptg:schedule:: Monday")
    site.build()
    rooms = dict(reversed(site.slices["rooms"].items()))
    assert pages(site, {"rooms": rooms}) == ["index.html"]
    assert [text.split()[0] for text in site.page().texts("th")[3:]] == ["Loft", "Barn"]


def test_later_builds_never_restore_old_state(make_site: Make) -> None:
    site = make_site(index=".. ptg:motd::\n\n.. ptg:now::", track=":ptg:track:`fox`")
    site.build()
    site.build({"motd": [{"level": "info", "message": "second"}]})
    site.build({"now": {"owl": {"text": "hunting", "since": None, "location": None}}})
    assert site.page().texts("ptg-info") == ["second"]
    assert site.page().texts("ptg-topic") == ["hunting"]
    site.build({"motd": [{"level": "info", "message": "third"}]})
    assert site.page().texts("ptg-info") == ["third"]
    assert site.page().texts("ptg-topic") == ["hunting"]
    tracks = {"owl": site.slices["tracks"]["owl"]}
    assert "track.html" in pages(site, {"tracks": tracks})
    assert site.page("track").links().get("fox") is None


def test_same_state_is_built_after_failed_build(make_site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(index=".. ptg:motd::", now=".. ptg:now::")
    site.build()
    motd = {"motd": [{"level": "info", "message": "fresh"}], "now": {}}
    with monkeypatch.context() as broken:
        broken.setattr(Now, "render", staticmethod(lambda view, given: 1 / 0))
        failed = site.build(motd)
    assert (failed["ok"], "ZeroDivisionError" in failed["error"]) == (False, True)
    assert pages(site, {}) == ["index.html", "now.html"]
    assert site.page().texts("ptg-info") == ["fresh"]


def test_page_reverts_to_former_state_after_failed_build(make_site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(index=".. ptg:motd::", now=".. ptg:now::")
    site.build()
    with monkeypatch.context() as broken:
        broken.setattr(Now, "render", staticmethod(lambda view, given: 1 / 0))
        site.build({"motd": [{"level": "info", "message": "never published"}], "now": {}})
    assert pages(site, {"motd": site.slices["motd"], "now": site.slices["now"]}) == ["index.html", "now.html"]
    assert site.page().texts("ptg-info") == ["Soup at noon, see https://soup.example.org/menu"]


def test_page_tells_when_its_own_content_changed(make_site: Make) -> None:
    site = make_site(index=".. ptg:motd::", now=".. ptg:now::", plain="Words.")
    site.build()
    site.build({"now": {}})
    assert site.page("now").texts("time") == ["Mon 1 Mar 2027, 09:02 CET"]
    assert site.page("index").texts("time") == ["Mon 1 Mar 2027, 09:01 CET"]
    assert site.page("plain").texts("time") == []


def test_restarted_builder_rewrites_and_redates_nothing(make_site: Make) -> None:
    site = make_site(index=".. ptg:motd::")
    site.build()
    site.restart()
    assert site.build()["pages"] == []
    assert site.page().texts("time") == ["Mon 1 Mar 2027, 09:01 CET"]


def test_builder_killed_while_writing_starts_from_nothing(make_site: Make) -> None:
    site = make_site(index=".. ptg:motd::")
    site.build()
    (site.folder / "doctrees" / "unsure").touch()
    (site.folder / "html" / "index.html").write_text("half a pa")
    site.restart()
    assert site.build()["pages"] == ["index.html"]
    assert site.page().texts("time") == ["Mon 1 Mar 2027, 09:01 CET"]


def test_malformed_request_is_answered_and_builder_continues(make_site: Make) -> None:
    from ptgbot_site.build.worker import answer

    site = make_site(index=".. ptg:motd::")
    assert answer(site.builder, "{")["ok"] is False
    odd_zone = '{"build": 1, "now": "2027-03-01T08:00:00+00:00", "zone": "../x", "set": {}}'
    assert "time zone" in answer(site.builder, odd_zone)["error"]
    assert site.build()["ok"]


def test_changed_colour_renames_style_sheet_keeping_the_former(make_site: Make) -> None:
    site = make_site(index=".. ptg:etherpads::")
    site.build()
    fox = {**site.slices["tracks"]["fox"], "color": "#abcdef", "ink": "#000000"}
    assert pages(site, {"tracks": {"fox": fox}}) == ["index.html"]
    sheets = [path.read_text() for path in (site.folder / "html" / "_static").glob("ptgbot-*.css")]
    assert {text[text.index(".ptg-c-") :] for text in sheets if ".ptg-c-" in text} == {
        ".ptg-c-112233{background:#112233;color:#ffffff}\n",
        ".ptg-c-abcdef{background:#abcdef;color:#000000}\n",
    }
