"""The status in Chromium: pages, the banner while an alert is open, and the banner on a site of somebody else."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.browser.conftest import ROOT, Live, Watched, sample
from tests.browser.test_access import RUN, SMALL, axe
from tests.browser.test_pages import outside
from tests.browser.web_servers import SERVERS, web_server
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


async def test_screens_show_open_alerts(opened: Callable[..., Any]) -> None:
    page = (await opened("screen/index.html", width=1440, height=900)).page
    alert = page.locator("#banner .ptg-status-alert")
    box = await alert.bounding_box()
    assert box
    assert box["height"] < 300
    assert "Gerrit is down, we look into it" in await alert.inner_text()
    assert await outside(page) == []


async def test_status_is_complete_without_script(browser: Any, live: Live) -> None:
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{live.url}status.html")
    assert "Gerrit is down, we look into it" in await page.locator("#banner").inner_text()
    assert await page.locator(".ptg-alert").count() == 2
    assert await page.get_by_role("rowheader", name="zuul").is_visible()


async def test_open_alert_shows_how_long_it_lasts(opened: Callable[..., Any], live: Live) -> None:
    desk = Desk(at=datetime.now(UTC) - timedelta(minutes=126))
    desk("#status alert no power in the hall")
    await live.built(**told(desk))
    page = (await opened("status.html")).page
    lasts = page.locator(".ptg-alert .ptg-lasts")
    await lasts.wait_for()
    assert re.fullmatch(r"\s\(2 h [5-9] min\)", await lasts.text_content())
    desk("#status ok", minutes=130)
    live.change(**told(desk))
    await page.wait_for_selector(".ptg-alert.ptg-over:has-text('(2 h 10 min)')")
    assert await lasts.count() == 0


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
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def elsewhere(site: str) -> AsyncIterator[str]:
    """Serve a page on another origin, with a strict policy, that shows the alerts of a site."""

    async def show(_request: web.Request) -> web.Response:
        policy = f"default-src 'none'; script-src {site}; connect-src {site}"
        text = THEIRS.format(url=site)
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    app = web.Application()
    app.router.add_get("/", show)
    async with served(app) as url:
        yield url


@pytest.fixture
async def theirs(live: Live) -> AsyncIterator[str]:
    """The address of a page on another origin that shows the alerts of the running site."""
    async with elsewhere(live.url) as url:
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


async def manual(folder: Path) -> Path:
    """Make a manual with our theme, built with the option that the documentation names for manuals below a site."""
    source = folder / "manual"
    (source / "deep").mkdir(parents=True)
    (source / "index.rst").write_text("Manual\n======\n\n.. toctree::\n\n   deep/page\n")
    (source / "deep" / "page.rst").write_text("Page\n====\n\nText.\n")
    (source / "conf.py").write_text(
        'project = "Manual"\nextensions = ["ptgbot_site"]\nptg_features = []\nhtml_theme = "ptgbot"\n'
        'html_theme_options = {"docs": "true"}\n'
    )
    option = ("-D", "html_theme_options.alerts=../alert.js")
    for place in ("install.rst", "status_publish.rst", "deploy/ansible/roles/ptgbot/tasks/install.yml"):
        assert " ".join(option) in (ROOT / "docs" / place).read_text("utf-8")
    command = (sys.executable, "-m", "sphinx", "-q", "-W", *option, str(source), str(folder / "made"))
    assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
    return folder / "made"


async def test_web_servers_show_the_banner_in_manuals_and_elsewhere(
    browser: Any, live: Live, tmp_path: Path
) -> None:
    """nginx and Apache as documented serve a manual below ``/docs/``, and the alerts to a page of another origin."""
    made = await manual(tmp_path)
    shown: dict[str, list[str]] = {}
    for name in SERVERS:
        with web_server(name, tmp_path / "html", made) as url:
            async with elsewhere(url) as other:
                for address in (f"{url}docs/index.html", f"{url}docs/deep/page.html", other):
                    watched = Watched(await (await browser.new_context()).new_page())
                    await watched.page.goto(address)
                    await watched.page.locator("ptgbot-alerts p").first.wait_for()
                    text = await watched.page.locator("ptgbot-alerts p").inner_text()
                    shown.setdefault(text, []).append(f"{name} {address.partition('docs/')[2]}")
                    assert watched.faults == []
                    await watched.page.context.close()
    assert [len(pages) for pages in shown.values()] == [3 * len(SERVERS)], shown
    assert "Gerrit is down" in next(iter(shown))
