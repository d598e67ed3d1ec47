"""The status in Chromium: pages, the banner while an alert is open, and the banner on a site of somebody else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.browser.conftest import Live, Watched, sample
from tests.browser.test_access import RUN, SMALL, axe
from tests.browser.test_pages import outside
from tests.status.desk import GUEST, Desk

__all__ = ["axe"]

pytestmark = pytest.mark.browser


def typed() -> Desk:
    """Return a record with something of everything."""
    desk = Desk()
    desk("#thanks ada, kurt for the gate, which is green again")
    desk("#success The new release is out: https://example.org/", GUEST)
    desk("#success 500 people came")
    desk("#status notice lunch is served in the hall")
    desk("#status alert zuul: jobs wait for hours")
    desk("#status update 1 identified a node is lost", minutes=20)
    desk("#status ok 1 jobs run again", minutes=70)
    desk("#status plan 2026-11-17T10:00-12:30 wiki: new disks")
    desk("#status alert gerrit,zuul: Gerrit is down, we look into it")
    desk("#status update 3 monitoring restarted, we watch it", minutes=15)
    return desk


def told(desk: Desk) -> dict[str, Any]:
    """Return the slices of the status by their full names."""
    return {f"status.{name}": value for name, value in desk.slices().items()}


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """A running site of the sample, with entries of the status."""
    site = Live(tmp_path, {**sample(), **told(typed())})
    await site.start()
    yield site
    await site.stop()


PAGES = ("status", "status/2026-11", "successes", "thanks", "thanks/2026-11", "people-thanked/mira")


async def test_status_pages_fit_and_violate_no_rule(
    opened: Callable[..., Any], live: Live, axe: str, artefacts: Path
) -> None:
    found = {}
    for width, scheme in ((390, "light"), (390, "dark"), (1440, "light"), (1440, "dark")):
        options = {"width": width, "color_scheme": scheme, "reduced_motion": "reduce"}
        watched = await opened("status.html", **options)
        page = watched.page
        for name in PAGES:
            await page.goto(f"{live.url}{name}.html")
            await page.wait_for_selector("#live.on")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert await page.evaluate("document.querySelector('#menu').offsetHeight") < (60 if width < 400 else 120)
            assert await page.locator("#menu .current").count() >= 1, name
            small = await page.evaluate(SMALL)
            await page.evaluate(axe)
            violations = await page.evaluate(RUN)
            if violations or small or wide > width:
                found[name, width, scheme] = (violations, small, wide)
            await page.screenshot(path=artefacts / f"{name.replace('/', '-')}-{width}-{scheme}.png", full_page=True)
        assert watched.faults == []
        await page.context.close()
    assert found == {}


async def test_screens_show_open_alerts(opened: Callable[..., Any], axe: str) -> None:
    page = (await opened("screen/index.html", width=1440, height=900)).page
    alert = page.locator("#banner .ptg-status-alert")
    box = await alert.bounding_box()
    assert box
    assert box["height"] < 100
    await page.evaluate(axe)
    assert await page.evaluate(RUN) == []
    assert "Gerrit is down, we look into it" in await alert.inner_text()
    assert await outside(page) == []


async def test_status_is_complete_without_script(browser: Any, live: Live) -> None:
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{live.url}status.html")
    assert "Gerrit is down, we look into it" in await page.locator("#banner").inner_text()
    assert await page.locator(".ptg-alert").count() == 2
    assert await page.get_by_role("rowheader", name="zuul").is_visible()


async def test_banner_comes_and_goes_on_open_pages(opened: Callable[..., Any], live: Live) -> None:
    desk = Desk()
    await live.built(**told(desk))
    page = (await opened("links.html")).page
    await page.wait_for_selector("#live.on")
    assert await page.locator("#banner").inner_text() == ""
    await page.evaluate("""() => { window.changes = 0;
      new MutationObserver((all) => { window.changes += all.some((one) => one.addedNodes.length); })
        .observe(document.getElementById("banner"), { childList: true, subtree: true }); }""")
    desk("#status alert no power in the hall")
    live.change(**told(desk))
    await page.wait_for_selector("#banner:has-text('no power in the hall')")
    assert await page.locator("#banner").get_attribute("aria-live") == "assertive"
    desk("#success something else")
    await live.built(**told(desk))
    assert await page.evaluate("window.changes") == 1  # A screen reader says it once.
    desk("#status ok")
    live.change(**told(desk))
    await page.wait_for_selector("#banner:not(:has(p))", state="attached")


THEIRS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Theirs</title>
<script src="{url}alert.js" defer></script><main><h1>Somebody else</h1>
<p>p {{ display: none }} of theirs does not reach the banner.</p></main>
"""


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on an origin of its own."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.fixture
async def theirs(live: Live) -> AsyncIterator[str]:
    """The address of a page on another origin, with a strict policy, that shows the alerts."""

    async def show(_request: web.Request) -> web.Response:
        policy = f"default-src 'none'; script-src {live.url}; connect-src {live.url}"
        text = THEIRS.format(url=live.url)
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    app = web.Application()
    app.router.add_get("/", show)
    async with served(app) as url:
        yield url


