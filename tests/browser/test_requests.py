"""The requests of an open page: none that it does not need."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.test_live import SHOWS, is_live, renewed, static_host, topic

pytestmark = pytest.mark.browser
__all__ = ["static_host"]


async def test_page_is_loaded_again_only_when_changed(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("tracks.html")).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(live.url)))
    await page.goto(live.url)
    await is_live(page)
    # People are on a page of their own.
    await live.built(check_ins=live.slices["check_ins"][3:])
    await renewed(page, live, "once more")
    assert [url for url in asked if url == ""] == ["", ""]
    assert "events" in asked
    assert "build.json" not in asked


async def test_change_before_the_stream_is_not_missed(opened: Callable[..., Any], live: Any) -> None:
    async def late(route: Any) -> None:
        await live.built(**topic("between page and stream"))
        await route.continue_()

    page = (await opened("tracks.html")).page
    await page.route("**/events", late)
    await page.goto(live.url)
    await page.wait_for_function(SHOWS, arg="between page and stream", polling=20, timeout=10_000)


async def test_quiet_page_polls_less_and_unevenly(opened: Callable[..., Any], live: Any, static_host: str) -> None:
    page = (await opened()).page
    polled: list[float] = []
    now = 0.0
    page.on("request", lambda request: polled.append(now) if request.url.endswith("build.json") else None)
    await page.clock.install()
    await page.goto(static_host)
    for _ in range(240):
        now += 0.25
        await page.clock.run_for(250)
        await asyncio.sleep(0.01)
    # Every 1.5 s would be forty times in a minute.
    assert 8 <= len(polled) <= 20
    pauses = [later - earlier for earlier, later in itertools.pairwise(polled)]
    assert max(pauses[-6:]) > 4
    assert len({*pauses}) > 3
