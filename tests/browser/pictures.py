"""Take pictures of every page at five widths, light and dark, to be looked at before and after a change of the look.

Run ``python tests/browser/pictures.py artefacts/before [PAGE…]`` from the checkout, with Chromium installed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SIZES = {320: 640, 390: 844, 768: 1024, 1440: 900, 3840: 2160}
"""Width and height of the windows in pixels."""
SCHEMES = ("light", "dark")


async def take_pictures(folder: Path, live: Any, browser: Any, pages: Sequence[str], at: Any) -> list[Path]:
    """Write a picture of each page at each size and in each scheme. The clock of the browser stands at ``at``."""
    taken: list[Path] = []
    for scheme in SCHEMES:
        context = await browser.new_context(color_scheme=scheme, reduced_motion="reduce")
        await context.clock.set_fixed_time(at)
        page = await context.new_page()
        for width, height in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            for name in pages:
                await page.goto(f"{live.url}{name}.html")
                await page.wait_for_selector("#live.on")
                taken.append(folder / f"{name.replace('/', '-')}-{width}-{scheme}.png")
                await page.screenshot(path=taken[-1], full_page=True)
        await context.close()
    return taken


async def _main(folder: Path, pages: Sequence[str]) -> None:
    # As for tests: last, so that an installed ptgbot is the one that is shown.
    sys.path.append(str(Path(__file__).parents[2]))
    from tests.browser import conftest as parts
    from tests.browser.test_pages import PAGES

    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        live = parts.Live(Path(home), parts.sample(), at=parts.MORNING)
        await live.start()
        try:
            async with parts.chromium() as browser:
                await take_pictures(folder, live, browser, pages or [*PAGES], parts.MORNING)
        finally:
            await live.stop()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2:]))
