"""The schedule on a phone: what runs is in sight, messages and the menu are short."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.browser.conftest import MORNING
from tests.browser.test_live import is_live
from tests.browser.test_pages import outside

pytestmark = pytest.mark.browser

TOP = "(found) => document.querySelector(found).getBoundingClientRect().top"
PHONES = (320, 390)


@pytest.mark.parametrize("width", PHONES)
async def test_messages_take_one_line_and_open(opened: Callable[..., Any], width: int) -> None:
    page = (await opened(width=width, height=844)).page
    await is_live(page)
    message = page.locator(".ptg-warning")
    assert (await message.bounding_box())["height"] <= 44
    assert await page.evaluate(TOP, ".ptg-cards > li") < 420
    await message.get_by_role("button", name="more").press("Enter")
    assert (await message.bounding_box())["height"] > 60
    assert await message.get_by_role("button", name="less").get_attribute("aria-expanded") == "true"
    assert await outside(page) == []


async def test_messages_are_whole_without_javascript(opened: Callable[..., Any]) -> None:
    page = (await opened(width=390, java_script_enabled=False)).page
    assert (await page.locator(".ptg-warning").bounding_box())["height"] > 60


async def test_slots_that_are_over_are_folded(opened: Callable[..., Any], live: Any) -> None:
    live.at = MORNING + timedelta(hours=6)
    await live.built(current=["MonP2"])
    page = (await opened("schedule.html", width=390, height=844)).page
    await is_live(page)
    assert await page.inner_text(".ptg-over > summary") == "Slots that are over: 3"
    assert await page.evaluate(TOP, ".ptg-time.ptg-current") < 500
    await page.locator(".ptg-over > summary").press("Enter")
    assert await page.locator(".ptg-over .ptg-time").first.is_visible()


async def test_a_link_leads_to_the_running_slot(opened: Callable[..., Any]) -> None:
    page = (await opened(width=390, height=844)).page
    await is_live(page)
    await page.get_by_role("link", name="Jump to now").press("Enter")
    await page.wait_for_function(f"() => Math.abs(({TOP})('.ptg-time.ptg-current') - 64) < 200")


@pytest.mark.parametrize("width", PHONES)
async def test_menu_shows_five_pages_and_more(opened: Callable[..., Any], width: int) -> None:
    page = (await opened("links.html", width=width, height=844)).page
    shown = page.locator("#menu > ul > li:visible")
    assert await shown.all_inner_texts() == ["Now", "Schedule", "Tracks", "Rooms", "People"]
    tops = await page.evaluate(
        "[...document.querySelectorAll('#menu > ul > li, #menu-more summary')].filter((one) => one.checkVisibility())"
        ".map((one) => one.getBoundingClientRect().top)"
    )
    assert max(tops) - min(tops) < 4
    more = page.locator("#menu-more")
    assert await more.locator("summary").text_content() == "More: Links"
    await more.locator("summary").press("Enter")
    assert await more.locator("a").first.is_visible()
    assert await more.locator("[aria-current=page]").inner_text() == "Links"
    assert await outside(page) == []
    await page.keyboard.press("Escape")
    assert not await more.locator("a").first.is_visible()


async def test_desk_shows_the_whole_menu(opened: Callable[..., Any]) -> None:
    page = (await opened("links.html", width=1440)).page
    assert await page.locator("#menu li:visible").count() == 12
    assert not await page.locator("#menu-more").is_visible()


async def test_each_page_tells_day_and_time(opened: Callable[..., Any]) -> None:
    page = (await opened("people.html", java_script_enabled=False)).page
    assert await page.inner_text("#when") == "23 Nov – 27 Nov 2026"
    page = (await opened("links.html", timezone_id="Asia/Tokyo")).page
    await page.clock.set_fixed_time(MORNING)
    await page.goto(page.url.replace("links", "people"))
    assert await page.inner_text("#when") == "Mon 23 Nov, 09:41 (Helsinki)"
