"""The documentation in a real browser: every page begins on the first screen, and is accessible to everybody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.test_access import AXE, RUN
from tests.servers.programs import missing

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"
LAYOUT = """() => [document.querySelector("main h1").getBoundingClientRect().bottom < innerHeight / 2,
  document.documentElement.scrollWidth <= innerWidth]"""


@pytest.fixture(scope="module")
def manuals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as HTML."""
    folder = tmp_path_factory.mktemp("manuals")
    command = [sys.executable, "-P", "-m", "sphinx", "-q", "-b", "html", "-d", str(folder / "trees")]
    subprocess.run([*command, str(DOCS), str(folder / "html")], check=True)
    return folder / "html"


@pytest.mark.parametrize("width", [390, 1440])
async def test_every_page_begins_on_first_screen(browser: Browser, manuals: Path, width: int) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 900})
    found = {}
    for name in sorted(one.stem for one in DOCS.glob("*.rst")):
        await page.goto(f"file://{manuals}/{name}.html")
        found[name] = await page.evaluate(LAYOUT)
    assert {name: seen for name, seen in found.items() if seen != [True, True]} == {}


@pytest.mark.parametrize("width", [390, 1440])
async def test_pages_violate_no_accessibility_rule(browser: Browser, manuals: Path, width: int) -> None:
    if not AXE.exists():
        missing("no axe-core: npm ci --prefix tests/browser/npm")
    page = await browser.new_page(viewport={"width": width, "height": 900})
    found = {}
    for name in ("index", "glance", "runbooks", "install", "observability", "program", "state"):
        await page.goto(f"file://{manuals}/{name}.html")
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        if violations := await page.evaluate(RUN):
            found[name] = violations
    assert found == {}
