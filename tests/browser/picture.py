"""Make the picture of the README: what is on now at a desk, the schedule on a phone.

Run ``python tests/browser/picture.py docs/picture.png`` from the checkout, with Chromium installed.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

LARGEST = 150_000
"""Bytes that a picture in a README may have."""

_FRAME = """<!doctype html><style>
body{margin:0;background:#fff;width:1120px;height:700px;position:relative;overflow:hidden}
img{position:absolute;display:block;border:1px solid #c5cccb;border-radius:10px}
#desk{left:0;top:0}
#phone{right:0;bottom:0;border-radius:22px;border:6px solid #1b2224}
</style><img id="desk" src="data:image/png;base64,DESK"><img id="phone" src="data:image/png;base64,PHONE">"""


async def make_picture(target: Path, live: Any, browser: Any) -> None:
    """Write the picture of a running site, pixel for pixel. Raises ValueError where it would be too large."""
    shots = {}
    for name, path, width, height in (("DESK", "", 960, 668), ("PHONE", "schedule.html#day-monday", 360, 580)):
        page = await browser.new_page(viewport={"width": width, "height": height})
        await page.goto(live.url + path)
        await page.wait_for_selector("#live.on")
        shots[name] = base64.b64encode(await page.screenshot()).decode()
        await page.close()
    frame = _FRAME
    for name, shot in shots.items():
        frame = frame.replace(name, shot)
    page = await browser.new_page(viewport={"width": 1120, "height": 700})
    await page.set_content(frame)
    picture = await page.screenshot()
    await page.close()
    if len(picture) > LARGEST:
        raise ValueError(f"the picture has {len(picture)} bytes, {LARGEST} are allowed")
    await asyncio.to_thread(target.write_bytes, picture)


async def _main(target: Path) -> None:
    # As for tests: last, so that an installed ptgbot is the one that is shown.
    sys.path.append(str(Path(__file__).parents[2]))
    from tests.browser import conftest as parts

    with tempfile.TemporaryDirectory() as folder:
        live = parts.Live(Path(folder), parts.sample())
        await live.start()
        try:
            async with parts.chromium() as browser:
                await make_picture(target, live, browser)
        finally:
            await live.stop()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
