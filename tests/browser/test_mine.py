"""The visitor's own programme: chosen, marked, shared by address and code, taken along as a calendar."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import segno
import segno.encoder
from icalendar import Calendar

from ptgbot.gathering.feature import GatheringFeature
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.web.routes import Routes
from ptgbot_site.gathering import feeds
from tests.browser.test_access import RUN, axe
from tests.browser.test_pages import outside
from tests.projected import full

pytestmark = pytest.mark.browser

__all__ = ["axe"]
QR = Path(feeds.__file__).with_name("assets") / "qr.js"
MOST = (17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858, 929, 1003, 1091)
MORE = (1171, 1273, 1367, 1465, 1528, 1628, 1732, 1840, 1952, 2068, 2188, 2303, 2431, 2563, 2699, 2809, 2953)
"""Most bytes of each version of a QR code with the least error correction (ISO/IEC 18004, table 7)."""


def events(raw: str) -> Sequence[Any]:
    return Calendar.from_ical(raw).walk("VEVENT")


def facts(event: Any) -> tuple[str, Any, str]:
    return str(event["UID"]), event["DTSTART"].dt, str(event["SUMMARY"])


async def shown(page: Any) -> list[str]:
    """Return the tracks of the visible items."""
    items = page.locator(".ptg-mine-list > li[data-track]:visible")
    found = await items.evaluate_all("(items) => items.map((one) => one.dataset.track)")
    return sorted(set(found))


async def choose(page: Any, live: Any, stars: list[str], maybe: list[str], fragment: str = "") -> None:
    await page.evaluate(
        "([stars, maybe]) => {localStorage['ptg-stars'] = stars; localStorage['ptg-maybe'] = maybe}",
        [json.dumps(stars), json.dumps(maybe)],
    )
    await page.goto(f"{live.url}links.html")
    await page.goto(f"{live.url}mine.html{fragment}")
    await page.wait_for_selector(".ptg-mine-told")


async def test_stars_of_other_pages_make_the_programme(opened: Callable[..., Any]) -> None:
    watched = await opened("tracks.html")
    page = watched.page
    await page.get_by_role("button", name="Star storage").click()
    await page.locator("#menu-more > summary").click()
    await page.get_by_role("link", name="My programme").click()
    await page.wait_for_selector(".ptg-mine-told")
    assert await shown(page) == ["storage"]
    await page.get_by_role("button", name="Whole programme").click()
    assert len(await shown(page)) > 30
    await page.get_by_role("button", name="gpu: not chosen").first.click()
    await page.get_by_role("button", name="gpu: chosen").first.click()
    assert await page.get_by_role("button", name="gpu: maybe").count() > 0
    await page.reload()
    assert await shown(page) == ["gpu", "storage"]
    assert watched.faults == []


async def test_page_without_script_shows_whole_programme(opened: Callable[..., Any]) -> None:
    page = (await opened("mine.html", java_script_enabled=False, width=320)).page
    assert "Without JavaScript this page shows" in await page.inner_text("main")
    assert await page.locator(".ptg-mine-list > li").count() > 300


async def test_gaps_and_clashes_are_marked(opened: Callable[..., Any], live: Any) -> None:
    def row(slot: str, room: str, start: str, end: str) -> dict[str, Any]:
        return {
            "day": "Monday",
            "slot": slot,
            "room": room,
            "start": f"2026-11-23T{start}:00+02:00",
            "end": f"2026-11-23T{end}:00+02:00",
        }

    meets = {
        "storage": [row("a", "Quay", "09:00", "10:00"), row("b", "Quay", "12:30", "13:00")],
        "gpu": [row("a", "Keel", "09:30", "10:00")],
        "dns": [row("c", "Keel", "12:00", "12:40")],
    }
    await live.built(meets=meets)
    page = (await opened("links.html")).page
    await choose(page, live, ["storage"], ["gpu"])
    assert await page.locator(".ptg-gap").all_inner_texts() == ["2 h 30 min free"]
    assert await page.locator(".ptg-clash").all_inner_texts() == ["clashes with gpu", "clashes with storage"]
    assert await page.inner_text(".ptg-mine-told") == "3 slots, 2 of them clash"
    await live.built(meets={**meets, "gpu": [row("a", "Keel", "10:00", "12:30")], "dns": []})
    await page.wait_for_function("() => !document.querySelector('.ptg-clash, .ptg-gap')")


async def test_friends_list_is_merged_only_on_request(opened: Callable[..., Any], live: Any) -> None:
    watched = await opened("links.html")
    page, asked = watched.page, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    await choose(page, live, ["storage"], [], "#stars=dns,gpu&maybe=%ZZ,mail")
    assert await shown(page) == ["dns", "gpu", "mail", "storage"]
    assert await page.evaluate("localStorage['ptg-stars']") == '["storage"]'
    await page.get_by_role("button", name="Close the list").click()
    assert await shown(page) == ["storage"]
    await choose(page, live, ["storage"], [], "#stars=dns&maybe=storage")
    await page.get_by_role("button", name="Add to mine").click()
    assert json.loads(await page.evaluate("localStorage['ptg-stars']")) == ["storage", "dns"]
    assert page.url == f"{live.url}mine.html"
    assert [url for url in asked if "dns" in url and "#" not in url] == []
    assert watched.faults == []


async def test_address_and_code_hold_the_list(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("links.html")).page
    await choose(page, live, ["storage", "dns"], ["web.tools"])
    await page.locator(".ptg-mine-share > summary").click()
    await page.locator(".ptg-mine-code svg[role=img]").wait_for()
    text = await page.input_value(".ptg-mine-share input")
    assert text == f"{live.url}mine.html#stars=dns,storage&maybe=web.tools"
    await choose(page, live, [f"track-{number}" for number in range(400)], [])
    await page.locator(".ptg-mine-share > summary").click()
    await page.get_by_text("The list is too long for a code.").wait_for()


async def test_downloaded_calendar_has_identifiers_of_site(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("links.html", accept_downloads=True)).page
    await choose(page, live, ["storage"], ["gpu"])
    await page.locator(".ptg-mine-share > summary").click()
    async with page.expect_download() as caught:
        await page.get_by_role("link", name="Calendar to download").click()
    raw = await asyncio.to_thread((await (await caught.value).path()).read_bytes)
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    html = live.folder / "html" / "tracks"
    found = events(raw.decode())
    assert set(map(facts, found)) == {
        fact for name in ("gpu", "storage") for fact in map(facts, events((html / f"{name}.ics").read_text()))
    }
    assert {str(one["SUMMARY"]) for one in found if one.get("STATUS") == "TENTATIVE"} == {"gpu"}


async def test_own_server_offers_a_subscription(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("links.html")).page
    await choose(page, live, ["storage"], [])
    await page.locator(".ptg-mine-share > summary").click()
    way = page.get_by_role("link", name="Calendar to subscribe to")
    assert await way.count() == 0
    routes = Routes()
    routes.mount(GatheringFeature(), GatheringSettings(), lambda: full(live.slices))
    live.server.answer = routes.answer
    await page.reload()
    await page.locator(".ptg-mine-share > summary").click()
    await way.wait_for()
    reply = await page.request.get(await way.get_attribute("href"))
    assert (await reply.text()).count("BEGIN:VEVENT") > 10
    assert "keeps no log of addresses" in await page.inner_text(".ptg-mine-follow")


async def test_codes_equal_those_of_another_program(
    opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All versions; segno adds eight zero bits to whole codewords, against section 7.4.10, which is taken out."""
    monkeypatch.setattr(segno.encoder, "write_padding_bits", lambda *_: None)
    page = (await opened("links.html")).page
    texts = [
        ("https://m.example.org/mine.html#" * 100)[:length] for most in (*MOST, *MORE) for length in (most, most - 7)
    ]
    script = f"(texts) => {{ {QR.read_text()}; return texts.map((one, at) => ptgQr.code(one, at % 8)) }}"
    found = await page.evaluate(script, texts)
    for at, (text, rows) in enumerate(zip(texts, found, strict=True)):
        known = segno.make(text, error="l", mask=at % 8, boost_error=False, micro=False, mode="byte")
        assert [[bool(cell) for cell in row] for row in known.matrix] == rows, len(text)
    assert await page.evaluate(script, ["x" * 2954]) == [None]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
async def test_programme_violates_no_accessibility_rule(
    opened: Callable[..., Any], live: Any, axe: str, width: int, scheme: str
) -> None:
    page = (await opened("links.html", width=width, color_scheme=scheme, reduced_motion="reduce")).page
    await choose(page, live, ["storage"], ["gpu"], "#stars=dns")
    await page.locator(".ptg-mine-share > summary").click()
    await page.evaluate(axe)
    assert await page.evaluate(RUN) == []
    assert await outside(page) == []
