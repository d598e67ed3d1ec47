"""The whole way of a page: slices, builder, release, web server, Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from ptgbot.publish import BuildResult, Publisher
from ptgbot.web.server import WebServer
from tests.projected import EXTENSIONS, short, showing, slices_of
from tests.servers.programs import missing
from tests.web.serving import serve, well

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "artefacts"
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MORNING = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)
"""A moment of the sample's first day, in its first slot."""


def sample() -> dict[str, Any]:
    """Return the slices of base.json on its first morning, with a history and a configuration."""
    found: dict[str, Any] = short(slices_of((ROOT / "base.json").read_bytes(), MORNING))
    said = [
        {"at": f"2026-11-23T07:{minute:02}:00+00:00", "track": track, "text": row["text"], "by": "mira"}
        for minute, (track, row) in enumerate(found["now"].items())
    ]
    booked = {"room": "Lighthouse", "slot": "MonA2", "was": "", "is": "storage"}
    return {
        **found,
        "recap": ["2026-11-23"],
        "said:2026-11-23": {"parts": ["first"], "left": 0},
        "part:first": said,
        "topics:storage": [row for row in said if row["track"] == "storage"],
        "changes": [{"at": "2026-11-23T07:12:00+00:00", "by": "mira", **booked}],
        "core.site": {"url": "https://harbour.example.org/", "title": "", "logo": None, "menu": []},
        "core.places": [
            {"network": "example", "room": "#harbour", "url": "ircs://irc.example.org/%23harbour", "web": ""}
        ],
    }


def today(shown: dict[str, Any], ago: timedelta) -> dict[str, Any]:
    """Return slices whose first slot began so long ago by the clock of this machine."""
    first = datetime.fromisoformat(shown["days"][0]["slots"][0]["start"])
    move = datetime.now(UTC) - ago - first

    def moved(text: str | None) -> str | None:
        return (datetime.fromisoformat(text) + move).isoformat() if text else None

    return {
        **shown,
        "days": [
            {**day, "slots": [{**s, "start": moved(s["start"]), "end": moved(s["end"])} for s in day["slots"]]}
            for day in shown["days"]
        ],
    }


@define
class Live:
    """A site that is published and served."""

    folder: Path
    slices: dict[str, Any]
    told: list[BuildResult] = field(factory=list)
    server: WebServer = field(init=False)
    publisher: Publisher = field(init=False)
    port: int = 0
    at: datetime | None = None
    """The moment that the pages show; None for the present."""
    _task: asyncio.Task[None] | None = None

    def __attrs_post_init__(self) -> None:
        self.publisher = Publisher(self.folder / "html", on_switch=self._switched, extensions=EXTENSIONS)
        self.server = self._server()

    def _server(self) -> WebServer:
        return WebServer(self.folder / "html", well)

    def _switched(self, result: BuildResult) -> None:
        self.told.append(result)
        self.server.announce(result.about)

    @property
    def url(self) -> str:
        """Return the address of the site."""
        return f"http://127.0.0.1:{self.port}/"

    def change(self, **changed: Any) -> None:
        """Commit a change."""
        self.slices = {**self.slices, **changed}
        self.publisher.update(showing(self.slices, {"ptg.json": b"{}"}, self.at or datetime.now(UTC)))

    async def start(self) -> None:
        """Build the first site and serve it."""
        self._task = asyncio.create_task(self.publisher.run())
        await self.built()
        await self.serve()

    async def built(self, **changed: Any) -> None:
        """Commit a change and wait for its build."""
        builds = len(self.told)
        self.change(**changed)
        async with asyncio.timeout(60):
            while len(self.told) == builds:
                await asyncio.sleep(0.01)

    async def serve(self) -> None:
        """Start the web server, again on the same port."""
        self.server = self._server()
        self.port = await serve(self.server, self.port)

    async def stop(self) -> None:
        """End everything."""
        await self.server.stop()
        self.publisher.stop()
        assert self._task
        await self._task


@define
class Watched:
    """A page, and everything that must not happen on it."""

    page: Page
    faults: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.page.on("dialog", lambda dialog: self._note("error", f"dialog {dialog.message}"))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.faults.append(text)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """A running site of the sample."""
    site = Live(tmp_path, sample())
    await site.start()
    yield site
    await site.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium; where it is missing, skipped by hand and failed in CI."""
    if not await asyncio.to_thread(CHROMIUM.exists):
        missing("no Chromium: apt-get install --no-install-recommends chromium")
    async with chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Browser, live: Live) -> Callable[..., Any]:
    """Return a function that opens a page in a window of its own."""

    async def open_page(path: str = "", width: int = 1280, height: int = 800, **options: Any) -> Watched:
        context: BrowserContext = await browser.new_context(viewport={"width": width, "height": height}, **options)
        watched = Watched(await context.new_page())
        await watched.page.goto(live.url + path)
        return watched

    return open_page


@pytest.fixture
def artefacts() -> Path:
    """Return the folder for pictures."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS
