"""In a corridor without a network: the pages seen last open, and say how old they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.test_live import is_live, renewed

pytestmark = pytest.mark.browser

KEPT = """async () => (await caches.keys()).length === 2 &&
  (await (await caches.open("ptg-pages-1")).keys()).length >= 3 && navigator.serviceWorker.controller !== null"""


PROGRAMME = """async () => {
  const store = await caches.open("ptg-pages-1");
  const names = ["rooms.html", "schedule/friday.html"].map((name) => new URL(name, location.origin));
  return (await Promise.all(names.map((name) => store.match(name)))).every(Boolean);
}"""


async def corridor(opened: Callable[..., Any]) -> Any:
    watched = await opened()
    await is_live(watched.page)
    async with asyncio.timeout(30):
        while not await watched.page.evaluate(KEPT):
            await asyncio.sleep(0.05)
    return watched


async def test_pages_open_offline_and_tell_their_age(opened: Callable[..., Any], live: Any) -> None:
    page = (await corridor(opened)).page
    await page.goto(live.url + "people.html")
    await is_live(page)
    await live.server.stop()
    for path, text in (("", "Signed images"), ("people.html", "since"), ("schedule.html", "Lighthouse")):
        await page.goto(live.url + path)
        assert text in await page.inner_text("main")
        await page.wait_for_selector("#live.off")
        assert "no connection, as of" in await page.inner_text("#live")
        assert await page.evaluate("document.styleSheets.length") >= 1
    await live.serve()
    await page.wait_for_selector("#live.on", timeout=20_000)


async def test_online_page_is_never_stale(opened: Callable[..., Any], live: Any) -> None:
    watched = await corridor(opened)
    await renewed(watched.page, live, "brand new")
    await watched.page.reload()
    assert "brand new" in await watched.page.inner_text("main")
    assert watched.faults == []


async def test_whole_programme_opens_after_one_visit(opened: Callable[..., Any], live: Any) -> None:
    page = (await corridor(opened)).page
    await page.wait_for_function(PROGRAMME)
    await live.server.stop()
    for path, text in (("schedule/friday.html", "Lighthouse"), ("mine.html", "My programme"), ("rooms.html", "Anchor")):
        await page.goto(live.url + path)
        assert text in await page.inner_text("main")
    await page.goto(live.url + "tracks/gpu.html")
    await page.get_by_text("this page is not kept: /tracks/gpu.html").wait_for()
    told = page.locator(".ptg-offline-told")
    await told.get_by_text("Kept on this device: 1").wait_for()
    assert "schedule/friday.html" in await told.inner_text()
    await page.get_by_role("main").get_by_role("link", name="Friday", exact=True).click()
    await page.get_by_role("heading", name="Friday").wait_for()
    await live.serve()


async def test_kept_pages_can_be_removed(opened: Callable[..., Any], live: Any) -> None:
    page = (await corridor(opened)).page
    await page.wait_for_function(PROGRAMME)
    await page.goto(live.url + "offline.html")
    await page.get_by_role("button", name="Remove it from this device").click()
    await page.get_by_text("Nothing is kept on this device yet.").wait_for()
    assert await page.evaluate("caches.keys()") == []


async def test_programme_survives_many_visited_pages(opened: Callable[..., Any], live: Any) -> None:
    page = (await corridor(opened)).page
    await page.wait_for_function(PROGRAMME)
    names = sorted((live.folder / "html" / "tracks").glob("*.html"))
    script = "(urls) => Promise.all(urls.map((url) => fetch(url)))"
    await page.evaluate(script, [f"{live.url}tracks/{path.name}?{part}" for path in names for part in range(2)])
    rooms = sorted((live.folder / "html" / "rooms").glob("*.html"))
    await page.evaluate(script, [f"{live.url}rooms/{path.name}" for path in rooms])
    kept = "async () => (await (await caches.open('ptg-pages-1')).keys()).length"
    # The eleven pages of the programme and their list, and sixty others.
    await page.wait_for_function(f"async () => (await ({kept})()) <= 72")
    await page.wait_for_function(PROGRAMME)
