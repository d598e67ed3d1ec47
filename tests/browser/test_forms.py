"""The forms of the schedule: chosen by links, remembered, complete without JavaScript; the line at now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.browser.test_access import RUN, axe
from tests.browser.test_pages import outside

pytestmark = pytest.mark.browser

FORMS = {"Table": ".ptg-by-room", "List": ".ptg-by-time", "Grid": ".ptg-grid-box", "Compact": ".ptg-compact-list"}
__all__ = ["axe"]


async def visible(page: Any) -> list[str]:
    return [name for name, form in FORMS.items() if await page.locator(form).first.is_visible()]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [320, 1440])
async def test_each_form_is_a_link_away(opened: Callable[..., Any], width: int, *, script: bool) -> None:
    page = (await opened("schedule/tuesday.html", width=width, java_script_enabled=script)).page
    for name in FORMS:
        await page.get_by_role("link", name=name, exact=True).press("Enter")
        await page.locator(FORMS[name]).first.wait_for()
        assert await visible(page) == [name]


async def test_chosen_form_is_remembered(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("schedule/tuesday.html")).page
    await page.get_by_role("link", name="Grid", exact=True).click()
    await page.goto(f"{live.url}schedule/friday.html")
    await page.locator(".ptg-grid-box").wait_for()
    assert await visible(page) == ["Grid"]
    assert await page.locator("[aria-current=true]", has_text="Grid").count() == 1
    await page.get_by_role("link", name="Table", exact=True).click()
    await page.goto(f"{live.url}schedule.html")
    assert await visible(page) == ["Table"]


async def test_line_at_now_is_within_running_row(opened: Callable[..., Any], live: Any) -> None:
    first = datetime.now(ZoneInfo("Europe/Helsinki")) - timedelta(minutes=20)
    times = {"start": first.isoformat(), "end": (first + timedelta(minutes=90)).isoformat()}
    slots = [{"name": "MonA1", "desc": "", **times}]
    days = [{"name": "Monday", "date": first.date().isoformat(), "slots": slots}]
    await live.built(days=days, **{"schedule:Monday": {"Quay": {"MonA1": "storage"}}})
    page = (await opened("schedule.html#as-grid")).page
    line = await page.locator(".ptg-now-line").bounding_box()
    row = await page.locator("tr[data-start]").first.bounding_box()
    assert 0.1 < (line["y"] - row["y"]) / row["height"] < 0.4


async def test_last_rooms_of_grid_are_reached_by_keyboard(opened: Callable[..., Any]) -> None:
    page = (await opened("schedule/tuesday.html#as-grid", width=390)).page
    assert await outside(page) == []
    box = page.locator(".ptg-grid-box")
    await box.focus()
    for _ in range(60):
        await page.keyboard.press("ArrowRight")
    await page.wait_for_function("() => document.querySelector('.ptg-grid-box').scrollLeft > 500")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
async def test_no_form_violates_accessibility_rules(
    opened: Callable[..., Any], live: Any, axe: str, width: int, scheme: str
) -> None:
    found = {}
    page = (await opened("links.html", width=width, color_scheme=scheme, reduced_motion="reduce")).page
    for address in ("schedule/tuesday.html#as-grid", "schedule/tuesday.html#as-compact", "rooms/lighthouse.html"):
        await page.goto(live.url + address)
        await page.reload()
        await page.evaluate(axe)
        if violations := await page.evaluate(RUN):
            found[address] = violations
    assert found == {}
