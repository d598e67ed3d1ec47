"""What a visitor may choose: filter, stars, own time zone, announcements, copying."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.test_live import SHOWS, is_live, renewed

pytestmark = pytest.mark.browser

VISIBLE = (
    "() => [...document.querySelectorAll('.ptg-now li')].filter((node) => !node.hidden).map((n) => n.dataset.track)"
)


async def test_the_filter_shows_what_has_all_the_words(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened()).page
    await is_live(page)
    await page.fill("#tools input", "ball OPERATORS")
    assert await page.evaluate(VISIBLE) == ["operators"]
    changed = {**live.slices["now"], "operators": {"text": "still here", "since": None, "location": "Ballroom C"}}
    live.change(now=changed)
    await page.wait_for_function(SHOWS, arg="still here", polling=20)
    assert await page.evaluate(VISIBLE) == ["operators"]
    await page.fill("#tools input", "")
    assert len(await page.evaluate(VISIBLE)) > 5


async def test_a_filter_can_stand_in_the_address(opened: Callable[..., Any]) -> None:
    page = (await opened("?q=storage")).page
    await is_live(page)
    assert await page.evaluate(VISIBLE) == ["storage"]


async def test_filter_says_how_much_it_found(opened: Callable[..., Any]) -> None:
    page = (await opened("tracks.html")).page
    await is_live(page)
    await page.fill("#tools input", "storage")
    assert await page.inner_text("#tools output") == "1 found"
    await page.wait_for_url("**/tracks.html?q=storage")
    await page.fill("#tools input", "no such words")
    assert await page.inner_text("#tools output") == "Nothing found."
    await page.fill("#tools input", "")
    assert await page.inner_text("#tools output") == ""
    await page.wait_for_url("**/tracks.html")


async def test_filter_hides_headings_without_results(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened()).page
    await is_live(page)
    shown = "[...document.querySelectorAll('main h2')].filter((head) => head.checkVisibility()).map((h) => h.innerText)"
    assert await page.evaluate(shown) == ["Next", "Programme"]
    await page.fill("#tools input", "recovery of everything")
    assert await page.evaluate(shown) == []
    await page.fill("#tools input", "quotas")
    assert await page.evaluate(shown) == ["Next"]


async def test_filter_finds_free_slots_in_lists(opened: Callable[..., Any]) -> None:
    page = (await opened("schedule.html", width=390)).page
    await is_live(page)
    await page.fill("#tools input", "mooring")
    codes = page.locator(".ptg-free-codes > li:visible")
    assert len(await codes.all_inner_texts()) == 4
    assert all("Mooring" in text for text in await codes.all_inner_texts())
    await page.fill("#tools input", "")
    assert await codes.count() == 0


async def test_only_starred_tracks_are_remembered(opened: Callable[..., Any]) -> None:
    page = (await opened()).page
    await is_live(page)
    await page.click(".ptg-now li[data-track=testing] .star")
    await page.click("#tools button:has-text('only')")
    await page.reload()
    await is_live(page)
    assert await page.evaluate(VISIBLE) == ["testing"]
    assert await page.get_attribute("#tools button:has-text('only')", "aria-pressed") == "true"


async def test_starred_tracks_stay_first_and_keep_focus(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened()).page
    await is_live(page)
    star = ".ptg-now li[data-track=testing] .star"
    await page.click(star)
    await renewed(page, live, "another topic")
    live.change(now=live.slices["now"] | {"testing": {"text": "with a star", "since": None, "location": None}})
    await page.wait_for_function(SHOWS, arg="with a star", polling=20)
    assert await page.get_attribute(star, "aria-pressed") == "true"
    await page.reload()
    await is_live(page)
    first = "Math.min(...[...document.querySelectorAll('.ptg-now li')].map((node) => node.getBoundingClientRect().top))"
    box = f"document.querySelector('{star}').parentElement.getBoundingClientRect().top === {first}"
    assert await page.evaluate(box)
    await page.click("#tools button:has-text('only')")
    assert await page.evaluate(VISIBLE) == ["testing"]


async def test_times_switch_to_own_zone_and_back(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("schedule.html", timezone_id="Asia/Tokyo", locale="en-GB")).page
    await is_live(page)
    first = "document.querySelector('.ptg-table thead time').textContent"
    assert await page.evaluate(first) == "09:00–10:45"
    await page.click("#tools summary")
    await page.click("#tools button:has-text('My time')")
    assert await page.evaluate(first) == "16:00–17:45"
    live.change(current=["MonA2"])
    await page.wait_for_function("() => document.querySelector('.ptg-past')", polling=20)
    assert await page.evaluate(first) == "16:00–17:45"
    await page.click("#tools button:has-text('My time')")
    assert await page.evaluate(first) == "09:00–10:45"


async def test_own_time_says_another_day(opened: Callable[..., Any]) -> None:
    page = (await opened("schedule.html", timezone_id="Pacific/Honolulu", locale="en-GB")).page
    await is_live(page)
    await page.click("#tools summary")
    await page.click("#tools button:has-text('My time')")
    times = await page.locator(".ptg-table thead time").all_inner_texts()
    assert times[:2] == ["21:00 Sun–22:45 Sun", "23:00 Sun–00:30"]
    assert times[-1].endswith("–04:45")


async def test_free_slot_is_copied_as_typed(opened: Callable[..., Any]) -> None:
    page = (await opened("schedule.html", permissions=["clipboard-read", "clipboard-write"])).page
    await is_live(page)
    await page.locator(".ptg-table .ptg-open summary").first.click()
    sign = "(button) => getComputedStyle(button, '::before').maskImage"
    assert "svg" in await page.locator(".ptg-table .copy").first.evaluate(sign)  # No font has to have it.
    await page.click(".ptg-table .copy")
    await page.wait_for_selector("[data-my-done]")
    assert await page.evaluate("navigator.clipboard.readText()") == "#TRACK book Lighthouse-MonA2"


async def test_changes_are_announced_folded_and_only_if_wished(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened()).page
    await is_live(page)
    await page.evaluate("""() => { window.heard = [];
      new MutationObserver(() => heard.push(document.getElementById("said").textContent))
        .observe(document.getElementById("said"), {childList: true, characterData: true, subtree: true}); }""")
    await renewed(page, live, "first")
    await page.wait_for_function("() => heard.length === 1")
    assert "storage: first" in (await page.evaluate("heard"))[0]
    for number in range(3):
        live.change(
            now={
                "storage": {"text": f"more {number}", "since": None, "location": None},
                "dns": {"text": f"dns {number}", "since": None, "location": None},
            }
        )
        await page.wait_for_function(SHOWS, arg=f"dns {number}", polling=20)
    assert len(await page.evaluate("heard")) == 1
    await page.wait_for_function("() => heard.length === 2", timeout=15_000)
    assert "2 changes" in (await page.evaluate("heard"))[1]
    await page.click("#tools summary")
    await page.click("#tools button:has-text('Announce')")
    await renewed(page, live, "unheard")
    await page.evaluate("new Promise((done) => setTimeout(done, 500))")
    assert len(await page.evaluate("heard")) == 2


PHONE = """() => { window.told = [];
  const worker = {active: {}, showNotification: async (title, {body}) => { told.push([title, body]); }};
  navigator.serviceWorker.getRegistration = async () => worker;
  window.Notification = class { constructor() { throw new TypeError("Illegal constructor"); }
    static async requestPermission() { return "granted"; } }; }"""
DESK = """() => { window.told = [];
  navigator.serviceWorker.getRegistration = async () => undefined;
  window.Notification = class { constructor(title, {body}) { told.push([title, body]); }
    static async requestPermission() { return "granted"; } }; }"""


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
async def test_starred_track_notifies_while_page_is_hidden(opened: Callable[..., Any], live: Any, device: str) -> None:
    page = (await opened(permissions=["notifications"])).page
    await is_live(page)
    await page.evaluate(device)
    await page.click(".ptg-now li[data-track=storage] .star")
    await page.click("#tools summary")
    await page.click("#tools button:has-text('Notify')")
    await page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    await renewed(page, live, "for your eyes")
    await page.wait_for_function("() => told.length === 1")
    assert await page.evaluate("told") == [["storage", "for your eyes"]]


async def test_no_button_promises_what_plain_http_forbids(opened: Callable[..., Any], live: Any) -> None:
    watched = await opened("links.html")
    await watched.page.add_init_script("""Object.defineProperty(window, "isSecureContext", {value: false});
      Object.defineProperty(navigator, "clipboard", {value: undefined});""")
    await watched.page.goto(live.url + "schedule.html")
    await is_live(watched.page)
    assert await watched.page.locator(".copy").count() == 0
    assert await watched.page.locator("#tools button:has-text('Notify')").count() == 0
    assert await watched.page.locator("#tools button:has-text('Announce')").count() == 1
    assert watched.faults == []


async def test_page_works_without_local_storage(opened: Callable[..., Any], live: Any) -> None:
    watched = await opened("links.html")
    await watched.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    )
    await watched.page.goto(live.url)
    await is_live(watched.page)
    await watched.page.click(".ptg-now .star")
    assert watched.faults == []