LOOK = "document.querySelector('ptgbot-alerts').look()"
LIVE = "document.querySelector('ptgbot-alerts').shadowRoot.firstChild.getAttribute('aria-live')"


async def test_banner_elsewhere_shows_alerts_and_says_them_once(
    browser: Any, live: Live, theirs: str, axe: str, artefacts: Path
) -> None:
    watched = Watched(await (await browser.new_context(viewport={"width": 390, "height": 500})).new_page())
    page = watched.page
    await page.goto(theirs)
    await page.locator("ptgbot-alerts p").first.wait_for()
    assert await page.locator("ptgbot-alerts p").all_inner_texts() == [
        "Alert (gerrit, zuul): Gerrit is down, we look into it (Fix in place, watching) Status"
    ]
    link = page.locator("ptgbot-alerts a")
    assert await link.get_attribute("href") == "https://harbour.example.org/status/2026-11.html#entry-9"
    assert await page.evaluate(LIVE) == "assertive"
    await page.screenshot(path=artefacts / "alert-elsewhere.png")
    await page.reload()
    await page.locator("ptgbot-alerts p").first.wait_for()
    assert await page.evaluate(LIVE) == "off"
    desk = typed()
    desk("#status alert <img src=x onerror=alert(1)>")
    await live.built(**told(desk))
    await page.evaluate(LOOK)
    assert await page.locator("ptgbot-alerts p").count() == 2
    assert await page.evaluate(LIVE) == "assertive"
    desk("#status ok 3")
    desk("#status ok 4")
    await live.built(**told(desk))
    await page.evaluate(LOOK)
    assert await page.locator("ptgbot-alerts").is_hidden()
    assert watched.faults == []


async def test_documentation_shows_the_banner(browser: Any, live: Live, tmp_path: Path) -> None:
    """The manuals of another project with our theme and its option ``alerts``."""
    source = tmp_path / "manual"
    source.mkdir()
    (source / "index.rst").write_text("Manual\n======\n\nText.\n")
    (source / "conf.py").write_text(
        'project = "Manual"\nextensions = ["ptgbot_site"]\nptg_features = []\nhtml_theme = "ptgbot"\n'
        f'html_theme_options = {{"docs": "true", "alerts": "{live.url}alert.js"}}\n'
    )
    command = (sys.executable, "-m", "sphinx", "-q", "-W", str(source), str(tmp_path / "made"))
    assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
    app = web.Application()
    app.router.add_static("/", tmp_path / "made")
    page = await (await browser.new_context()).new_page()
    async with served(app) as url:
        await page.goto(f"{url}index.html")
        await page.locator("ptgbot-alerts p").first.wait_for()
        assert "Gerrit is down" in await page.locator("ptgbot-alerts p").inner_text()
