"""What people see: every page on a phone and at a desk, with and without JavaScript."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import MORNING
from tests.browser.pictures import take_pictures
from tests.site.payloads import PAYLOADS

pytestmark = pytest.mark.browser

PAGES = {
    "index": "Signed images: who keeps the keys?",
    "schedule": "Lighthouse-MonA2",
    "schedule/tuesday": "Lighthouse",
    "week": "Friday 27 November",
    "tracks": "accessibility",
    "tracks/storage": "Ballroom A",
    "rooms": "Fourth floor, stairs only",
    "rooms/lighthouse": "Fourth floor, stairs only",
    "mine": "web.tools",
    "search": "What was discussed",
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
  const scrolls = node.closest(".ptg-by-room, .ptg-grid-box, .ptg-alarm");
  return box.width && !scrolls && !node.classList.contains("ptg-spoken")
    && (box.right > innerWidth + 1 || box.left < -1);
}).map((node) => node.outerHTML.slice(0, 200))"""


async def outside(page: Page) -> Any:
    """Return what sticks out of the window."""
    found = await page.evaluate(OUTSIDE)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, f"the page is {wide} px too wide"] if wide > 0 else found


LOOKS = [
    (width, scheme, script)
    for width in WIDTHS
    for scheme, script in (("light", True), ("dark", True), ("light", False))
]
IN_DARK = ("index", "schedule", "tracks/storage", "screen/index")
"""Dark has the boxes of light: a few pages show it."""


@pytest.mark.parametrize(("width", "scheme", "script"), LOOKS)
async def test_every_page_is_complete(
    opened: Callable[..., Any], live: Any, artefacts: Path, width: str, scheme: str, script: bool
) -> None:
    options = {"color_scheme": scheme, "java_script_enabled": script}
    watched = await opened("links.html", width=WIDTHS[width], height=HEIGHTS[width], **options)
    for name in IN_DARK if scheme == "dark" else PAGES:
        await watched.page.goto(f"{live.url}{name}.html")
        assert PAGES[name] in await watched.page.locator("main").text_content(), name
        if script:
            assert await outside(watched.page) == [], name
        look = scheme if script else "plain"
        await watched.page.screenshot(path=artefacts / f"{name.replace('/', '-')}-{width}-{look}.png")
    assert watched.faults == []


async def test_phone_shows_list_and_desk_shows_table(opened: Callable[..., Any]) -> None:
    phone = (await opened("schedule.html", width=360)).page
    assert await phone.locator(".ptg-by-time").first.is_visible()
    assert not await phone.locator(".ptg-by-room").first.is_visible()
    desk = (await opened("schedule.html", width=1280)).page
    assert not await desk.locator(".ptg-by-time").first.is_visible()
    assert await desk.locator(".ptg-by-room").first.is_visible()


async def test_tables_and_lists_use_the_width(opened: Callable[..., Any]) -> None:
    tablet = (await opened("schedule.html", width=768)).page
    cut = "(box) => box.scrollWidth - box.clientWidth"
    assert await tablet.locator(".ptg-by-room").first.evaluate(cut) <= 0
    desk = (await opened("tracks.html", width=1440)).page
    share = "(list) => list.clientWidth / document.querySelector('main').clientWidth"
    assert await desk.locator("ul.ptg-tracks").evaluate(share) > 0.9


@pytest.mark.parametrize("script", [True, False])
async def test_list_is_available_on_a_desk_too(opened: Callable[..., Any], *, script: bool) -> None:
    """People who have pages read to them, for example: the way there is a link before the table."""
    page = (await opened("schedule/tuesday.html", width=1280, java_script_enabled=script)).page
    table, times = page.locator(".ptg-by-room"), page.locator(".ptg-by-time")
    await page.get_by_role("link", name="As a list by time").press("Enter")
    await times.wait_for()
    assert not await table.is_visible()
    assert await times.get_by_text("Lighthouse", exact=True).first.is_visible()
    await page.get_by_role("link", name="Table" if script else "As a table of rooms", exact=True).press("Enter")
    await table.wait_for()
    assert not await times.is_visible()


async def test_dark_scheme_is_dark(opened: Callable[..., Any]) -> None:
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
    loaded = {url for url in requests if not url.startswith("data:")}
    # The page, the style sheet with the colours of tracks, the script, the events; then the service worker's own.
    assert len(loaded) == 4
    script = "performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize || 0), 0)"
    assert await watched.page.evaluate(script) <= 25_000


def everywhere(texts: list[str]) -> dict[str, Any]:
    """Return slices that hold each of these texts in every field."""
    slots = [{"name": text, "desc": text, "start": None, "end": None} for text in texts[:6]]
    at = "2026-11-23T07:00:00+00:00"
    return {
        "event": {"id": texts[0], "title": texts[0], "timezone": "UTC"},
        "motd": [{"level": ("info", "warning")[n % 2], "message": text} for n, text in enumerate(texts)],
        "links": dict.fromkeys(texts, "https://ok.example.org/"),
        "tracks": {text: {"color": text, "ink": text, "url": text, "etherpad": text} for text in texts},
        "now": {text: {"text": text, "since": None, "location": text, "by": text} for text in texts},
        "next": {text: {"texts": [text, text], "location": text} for text in texts},
        "check_ins": [{"nick": text, "location": text, "since": at} for text in texts],
        "days": [{"name": "Monday", "date": None, "slots": slots}],
        "rooms": {text: {"url": text, "desc": text, "cap_icon": text, "cap_desc": text} for text in texts},
        "schedule:Monday": {text: {texts[0]: text, texts[1]: ""} for text in texts},
        "coming": [{"track": t, "room": t, "day": t, "slot": t, "start": None, "end": None} for t in texts],
        "meets": {t: [{"room": t, "day": t, "slot": t, "start": None, "end": None}] for t in texts},
        "recap": ["2026-11-23"],
        "recap:2026-11-23": [{"at": at, "track": text, "text": text, "by": text} for text in texts],
        "changes": [{"at": at, "by": t, "room": t, "slot": t, "was": t, "is": t} for t in texts],
        "places": [{"network": text, "room": text, "url": text, "web": text} for text in texts],
        "site": {"url": "https://ok.example.org/", "title": "", "logo": None, "menu": []},
    }


