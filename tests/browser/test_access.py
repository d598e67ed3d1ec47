"""axe-core finds nothing on any page: on a phone and at a desk, light and dark."""

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
