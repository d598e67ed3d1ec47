"""The archive of meetings in Chromium: accessible, no wider than a phone, with times of the reader and a search."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from bench.minutes import log_of
from ptgbot.feature import BulkRow
from ptgbot.meetings.archive import SOURCE, Archive
from ptgbot.meetings.archiving import write_lines
from ptgbot.meetings.importing import import_logs
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import Json
from tests.browser.conftest import Watched
from tests.browser.projects import serve_project
from tests.browser.test_access import RUN, axe

pytestmark = pytest.mark.browser

__all__ = ["axe"]

MEETING = "2015/team_00.2015-01-05-09.00"
PAGES = (
    *("index.html", f"{MEETING}.html", f"{MEETING}.log.html", "month/2015-01.html", "decisions/2015-01.html"),
    *("actions.html", "people.html", "names.html", "months.html", "name/team_00/index.html"),
    *("logs/index.html", "logs/net/hall/index.html", "logs/net/hall/2015-01.html", "logs/net/hall/2015-01-06.html"),
)


def write_days(bulk: Path) -> None:
    """Write the log of a room for three days."""
    for day in ("2015-01-05", "2015-01-06", "2015-01-07"):
        for number, text in enumerate(("hello " * 40, "https://example.org/" + "x" * 200, "waves")):
            at, kind = f"{day}T09:00:0{number}.000000+00:00", "action" if text == "waves" else "line"
            row: Json = {"at": at, "nick": "mhu[m]", "key": "mhu", "texts": [text], "kind": kind, "event": f"${number}"}
            write_lines(MeetingsSettings(), bulk, [BulkRow("net", "#hall", row, f"{day} {number}")])
        write_lines(MeetingsSettings(), bulk, [BulkRow("net", "#hall", {"edit": "$0", "texts": []}, day)])


@asynccontextmanager
async def serve_archive(tmp_path: Path) -> AsyncIterator[str]:
    """Serve an archive with three meetings, and return its address."""
    for number in range(3):
        path, text = log_of(number, 40)
        (tmp_path / "old" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "old" / path).write_text(text, encoding="utf-8")
    await asyncio.to_thread(lambda: list(import_logs(tmp_path / "old", Archive(tmp_path / "bulk" / SOURCE))))
    await asyncio.to_thread(write_days, tmp_path / "bulk")
    slices: dict[str, Json] = {"meetings.archive": 1, "meetings.next": []}
    extension = "ptgbot_site.meetings.project"
    async with serve_project(tmp_path, "meetings", extension, tmp_path / "bulk", slices) as address:
        yield address


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[str]:
    """Return the address of an archive with three meetings."""
    async with serve_archive(tmp_path) as address:
        yield address


async def test_archive_is_accessible_on_phones_and_screens(browser: Browser, archive: str, axe: str) -> None:
    found = {}
    schemes: dict[int, Literal["light", "dark"]] = {390: "light", 1440: "dark"}
    for width, scheme in schemes.items():
        context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        watched = Watched(await context.new_page())
        for name in PAGES:
            await watched.page.goto(archive + name)
            await watched.page.evaluate(axe)
            if violations := await watched.page.evaluate(RUN):
                found[f"{name} {width}"] = violations
            assert await watched.page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert await watched.page.locator(":is(h1, h2) + *").count(), f"{name} is empty"
        assert watched.faults == []
    assert found == {}


async def test_times_and_search_of_archive(browser: Browser, archive: str) -> None:
    context = await browser.new_context(timezone_id="Asia/Tokyo")
    watched = Watched(await context.new_page())
    await watched.page.goto(f"{archive}{MEETING}.log.html")
    assert await watched.page.inner_text("#l-1 time") == "18:00:00"
    await watched.page.goto(f"{archive}index.html")
    head = await watched.page.get_by_role("heading", name="Newest meetings").bounding_box()
    first = await watched.page.locator(".ptg-held > li").first.bounding_box()
    assert head
    assert first
    assert (first["x"], first["y"] > head["y"]) == (head["x"], True)
    await watched.page.fill("#archive-search", "team-01")
    link = watched.page.locator(".ptg-archive-search li a")
    await link.wait_for()
    # No title has this word; the search of the logs finds it by its beginning.
    await watched.page.fill("#archive-search", "#startmeet")
    await watched.page.get_by_text("Nothing found.").wait_for()
    await watched.page.check("#archive-logs")
    await watched.page.get_by_text("3 found").wait_for()
    assert await watched.page.locator(".ptg-archive-search li a[href$='.log.html#:~:text=startmeet']").count() == 3
    await watched.page.uncheck("#archive-logs")
    await watched.page.fill("#archive-search", "team-01")
    await watched.page.get_by_text("1 found").wait_for()
    await link.click()
    await watched.page.wait_for_url("**/2015/team_01.*.html")
    assert watched.faults == []
