"""The CI board in Chromium: accessible, no wider than a phone, whole without JavaScript, filters in its address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from ptgbot.ci.pages import PROJECTS, settings_json
from ptgbot.store.edits import Json
from tests.browser.conftest import Watched
from tests.browser.projects import serve_project
from tests.browser.test_access import RUN, axe
from tests.ci.seeded import NOW, SETTINGS, stored

pytestmark = pytest.mark.browser

__all__ = ["axe"]

GRID = "project/review/openstack~nova/7d.html"
PAGES = ("index.html", GRID, "account/acme/index.html", "matrix.html", "upstream.html")


@asynccontextmanager
async def serve_board(tmp_path: Path) -> AsyncIterator[str]:
    """Serve the seeded board, and return its address."""
    stored(tmp_path / "bulk")
    slices: dict[str, Json] = {"ci.revision": 1, "ci.settings": settings_json(SETTINGS)}
    at, bulk = datetime.fromtimestamp(NOW, UTC), tmp_path / "bulk"
    async with serve_project(tmp_path, "ci", PROJECTS[0].extension, bulk, slices, at) as address:
        yield address


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[str]:
    """Return the address of the seeded board."""
    async with serve_board(tmp_path) as address:
        yield address


async def test_board_is_accessible_filtered_and_whole(browser: Browser, board: str, axe: str) -> None:
    found = {}
    schemes: dict[int, Literal["light", "dark"]] = {390: "light", 1440: "dark"}
    for width, scheme in schemes.items():
        context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        watched = Watched(await context.new_page())
        for name in PAGES:
            await watched.page.goto(board + name)
            await watched.page.evaluate(axe)
            if violations := await watched.page.evaluate(RUN):
                found[f"{name} {width}"] = violations
            assert await watched.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert watched.faults == []
    assert found == {}

    page = watched.page
    await page.goto(board + GRID)
    assert await page.locator(".ci-grid tbody:visible").count() == 4
    await page.select_option("select[name=ci]", "acme")
    await page.check("input[name=failures]")
    assert await page.locator(".ci-grid tbody:visible").count() == 1
    assert page.url.endswith("7d.html?ci=acme&failures=1")
    await page.goto(f"{board}{GRID}?branch=stable%2F2026.1&voting=1")
    await page.get_by_text("patch sets, 4 CIs are shown").wait_for()
    columns = await page.locator(".ci-grid thead th:visible").count()
    assert columns - 1 == await page.locator("th[data-branch='stable/2026.1']").count() > 0
    assert await page.locator("tr[data-quiet]:visible").count() == 0
    # The links to other windows keep the filters.
    assert (await page.get_by_role("link", name="48 hours").get_attribute("href") or "").endswith("voting=1")

    # Both heads stay where they are while the grid is scrolled with the keyboard.
    await page.goto(board + GRID)
    region = page.locator(".ci-grid-region")
    await region.focus()
    corner = await page.locator(".ci-corner").bounding_box()
    await page.keyboard.press("PageDown")
    await page.keyboard.press("ArrowRight")
    async with asyncio.timeout(30):
        while not await region.evaluate("one => one.scrollTop > 100 && one.scrollLeft > 0"):
            await asyncio.sleep(0.02)
    top = await region.evaluate("one => [one.scrollLeft, one.getBoundingClientRect().top]")
    head = await page.locator(".ci-grid thead th").nth(1).bounding_box()
    first = await page.locator(".ci-grid tbody th").first.bounding_box()
    assert corner
    assert head
    assert first
    assert abs(head["y"] - top[1]) < 3
    assert abs(first["x"] - corner["x"]) < 3

    plain = await browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = await plain.new_page()
    await page.goto(board + GRID)
    assert not await page.locator(".ci-filters").is_visible()
    assert "UTC" in await page.locator("time.ci-time").first.inner_text()
    await page.get_by_role("link", name="24 hours").click()
    assert await page.locator(".ci-windows [aria-current]").inner_text() == "24 hours"
