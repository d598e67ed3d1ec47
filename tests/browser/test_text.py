"""The pages in a text-mode browser: everything is there, and every link can be followed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.servers.programs import need

pytestmark = pytest.mark.browser
INSTALL = "apt-get install --no-install-recommends w3m lynx"


async def output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0].decode()


async def test_text_browser_shows_whole_page(live: Any) -> None:
    w3m = need("w3m", INSTALL)
    await live.built(motd=[*live.slices["motd"], {"level": "danger", "message": "Leave now"}])
    shown = await output(w3m, "-dump", "-cols", "120", f"{live.url}index.html")
    assert shown.index("Danger: Leave now") < shown.index("Welcome to Harbour!")
    assert shown.index("Signed images: who keeps the keys?") < shown.index("Embargoes across time zones")
    schedule = await output(w3m, "-dump", "-cols", "160", f"{live.url}schedule.html")
    assert all(word in schedule for word in ("Monday 23 November", "free", "closed", "Lighthouse-MonA2"))


async def test_text_browser_reaches_every_page(live: Any) -> None:
    lynx = need("lynx", INSTALL)
    found, seen = {f"{live.url}index.html"}, set[str]()
    while left := found - seen:
        page = left.pop()
        seen.add(page)
        links = (await output(lynx, "-dump", "-listonly", "-nonumbers", page)).split()
        found |= {link.partition("#")[0] for link in links if link.startswith(live.url) and ".html" in link}
    html = live.folder / "html"
    pages = {
        f"{live.url}{path.relative_to(html).as_posix()}"
        for path in await asyncio.to_thread(lambda: [*html.rglob("*.html")])
    }
    moved = {f"{live.url}{name}" for name in ("ptg.html", "signage.html")}
    assert pages - moved <= seen
