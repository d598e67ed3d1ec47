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