@pytest.mark.parametrize("width", ["small", "desk"])
async def test_hostile_text_does_nothing_and_stays_boxed(opened: Callable[..., Any], live: Any, width: str) -> None:
    assert len(PAYLOADS) > 60
    # Half a surrogate can't be sent to the builder's process; its own tests put it in.
    texts = [text for text in dict.fromkeys(PAYLOADS) if text.isprintable() or not re.search("[\ud800-\udfff]", text)]
    watched = await opened("links.html", width=WIDTHS[width])
    await watched.page.route("**/*.example.org/**", lambda route: route.abort())
    outward: list[str] = []
    watched.page.on("request", lambda request: outward.append(request.url) if "evil" in request.url else None)
    await live.built(**everywhere(texts))
    tracks = sorted((live.folder / "html" / "tracks").glob("*.html"))[:3]
    for name in [*PAGES, *(f"tracks/{page.stem}" for page in tracks)]:
        if not (live.folder / "html" / f"{name}.html").exists():
            continue
        await watched.page.goto(f"{live.url}{name}.html")
        await watched.page.wait_for_selector("#live.on")
        assert await outside(watched.page) == [], name
    assert (watched.faults, outward) == ([], [])


async def test_pictures_of_page_at_five_widths(browser: Browser, live: Any, artefacts: Path) -> None:
    taken = await take_pictures(artefacts, live.url, browser, ["links"], MORNING)
    assert len([path for path in taken if path.stat().st_size > 1000]) == 10


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
async def test_every_badge_has_readable_contrast(opened: Callable[..., Any], scheme: str) -> None:
    """WCAG 2.1, 1.4.3: a contrast of at least 4.5, wherever the badge stands."""
    for path in ("", "schedule.html", "etherpads.html"):
        page = (await opened(path, color_scheme=scheme)).page
        found = await page.evaluate(CONTRASTS)
        assert len(found) > 10
        assert [badge for badge in found if badge[1] < 4.5] == []


@pytest.mark.parametrize("name", ["schedule/tuesday", "week"])
async def test_day_and_week_print_on_one_sheet(opened: Callable[..., Any], artefacts: Path, name: str) -> None:
    page = (await opened(f"{name}.html")).page
    sheet = artefacts / f"{name.replace('/', '-')}.pdf"
    await page.pdf(path=sheet, prefer_css_page_size=True)
    assert sheet.read_bytes().count(b"/Type /Page\n") == 1
    await page.emulate_media(media="print")
    assert "24 November" in await page.inner_text("main")
    assert not await page.locator("#menu, #tools, .ptg-jumps, .when").first.is_visible()


async def test_print_keeps_colours_and_small_codes(opened: Callable[..., Any]) -> None:
    page = (await opened("rooms.html")).page
    await page.locator(".ptg-open summary").first.click()
    await page.emulate_media(media="print")
    colours = "[...document.querySelectorAll('.ptg-badge')].map((badge) => getComputedStyle(badge).printColorAdjust)"
    assert set(await page.evaluate(colours)) == {"exact"}
    size = "(found) => parseFloat(getComputedStyle(document.querySelector(found)).fontSize)"
    assert await page.evaluate(size, ".ptg-code") < await page.evaluate(size, ".ptg-clock")


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


async def press(page: Page, wanted: str, *keys: str) -> None:
    """Go on by Tab until something has the focus, see that one sees it, and press keys."""
    for _ in range(400):
        await page.keyboard.press("Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            break
    else:
        pytest.fail(f"Tab never leads to {wanted}")
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", wanted
    for key in keys:
        await page.keyboard.press(key)


async def test_everything_works_by_keyboard(opened: Callable[..., Any]) -> None:
    options = {"permissions": ["clipboard-read", "clipboard-write"], "timezone_id": "Asia/Tokyo"}
    page = (await opened("schedule.html", width=1280, **options)).page
    await page.wait_for_selector("#live.on")
    await press(page, "#tools input", *"Quay")
    rows = "[...document.querySelectorAll('.ptg-table tbody tr')].filter((row) => row.checkVisibility()).length"
    await page.wait_for_function(f"() => {rows} === 1")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.press("Delete")
    await page.wait_for_function(f"() => {rows} > 10")
    await press(page, "#tools summary", "Enter")
    await press(page, "#tools details button", "Space")
    assert await page.get_attribute("#tools details button", "aria-pressed") == "true"
    await press(page, ".ptg-by-room")
    await press(page, ".ptg-table .ptg-open summary", "Enter")
    await press(page, ".ptg-table .copy", "Enter")
    await page.wait_for_selector("[data-my-done]")
    assert (await page.evaluate("navigator.clipboard.readText()")).startswith("#TRACK book ")
    await page.goto(page.url.replace("schedule.html", ""))
    await page.wait_for_selector("#live.on")
    await press(page, ".ptg-now .star", "Space")
    assert await page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
