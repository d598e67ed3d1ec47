"""The pages about contributions in Chromium: accessible, no wider than a phone, filtered by keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from ptgbot.contributions.page_names import PATH
from ptgbot.contributions.pages import PROJECTS
from ptgbot.store.edits import Json
from tests.browser.conftest import Watched
from tests.browser.projects import serve_project
from tests.browser.test_access import RUN, axe
from tests.contributions.program import Program

pytestmark = pytest.mark.browser

__all__ = ["axe"]


EVIL = "<img src=x onerror=alert(1)>"
"""Name of a person and of an organisation. Its picture is not there, so a page that has it has a fault."""


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[str]:
    """Serve the pages about a small repository, and return their address."""
    program = Program(tmp_path)
    path = tmp_path / "default_data.json"
    path.write_text(path.read_text().replace("Mira Lind", EVIL).replace("Other Works", EVIL))
    await asyncio.to_thread(program.run, "refresh")
    slices: dict[str, Json] = {"stats.revision": 1}
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    async with serve_project(tmp_path, PATH, PROJECTS[0].extension, program.bulk, slices, at) as address:
        yield address


async def test_contributions_are_accessible_and_filtered(
    browser: Browser, board: str, axe: str, tmp_path: Path
) -> None:
    made = tmp_path / "html"
    releases = [f"release/{path.name}" for path in made.glob("release/*.html")]
    lists = ["about.html", "quality.html", "newcomers.html", "retention.html", "wanted.html"]
    pages = ["index.html", "module/plants.html", "person/mira.html", *lists, *releases]
    found = {}
    schemes: dict[int, Literal["light", "dark"]] = {390: "light", 1440: "dark"}
    for width, scheme in schemes.items():
        context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        watched = Watched(await context.new_page())
        for name in pages:
            await watched.page.goto(board + name)
            await watched.page.evaluate(axe)
            if violations := await watched.page.evaluate(RUN):
                found[f"{name} {width}"] = violations
            assert await watched.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert watched.faults == []
    assert found == {}

    page = watched.page
    await page.locator(".stats-explore summary").focus()
    await page.keyboard.press("Enter")
    rows = page.locator(".stats-explore tbody tr")
    await rows.first.wait_for()
    whole = await rows.count()
    assert "plants" in await page.locator("select[name=module]").inner_text()
    company = page.locator("select[name=organisation]")
    assert EVIL in await page.inner_text("body")
    await company.focus()
    await page.keyboard.press("ArrowDown")
    assert 1 <= await rows.count() <= whole
    assert await company.input_value() != ""
    assert watched.faults == []
    await page.evaluate(axe)
    assert not await page.evaluate(RUN)
