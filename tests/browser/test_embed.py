"""The web component in a page of somebody else: another origin, a strict policy, no frame."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.browser.conftest import Live, Watched

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Theirs</title>
<script src="{url}embed.js" async></script>
<ptgbot-schedule id="track" track="#Storage"><a href="{url}tracks/storage.html">When storage meets</a></ptgbot-schedule>
<ptgbot-schedule id="both" room="lighthouse" day="Tuesday"></ptgbot-schedule>
<ptgbot-schedule id="none" track="<img src=x onerror=alert(1)>"></ptgbot-schedule>
<ptgbot-schedule id="all"></ptgbot-schedule>
"""


@pytest.fixture
async def theirs(live: Live) -> AsyncIterator[str]:
    """The address of a page on another origin that embeds the schedule."""

    async def show(_request: web.Request) -> web.Response:
        policy = f"default-src 'none'; script-src {live.url}"
        text = PAGE.format(url=live.url)
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    app = web.Application()
    app.router.add_get("/", show)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_component_shows_chosen_slots_elsewhere(browser: Any, live: Live, theirs: str) -> None:
    watched = Watched(await (await browser.new_context()).new_page())
    page = watched.page
    await page.goto(theirs)
    await page.locator("#all li").first.wait_for()
    assert set(await page.locator("#track .badge").all_inner_texts()) == {"storage"}
    held = (live.folder / "html" / "tracks" / "storage.ics").read_text().count("BEGIN:VEVENT")
    assert await page.locator("#track li").count() == held
    assert await page.locator("#track li .badge").first.get_attribute("href") == f"{live.url}tracks/storage.html"
    assert await page.locator("#both p").all_inner_texts() == ["Tuesday 2026-11-24"]
    assert set(await page.locator("#both bdi").all_inner_texts()) == {"Tuesday", "Lighthouse"}
    assert await page.locator("#none p").all_inner_texts() == ["Nothing is booked."]
    assert await page.locator("#all li").count() > 300
    await page.evaluate("document.getElementById('track').setAttribute('track', 'gpu')")
    assert set(await page.locator("#track .badge").all_inner_texts()) == {"gpu"}
    assert watched.faults == []


async def test_plain_link_stands_without_script(browser: Any, live: Live, theirs: str) -> None:
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(theirs)
    assert await page.get_by_role("link", name="When storage meets").is_visible()


async def test_programme_is_cached_by_its_digest(opened: Callable[..., Any], live: Live) -> None:
    page = (await opened("links.html")).page
    loader = await page.request.get(f"{live.url}embed.js")
    assert (loader.headers["cache-control"], len(await loader.text()) < 400) == ("no-cache", True)
    name = (await loader.text()).partition('new URL("')[2].partition('"')[0]
    data = await page.request.get(live.url + name)
    assert "immutable" in data.headers["cache-control"]
    await live.built(meets={"storage": []})
    again = await (await page.request.get(f"{live.url}embed.js")).text()
    assert name not in again
