"""The pages of status, successes and thanks."""

from __future__ import annotations

import attrs
import pytest

from tests.status.desk import GUEST, MIRA, SETTINGS, Desk
from tests.status.site import Shown


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A site of its own builder for all tests of this module, because a builder takes seconds to start."""
    return Shown.of(tmp_path_factory.mktemp("site"), Desk())


@pytest.fixture
def shown(built: Shown) -> Shown:
    built.desk = Desk(attrs.evolve(SETTINGS, logs="https://logs.example.org/{network}/{room}/{date}.log.html#t{time}"))
    return built


def test_life_of_an_alert_is_on_the_pages(shown: Shown) -> None:
    desk = shown.desk
    shown.build()
    assert shown.page("status").texts("ptg-overall") == ["No alert is open."]
    assert "There is no entry yet." in shown.page("successes").source
    assert shown.page("commands").texts("ptg-danger") == []
    desk("#status alert gerrit,zuul: Reviews are down")
    desk("#status update 1 identified A disk is full", minutes=10)
    written = shown.build()
    page = shown.page("status")
    assert page.texts("ptg-overall") == ["Open alerts: 1"]
    assert page.texts("ptg-alert") == [
        (
            "Reviews are down Cause found gerrit zuul since Mon 16 Nov 2026, 10:06 CET "
            "Mon 16 Nov 2026, 10:16 CET Cause found A disk is full mira #gathering "
            "Mon 16 Nov 2026, 10:06 CET Alert Reviews are down mira #gathering"
        )
    ]
    assert [page.texts(tag) for tag in ("th", "td")] == [
        ["Service", "State", "gerrit", "zuul", "wiki"],
        ["Down", "Down", "Works"],
    ]
    assert [attributes.get("scope") for tag, attributes, _ in page.elements if tag == "th"] == ["col"] * 2 + ["row"] * 3
    assert page.links()["#gathering"] == "https://logs.example.org/irc/%23gathering/2026-11-16.log.html#t09:06:00"
    for name in ("index", "commands", "status/2026-11", "successes"):
        banner = shown.page(name).texts("ptg-danger")
        assert banner == ["Alert (gerrit, zuul): Reviews are down (Cause found) Status"]
        assert f"{name}.html" in written
    desk("#status ok disks are larger now", minutes=125)
    shown.build()
    page = shown.page("status")
    assert page.texts("ptg-danger") == shown.page("commands").texts("ptg-danger") == []
    assert page.texts("td") == ["Works", "Works", "Works"]
    assert "2 h 15 min" in page.texts("ptg-alert")[0]
    entries = shown.page("status/2026-11").texts("ptg-entry")
    assert entries[0] == "12:21 Resolved disks are larger now mira #gathering after 2 h 15 min"
    assert len(entries) == 3


def test_two_alerts_are_two_banners(shown: Shown) -> None:
    shown.desk("#status alert one")
    shown.desk("#status alert two")
    shown.build()
    assert shown.page("commands").texts("ptg-danger") == [
        "Alert: two (Being looked into) Status",
        "Alert: one (Being looked into) Status",
    ]
    shown.desk("#status ok 1")
    shown.build()
    assert shown.page("commands").texts("ptg-danger") == ["Alert: two (Being looked into) Status"]


def test_plan_has_its_times_and_length(shown: Shown) -> None:
    shown.desk("#status plan 2026-11-17T10:00-12:30 wiki: new disks")
    shown.build()
    assert "Tue 17 Nov 2026, 11:00 CET – 13:30 (2 h 30 min)" in shown.page("status").texts("ptg-plan")[0]


def test_hostile_text_is_text_on_every_page(shown: Shown) -> None:
    bad = "|| }} {{x}} <script>alert(1)</script> <img src=x onerror=alert(1)> ö" + "x" * 600
    shown.desk(f"#status alert {bad}")
    shown.desk(f"#success {bad}")
    shown.desk(f"#thanks mira for {bad}")
    shown.build()
    for name in ("index", "status", "status/2026-11", "successes", "thanks", "people-thanked/mira"):
        page = shown.page(name)
        assert page.texts("img") == []
        assert all("alert(1)" not in text for text in page.texts("script"))
    assert any(bad in text for text in shown.page("status").texts("ptg-topic"))


def test_withdrawn_entry_is_marked(shown: Shown) -> None:
    shown.desk("#status notice lunch is served")
    shown.desk("#status undo")
    shown.build()
    assert shown.page("status").texts("ptg-gone") == ["10:06 Notice Withdrawn lunch is served mira #gathering"]


def test_thanks_are_shown_by_month_and_person(shown: Shown) -> None:
    desk = shown.desk
    desk("#thanks ada, kurt for the gate")
    desk("#success the gate is green, see https://example.org/", GUEST)
    desk("#success released, see https://example.org/", MIRA)
    shown.build()
    assert shown.page("thanks").texts("ptg-entry") == ["10:06 ada, kurt for the gate mira #gathering"]
    assert shown.page("thanks").texts("td") == ["0", "1", "1", "1", "0", "0", "0", "0", "1", "1", "0", "0"]
    links = shown.page("thanks").links()
    assert (links["ada"], links["November 2026"]) == ("people-thanked/ada.html", "thanks/2026-11.html")
    assert shown.page("people-thanked/mira").texts("h2") == ["Thanks by mira", "Successes told by mira"]
    assert shown.page("people-thanked/kurt").texts("h2") == ["Thanks to kurt"]
    successes = [one for one in shown.page("successes").elements if one[1].get("href") == "https://example.org/"]
    assert len(successes) == 1  # The address that an unknown person typed is no link.


def test_entry_rewrites_only_the_pages_that_show_it(shown: Shown) -> None:
    desk = shown.desk
    desk("#thanks ada for the tests")
    desk("#thanks kurt for the cake")
    desk("#status notice hello")
    shown.build()
    desk("#thanks kurt for more cake", minutes=60 * 24 * 31)
    written = shown.build()
    assert {"thanks.html", "thanks/2026-12.html", "people-thanked/kurt.html"} <= set(written)
    assert not {"thanks/2026-11.html", "people-thanked/ada.html", "status/2026-11.html", "commands.html"} & set(written)
