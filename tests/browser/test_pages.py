"""What people see: every page on a phone and at a desk, with and without JavaScript."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = {
    "index": "Signed images: who keeps the keys?",
    "schedule": "Lighthouse-MonA2",
    "schedule/tuesday": "Lighthouse",
    "tracks": "accessibility",
    "tracks/storage": "Ballroom A",
    "rooms": "Fourth floor, stairs only",
    "people": "since",
    "recap": "Snapshots that survive a move between regions",
    "etherpads": "harbour-war-stories",
    "links": "Floor plan",
    "commands": "#TRACK now TEXT",
    "changes": "Lighthouse-MonA2",
    "take-part": "#harbour",
    "screen/index": "Ballroom A",
    "screen/ballroom-a": "Ballroom A",
}
WIDTHS = {"small": 320, "tablet": 768, "desk": 1440, "wall": 3840}
HEIGHTS = {"small": 640, "tablet": 1024, "desk": 900, "wall": 2160}

OUTSIDE = """() => [...document.querySelectorAll("main *")].filter((node) => {
  const box = node.getBoundingClientRect();
  const scrolls = node.closest(".ptg-by-room, .ptg-alarm");
  return box.width && !scrolls && !node.classList.contains("ptg-spoken")
    && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.outerHTML.slice(0, 200))"""


async def outside(page: Page) -> Any:
    """Return what sticks out of the window."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return await page.evaluate(OUTSIDE)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_is_complete(opened: Callable[..., Any], artefacts: Path, width: str, script: bool) -> None:
    for name, text in PAGES.items():
        # Dark has no other boxes than light: it is looked at on a phone and a wall.
        for scheme in ("light", "dark") if script and width in {"small", "wall"} else ("light",):
            options = {"color_scheme": scheme, "java_script_enabled": script}
            watched = await opened(f"{name}.html", width=WIDTHS[width], height=HEIGHTS[width], **options)
            assert text in await watched.page.locator("main").text_content(), name
            if script:
                assert await outside(watched.page) == [], name
                await watched.page.screenshot(path=artefacts / f"{name.replace('/', '-')}-{width}-{scheme}.png")
            assert watched.faults == []
            await watched.page.context.close()


async def test_a_phone_shows_the_day_as_a_list_and_a_desk_as_a_table(opened: Callable[..., Any]) -> None:
    phone = (await opened("schedule.html", width=360)).page
    assert await phone.locator(".ptg-by-time").first.is_visible()
    assert not await phone.locator(".ptg-by-room").first.is_visible()
    desk = (await opened("schedule.html", width=1280)).page
    assert not await desk.locator(".ptg-by-time").first.is_visible()
    assert await desk.locator(".ptg-by-room").first.is_visible()


async def test_dark_is_dark(opened: Callable[..., Any]) -> None:
    page = (await opened(color_scheme="dark")).page
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in colour[4:-1].split(",")) < 60


async def test_a_page_loads_little_and_only_from_here(opened: Callable[..., Any], live: Any) -> None:
    watched = await opened("nothing-yet")
    requests: list[str] = []
    watched.page.on("request", lambda request: requests.append(request.url))
    await watched.page.goto(live.url)
    await watched.page.wait_for_selector("#live.on")
    assert all(url.startswith((live.url, "data:")) for url in requests)
    loaded = {url for url in requests if not url.startswith("data:") and not url.endswith("/events")}
    # The page, the style sheet, the colours of tracks, the script. Events are a fifth; then the service worker's own.
    assert len(loaded) == 4
    script = "performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize || 0), 0)"
    assert await watched.page.evaluate(script) < 45_000


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "\u202egro.live https://he.example.org/\u202c",
    "مرحبا " * 40,
    "W" * 600,
    "https://long.example.org/" + "x" * 600,
    "z" + "\u0301" * 200,
    "\U0001f600" * 200,
    "color:red;background:url(//evil.example.org/x)",
    "</style><style>*{display:none}</style>",
]


def everywhere(text: str) -> dict[str, Any]:
    slot = {"name": text, "desc": text, "start": None, "end": None}
    return {
        "event": {"id": text, "title": text, "timezone": "UTC"},
        "motd": [{"level": level, "message": text} for level in ("info", "danger")],
        "links": {text: "https://ok.example.org/"},
        "tracks": {text: {"color": text, "ink": text, "url": text, "etherpad": text}},
        "now": {text: {"text": text, "since": None, "location": text}},
        "next": {text: {"texts": [text, text], "location": text}},
        "check_ins": [{"nick": text, "location": text, "since": "2026-11-23T07:00:00+00:00"}],
        "days": [{"name": "Monday", "date": None, "slots": [slot, {**slot, "name": "b"}]}],
        "rooms": {text: {"url": text, "desc": text, "cap_icon": text, "cap_desc": text}},
        "schedule:Monday": {text: {text: text, "b": ""}},
        "coming": [{"track": text, "room": text, "day": text, "slot": text, "start": None, "end": None}],
        "meets": {text: [{"room": text, "day": text, "slot": text, "start": None, "end": None}]},
        "recap": ["2026-11-23"],
        "recap:2026-11-23": [{"at": "2026-11-23T07:00:00+00:00", "track": text, "text": text, "by": text}],
        "changes": [
            {"at": "2026-11-23T07:00:00+00:00", "by": text, "room": text, "slot": text, "was": text, "is": text}
        ],
        "places": [{"network": text, "room": text, "url": text, "web": text}],
    }


@pytest.mark.parametrize("width", ["small", "desk"])
async def test_hostile_text_does_nothing_and_stays_in_its_box(
    opened: Callable[..., Any], live: Any, width: str
) -> None:
    watched = await opened(width=WIDTHS[width])
    for text in HOSTILE:
        await live.built(**everywhere(text))
        for name in ("index.html", "schedule.html", "tracks.html", "rooms.html", "recap.html", "screen/index.html"):
            await watched.page.goto(live.url + name)
            assert await outside(watched.page) == [], text
    assert watched.faults == []


async def test_the_picture_of_the_readme_can_be_made(browser: Browser, artefacts: Path) -> None:
    target = artefacts / "picture.png"
    script = Path(__file__).with_name("picture.py")
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), str(target))
    assert await process.wait() == 0
    assert target.stat().st_size < 150_000


CONTRASTS = """() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll(".ptg-badge")].map((badge) => {
    const style = getComputedStyle(badge);
    const [one, other] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a);
    return [badge.innerText, (one + 0.05) / (other + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_badge_can_be_read(opened: Callable[..., Any], scheme: str) -> None:
    """WCAG 2.1, 1.4.3: a contrast of at least 4.5, wherever the badge stands."""
    for path in ("", "schedule.html", "etherpads.html"):
        page = (await opened(path, color_scheme=scheme)).page
        found = await page.evaluate(CONTRASTS)
        assert len(found) > 10
        assert [badge for badge in found if badge[1] < 4.5] == []


async def test_a_day_is_printed_on_one_sheet(opened: Callable[..., Any], artefacts: Path) -> None:
    page = (await opened("schedule/tuesday.html")).page
    sheet = artefacts / "tuesday.pdf"
    await page.pdf(path=sheet, prefer_css_page_size=True)
    assert sheet.read_bytes().count(b"/Type /Page\n") == 1


async def test_everything_can_be_reached_by_keyboard(opened: Callable[..., Any]) -> None:
    page = (await opened(width=360)).page
    await page.wait_for_selector("#tools input")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    script = """() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")].filter(
      (node) => node.checkVisibility() && node.tabIndex < 0).length"""
    assert await page.evaluate(script) == 0
