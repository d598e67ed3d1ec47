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


async def take_pictures(folder: Path, address: str, browser: Any, pages: Sequence[str], at: Any) -> list[Path]:
    """Write a picture of each page at each size and in each scheme. The clock of the browser stands at ``at``."""
    taken: list[Path] = []
    for scheme in SCHEMES:
        context = await browser.new_context(color_scheme=scheme, reduced_motion="reduce")
        await context.clock.set_fixed_time(at)
        page = await context.new_page()
        for width, height in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            for name in pages:
                await page.goto(f"{address}{name}.html")
                await page.wait_for_selector("#live.on, body:not(:has(#live))")
                taken.append(folder / f"{name.replace('/', '-')}-{width}-{scheme}.png")
                await page.screenshot(path=taken[-1], full_page=True)
        await context.close()
    return taken


async def _main(folder: Path, pages: Sequence[str]) -> None:
    # As for tests: last, so that an installed ptgbot is the one that is shown.
    sys.path.append(str(Path(__file__).parents[2]))
    from tests.browser import conftest as parts
    from tests.browser.test_minutes import PAGES as MINUTES
    from tests.browser.test_minutes import serve_archive
    from tests.browser.test_pages import PAGES
    from tests.browser.test_status import PAGES as STATUS
    from tests.browser.test_status import told, typed

    def wanted(prefix: str, names: Sequence[str]) -> list[str]:
        known = [name.removesuffix(".html") for name in names]
        return [name for name in known if not pages or prefix + name in pages]

    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    sites = {
        "": ([*PAGES, "offline"], parts.sample()),
        "alert/": (["index", "schedule", "screen/index", *STATUS], {**parts.sample(), **told(typed())}),
    }
    async with parts.chromium() as browser:
        for prefix, (names, slices) in sites.items():
            with tempfile.TemporaryDirectory() as home:
                live = parts.Live(Path(home), slices, at=parts.MORNING)
                await live.start()
                try:
                    await take_pictures(_under(folder, prefix), live.url, browser, wanted(prefix, names), parts.MORNING)
                finally:
                    await live.stop()
        with tempfile.TemporaryDirectory() as home:
            async with serve_archive(Path(home)) as address:
                names = wanted("meetings/", MINUTES)
                await take_pictures(_under(folder, "meetings/"), address, browser, names, parts.MORNING)


def _under(folder: Path, prefix: str) -> Path:
    """Return the folder of a site's pictures."""
    found = folder / prefix
    found.mkdir(parents=True, exist_ok=True)
    return found


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2:]))
