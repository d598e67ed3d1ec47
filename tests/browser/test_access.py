"""Accessible to everybody: axe-core finds nothing on any page, targets are large enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_pages import PAGES
from tests.servers.programs import missing

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "npm" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map((one) => [
  one.id, one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`)])"""


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core; where it is missing, skipped by hand and failed in CI."""
    if not AXE.exists():
        missing("no axe-core: npm ci --prefix tests/browser/npm")
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
async def test_no_page_violates_accessibility_rules(
    opened: Callable[..., Any], live: Any, axe: str, width: int, scheme: str
) -> None:
    found = {}
    options = {"width": width, "color_scheme": scheme, "reduced_motion": "reduce"}
    page = (await opened("links.html", **options)).page
    for name in PAGES:
        await page.goto(f"{live.url}{name}.html")
        await page.wait_for_selector("#live.on")
        await page.evaluate(axe)
        if violations := await page.evaluate(RUN):
            found[name] = violations
    assert found == {}


OPEN = "document.querySelectorAll('main details, #menu-more, #tools details').forEach((box) => { box.open = true; })"


@pytest.mark.parametrize("width", [320, 1440])
async def test_open_menus_violate_no_accessibility_rule(
    opened: Callable[..., Any], live: Any, axe: str, width: int
) -> None:
    page = (await opened("links.html", width=width, reduced_motion="reduce")).page
    found = {}
    for name in ("index", "schedule", "rooms", "people"):
        await page.goto(f"{live.url}{name}.html")
        await page.wait_for_selector("#live.on")
        await page.evaluate(OPEN)
        await page.evaluate(axe)
        if violations := await page.evaluate(RUN):
            found[name] = violations
    assert found == {}


async def test_page_after_live_change_violates_no_accessibility_rule(
    opened: Callable[..., Any], live: Any, axe: str
) -> None:
    page = (await opened(reduced_motion="reduce")).page
    await page.wait_for_selector("#live.on")
    messages = [*live.slices["motd"], {"level": "danger", "message": "Leave by the stairs, #storage too"}]
    live.change(motd=messages, current=["MonA2"], now={"storage": {"text": "next", "since": None, "location": None}})
    await page.wait_for_selector("#banner:has-text('Leave')")
    await page.wait_for_selector("main:has-text('next')")
    await page.evaluate(axe)
    assert await page.evaluate(RUN) == []


SMALL = """() => [...document.querySelectorAll("main a, main button, main summary, #menu a, #menu summary, #tools *")]
  .filter((node) => node.matches("a, button, summary, input") && node.checkVisibility())
  .filter((node) => !node.closest("p, bdi, figcaption") || node.matches(".star, .copy, .ptg-call, .unfold, .ptg-badge"))
  .map((node) => [node.outerHTML.slice(0, 100), node.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < 24 || box.width < 24)).map(([html]) => html)"""


@pytest.mark.parametrize("width", [320, 1440])
async def test_targets_are_large_enough(opened: Callable[..., Any], live: Any, width: int) -> None:
    """WCAG 2.2, 2.5.8: at least 24 by 24 CSS pixels, except links within a sentence."""
    page = (await opened("links.html", width=width)).page
    for name in PAGES:
        await page.goto(f"{live.url}{name}.html")
        await page.wait_for_selector("#live.on")
        assert await page.evaluate(SMALL) == [], name
