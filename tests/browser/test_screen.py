"""A screen on a wall: the server's time, what runs and what comes, alarms, a network that is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import today
from tests.browser.test_live import is_live

pytestmark = pytest.mark.browser

SHOWN = """() => [...document.querySelectorAll(".ptg-screen-slot")].filter((box) => box.checkVisibility()).length"""


async def wall(opened: Callable[..., Any], live: Any, ago: timedelta, path: str = "screen/", **options: Any) -> Any:
    await live.built(**today(live.slices, ago))
    watched = await opened(path, **options)
    await is_live(watched.page)
    return watched


async def test_screen_shows_now_and_next_by_server_clock(opened: Callable[..., Any], live: Any) -> None:
    watched = await wall(opened, live, timedelta(minutes=5), "screen/ballroom-a.html", width=1920, height=1080)
    page = watched.page
    assert await page.evaluate(SHOWN) == 2
    assert "ends in 100 min" in await page.inner_text("#count") or "ends in" in await page.inner_text("#count")
    # A device whose clock is a day ahead shows the same.
    await page.add_init_script("const now = Date.now; Date.now = () => now() + 86400000")
    await page.reload()
    await is_live(page)
    await page.wait_for_function("() => document.getElementById('count').textContent.startsWith('ends in')")
    assert await page.evaluate(SHOWN) == 2
    assert watched.faults == []


async def test_overflowing_slots_are_shown_in_turns(opened: Callable[..., Any], live: Any, artefacts: Path) -> None:
    page = (await wall(opened, live, timedelta(minutes=5), width=1280, height=720)).page
    assert await page.evaluate("document.querySelectorAll('li[data-my-turn]').length") > 0
    rows = "[...document.querySelectorAll('.ptg-screen-rows > li')].filter((row) => row.checkVisibility())"
    first = await page.evaluate(f"{rows}.map((row) => row.textContent)")
    bottom = f"Math.max(...{rows}.map((row) => row.getBoundingClientRect().bottom))"
    assert await page.evaluate(f"{bottom} <= document.getElementById('content').getBoundingClientRect().bottom")
    await page.screenshot(path=artefacts / "screen-running.png")
    await page.wait_for_function(f"(first) => {rows}[0].textContent !== first", arg=first[0], timeout=15_000)


async def test_screen_keeps_device_awake(opened: Callable[..., Any], live: Any) -> None:
    watched = await opened("links.html")
    page = watched.page
    await page.add_init_script("""window.locks = [];
      Object.defineProperty(navigator, "wakeLock", {value: {request: async (kind) => { locks.push(kind); }}});""")
    await page.goto(f"{live.url}screen/")
    await page.wait_for_function("() => locks.length === 1")
    # The system lets go of the lock while nobody can see the screen; it is taken again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.wait_for_function("() => locks.length === 2")
    assert await page.evaluate("locks") == ["screen", "screen"]
    assert watched.faults == []


async def test_screen_shows_any_list_of_rooms(opened: Callable[..., Any], live: Any) -> None:
    page = (await wall(opened, live, timedelta(minutes=5), "screen/?rooms=anchor,buoy")).page
    texts = await page.evaluate(
        """() => [...document.querySelectorAll('.ptg-screen-rows .ptg-room')]
          .filter((room) => room.checkVisibility()).map((room) => room.textContent)"""
    )
    assert set(texts) == {"Anchor", "Buoy"}


ALARM = {"level": "danger", "message": "Leave the building by the east stairs"}


async def test_danger_message_takes_third_of_screen(opened: Callable[..., Any], live: Any, artefacts: Path) -> None:
    page = (await wall(opened, live, timedelta(minutes=5))).page
    live.change(motd=[ALARM, {"level": "warning", "message": "Wet floor"}])
    await page.wait_for_selector(".ptg-alarm", timeout=5000)
    box = await page.locator(".ptg-alarm").bounding_box()
    assert (box["width"], box["height"]) == (1280, 264)
    assert await page.inner_text("#clock")
    rows = page.locator(".ptg-screen-rows > li:visible").first
    assert (await rows.bounding_box())["y"] > box["y"] + box["height"]
    warning = page.locator(".ptg-news.ptg-warning")
    assert await warning.inner_text() == "Warning: Wet floor"
    await page.screenshot(path=artefacts / "screen-danger.png")


@pytest.mark.parametrize("size", [(390, 844), (1280, 720), (3840, 2160)])
async def test_longest_danger_message_fits_its_third(
    opened: Callable[..., Any], live: Any, size: tuple[int, int]
) -> None:
    page = (await wall(opened, live, timedelta(minutes=5), width=size[0], height=size[1])).page
    await live.built(motd=[{"level": "danger", "message": "leave by the stairs " * 50}])
    await page.wait_for_selector(".ptg-alarm", timeout=5000)
    assert await page.evaluate(
        "[...document.querySelectorAll('.ptg-alarm')].every((box) => box.scrollHeight <= box.clientHeight)"
    )


async def test_danger_message_fills_screen_if_asked(opened: Callable[..., Any], live: Any, artefacts: Path) -> None:
    page = (await wall(opened, live, timedelta(minutes=5))).page
    live.change(motd=[ALARM | {"screen": "whole"}])
    await page.wait_for_selector(".ptg-alarm", timeout=5000)
    box = await page.locator(".ptg-alarm").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1280, "height": 800}
    await page.screenshot(path=artefacts / "screen-danger-whole.png")


async def test_lost_network_shows_while_data_stay(opened: Callable[..., Any], live: Any) -> None:
    page = (await wall(opened, live, timedelta(minutes=5))).page
    await live.server.stop()
    await page.wait_for_selector("#live.off")
    assert "no connection, as of" in await page.inner_text("#live")
    assert "Ballroom A" in await page.inner_text("main")
    await live.serve()
    await page.wait_for_selector("#live.on", timeout=20_000)


async def test_night_is_dark_and_end_is_announced(opened: Callable[..., Any], live: Any) -> None:
    page = (await wall(opened, live, timedelta(hours=-9))).page
    await page.wait_for_selector("body[data-my-night]")
    assert "begins in 9 h" in await page.inner_text("#count")
    await page.context.close()
    page = (await wall(opened, live, timedelta(hours=20))).page
    await page.wait_for_selector("body[data-my-over]")
    assert await page.locator(".screen-over").is_visible()


async def test_code_leads_to_site_and_door_fits_sheet(opened: Callable[..., Any], live: Any, artefacts: Path) -> None:
    """The code to scan leads to the site, and the page for a door prints on one sheet."""
    page = (await wall(opened, live, timedelta(minutes=5), "screen/ballroom-a.html")).page
    assert await page.evaluate("document.querySelector('.screen-code img').naturalWidth > 0")
    assert "harbour.example.org" in await page.inner_text(".screen-code")
    sheet = artefacts / "door.pdf"
    await page.pdf(path=sheet, prefer_css_page_size=True)
    assert sheet.read_bytes().count(b"/Type /Page\n") == 1


async def test_without_javascript_everything_of_the_day_is_there(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("screen/ballroom-a.html", java_script_enabled=False)).page
    assert await page.locator(".ptg-screen-slot").count() == 4
    page = (await opened("screen/", width=1280, height=720, java_script_enabled=False)).page
    last = page.locator(".ptg-screen-slot").last
    await last.scroll_into_view_if_needed()
    box = await last.bounding_box()
    assert box["y"] + box["height"] <= 720 or box["y"] <= 0
