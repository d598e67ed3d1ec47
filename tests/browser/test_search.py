"""The search: it loads its index on first use, finds what was typed, and keeps it in the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.test_access import RUN, axe

pytestmark = pytest.mark.browser
__all__ = ["axe"]


async def test_typed_words_find_topics_and_tracks(opened: Callable[..., Any], live: Any, axe: str) -> None:
    watched = await opened("links.html", reduced_motion="reduce")
    page, asked = watched.page, list[str]()
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    await page.goto(f"{live.url}search.html")
    field = page.get_by_role("searchbox", name="Tracks, topics, rooms, people, notes")
    await field.wait_for()
    assert "search.json" not in asked
    await field.fill("SNAPSHOTS region")
    await page.wait_for_function("() => document.querySelector('.ptg-search-told').textContent.includes('found')")
    rows = page.locator(".ptg-search-found > li")
    assert any("storage" in text and "Topic" in text for text in await rows.all_inner_texts())
    await field.fill("light")
    await page.wait_for_function("() => document.querySelector('.ptg-search-found a')?.textContent === 'Lighthouse'")
    assert page.url.endswith("?q=light")
    assert asked.count("search.json") == 1
    await page.evaluate(axe)
    assert await page.evaluate(RUN) == []
    await rows.locator("a").first.click()
    await page.get_by_role("heading", name="Lighthouse").wait_for()
    await page.go_back()
    await page.wait_for_function("() => document.querySelector('.ptg-search-found a')?.textContent === 'Lighthouse'")
    await page.get_by_role("searchbox", name="Tracks").fill("zzzz")
    await page.get_by_text("Nothing found.").wait_for()
    assert watched.faults == []


async def test_pages_are_named_without_script_or_index(opened: Callable[..., Any]) -> None:
    page = (await opened("search.html", java_script_enabled=False)).page
    await page.get_by_role("main").get_by_role("link", name="Rooms").click()
    assert "Lighthouse" in await page.inner_text("main")
