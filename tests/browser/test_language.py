"""Pages in German: what the scripts say is German too."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ptgbot.publish import Publisher
from tests.browser.conftest import ROOT, Live, sample, today
from tests.browser.test_live import renewed
from tests.projected import EXTENSIONS

pytestmark = pytest.mark.browser


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """A running site of the sample, in German."""
    pages = tmp_path / "pages"
    shutil.copytree(ROOT / "site/ptgbot_site/project", pages)
    with (pages / "conf.py").open("a") as conf:
        conf.write('\nlanguage = "de"\n')
    site = Live(tmp_path, today(sample(), timedelta(minutes=5)))
    site.publisher = Publisher(tmp_path / "html", on_switch=site._switched, pages=pages, extensions=EXTENSIONS)
    await site.start()
    yield site
    await site.stop()


async def test_every_choice_of_a_visitor_is_german(opened: Callable[..., Any], live: Live) -> None:
    watched = await opened("schedule.html", timezone_id="Asia/Tokyo")
    page = watched.page
    await page.wait_for_selector("#live.on")
    assert await page.inner_text("#live") == "verbunden"
    assert await page.get_attribute("#tools input", "placeholder") == "Filtern"
    assert await page.get_attribute("#tools input", "aria-label") == "Nach Gruppe, Raum oder Wörtern filtern"
    assert await page.inner_text("#tools summary") == "Mehr"
    await page.click("#tools summary")
    buttons = await page.locator("#tools button").all_inner_texts()
    assert set(buttons) == {"nur ★", "Meine Zeit (Asia/Tokyo)", "Änderungen ansagen", "Gemerkte Gruppen mitteilen"}
    copy = await page.get_attribute(".ptg-table .copy", "aria-label")
    assert copy
    assert copy.endswith(" kopieren")
    assert watched.faults == []


async def test_a_lost_connection_is_told_in_german(opened: Callable[..., Any], live: Live) -> None:
    watched = await opened()
    await watched.page.wait_for_selector("#live.on")
    await renewed(watched.page, live, "neu")
    assert await watched.page.get_attribute(".ptg-now li[data-track=storage] .star", "aria-label") == "storage merken"
    await live.server.stop()
    await watched.page.wait_for_selector("#live.off")
    assert (await watched.page.inner_text("#live")).startswith("keine Verbindung, Stand ")


async def test_the_countdown_of_a_screen_is_german(opened: Callable[..., Any], live: Live) -> None:
    watched = await opened("screen/")
    await watched.page.wait_for_function("() => document.getElementById('count').textContent.startsWith('endet in ')")
    assert watched.faults == []
