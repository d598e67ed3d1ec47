"""An open page renews itself without being loaded again."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

pytestmark = pytest.mark.browser

SHOWS = "text => document.querySelector('main').innerText.includes(text)"


def topic(text: str) -> dict[str, Any]:
    return {"now": {"storage": {"text": text, "since": None, "location": None}}}


async def renewed(page: Any, live: Any, text: str) -> float:
    """Set a topic, wait until the page shows it, return the seconds it took."""
    started = time.monotonic()
    live.change(**topic(text))
    await page.wait_for_function(SHOWS, arg=text, polling=20, timeout=10_000)
    return time.monotonic() - started


async def is_live(page: Any) -> None:
    await page.wait_for_selector("#live.on")


async def test_change_shows_within_two_seconds_without_reload(opened: Callable[..., Any], live: Any) -> None:
    watched = await opened(width=360)
    page = watched.page
    await is_live(page)
    await page.evaluate("window.mark = 1")
    took = [await renewed(page, live, f"topic {number}") for number in range(5)]
    assert max(took) < 2.0
    assert await page.evaluate("window.mark") == 1
    assert watched.faults == []


async def test_scroll_and_focus_stay(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened()).page
    await is_live(page)
    await page.evaluate("scrollTo(0, 400); document.querySelector('.ptg-table a').focus({preventScroll: true})")
    await page.evaluate("window.focused = document.activeElement")
    live.change(motd=live.slices["motd"][:1])
    await renewed(page, live, "renewed")
    assert await page.evaluate("document.activeElement === focused && focused.isConnected")
    assert await page.evaluate("document.querySelectorAll('.ptg-message').length") == 1


async def test_only_what_changed_is_replaced(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("people.html")).page
    await is_live(page)
    await page.evaluate("""window.kept = [...document.querySelectorAll('.ptg-people li')]""")
    people = [{"nick": "Aava", "location": "#storage", "since": "2026-11-23T07:00:00+00:00"}]
    live.change(check_ins=people + live.slices["check_ins"])
    await page.wait_for_function(SHOWS, arg="Aava", polling=20)
    assert await page.evaluate("kept.length > 5 && kept.every(node => node.isConnected)")


async def test_renewed_pages_equal_fresh_ones(opened: Callable[..., Any], live: Any) -> None:
    """Whatever changes, the renewed document is the one that a reload would show."""
    page = (await opened()).page
    await is_live(page)
    table = live.slices["schedule:Monday"]
    steps: list[dict[str, Any]] = [
        {"motd": []},
        {"motd": [{"level": "danger", "message": "out"}, {"level": "info", "message": "in"}]},
        {"next": {}},
        {"next": {"storage": {"texts": ["a", "b", "c"], "location": None}}},
        {"next": {"storage": {"texts": ["b", "c"], "location": None}}},
        {"schedule:Monday": dict(list(table.items())[5:])},
        {"current": ["MonA2"]},
        {"check_ins": live.slices["check_ins"][3:]},
        {"event": {**live.slices["event"], "title": "Another name"}},
    ]
    for number, step in enumerate(steps):
        live.change(**step)
        await renewed(page, live, f"step {number}")
        same = """async () => {
          const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
          // What the visitor's own tools added is no part of the page.
          const plain = (page, id) => {
            const node = page.getElementById(id).cloneNode(true);
            node.querySelectorAll("[data-keep]").forEach((kept) => kept.remove());
            for (const one of node.querySelectorAll("*")) {
              const own = [...one.attributes].filter(({name}) => name.startsWith("data-my"));
              own.forEach(({name}) => one.removeAttribute(name));
            }
            return node;
          };
          const equal = ["top", "menu", "banner", "content", "foot"].every(
            (id) => plain(document, id).isEqualNode(plain(fresh, id)));
          return equal && document.title === fresh.title;
        }"""
        assert await page.evaluate(same), step


HEAR = """() => { window.heard = [];
  const spoken = (all) => all.flatMap((one) => [...one.addedNodes]).filter((node) => node.textContent.trim());
  const note = (name) => (all) => heard.push(...spoken(all).map(() => name));
  for (const [name, live] of [["banner", "assertive"], ["said", "polite"]]) {
    const box = document.getElementById(name);
    if ((box.getAttribute("aria-live") || {status: "polite"}[box.getAttribute("role")]) !== live) throw new Error(name);
    new MutationObserver(note(name)).observe(box, {childList: true, subtree: true});
  } }"""


@pytest.mark.parametrize("path", ["", "links.html", "tracks/storage.html"])
async def test_danger_is_announced_once_on_every_page(opened: Callable[..., Any], live: Any, path: str) -> None:
    page = (await opened(path)).page
    await is_live(page)
    await page.evaluate(HEAR)
    live.change(motd=[*live.slices["motd"], {"level": "danger", "message": "Leave now"}])
    await page.wait_for_selector("#banner:has-text('Leave now')", timeout=5_000)
    assert await page.locator("text=Leave now").count() == 1
    await renewed(page, live, "and later") if not path else None
    assert (await page.evaluate("heard")).count("banner") == 1


async def test_new_colours_come_with_their_style_sheet(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened("etherpads.html")).page
    await is_live(page)
    tracks = dict(live.slices["tracks"])
    tracks["storage"] = {**tracks["storage"], "color": "#010203", "ink": "#ffffff"}
    live.change(tracks=tracks)
    await page.wait_for_selector(".ptg-c-010203")
    colour = "getComputedStyle(document.querySelector('.ptg-c-010203')).backgroundColor"
    assert await page.evaluate(colour) == "rgb(1, 2, 3)"
    await page.wait_for_function("() => document.querySelectorAll('link[rel=stylesheet]').length === 1")


async def test_page_catches_up_after_server_returns(opened: Callable[..., Any], live: Any) -> None:
    page = (await opened()).page
    await is_live(page)
    await live.server.stop()
    await page.wait_for_selector("#live.off")
    live.change(**topic("while you were away"))
    await live.serve()
    await page.wait_for_function(SHOWS, arg="while you were away", polling=20, timeout=20_000)
    await is_live(page)


@pytest.fixture
async def static_host(live: Any) -> AsyncIterator[str]:
    """Serve the same files without events, as any static host does, and below a path."""

    async def file(request: web.Request) -> web.StreamResponse:
        path = live.folder / "html" / (request.match_info["name"] or "index.html")
        exists = await asyncio.to_thread(path.is_file)
        return web.FileResponse(path) if exists else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/some/where/{name:.*}", file)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/some/where/"
    await runner.cleanup()


async def test_without_events_a_page_polls(opened: Callable[..., Any], live: Any, static_host: str) -> None:
    watched = await opened()
    page = watched.page
    await page.goto(static_host)
    await is_live(page)
    await page.evaluate("window.mark = 1")
    assert await renewed(page, live, "polled") < 2.5
    assert await page.evaluate("window.mark") == 1
    assert all("404" in fault for fault in watched.faults)


@pytest.mark.parametrize(("path", "script"), [("", "ptgbot-"), ("screen/", "ptgbot-"), ("screen/", "screen-")])
async def test_a_page_of_another_script_is_loaded_anew(
    opened: Callable[..., Any], live: Any, path: str, script: str
) -> None:
    async def upgraded(route: Any) -> None:
        if route.request.resource_type == "document":
            await route.continue_()
            return
        answer = await route.fetch()
        body = re.sub(rf"_static/{script}(\w+)\.js", r"_static/newer-\1.js", await answer.text())
        await route.fulfill(response=answer, body=body)

    page = (await opened(path)).page
    await is_live(page)
    await page.evaluate("window.mark = 1")
    await page.route(f"**/{path}", upgraded)
    live.change(**topic("after an upgrade"))
    await page.wait_for_function("() => window.mark === undefined", timeout=10_000)
    await is_live(page)
    # Once, not for ever.
    await page.evaluate("window.mark = 1")
    live.change(motd=live.slices["motd"][:1])
    await page.wait_for_function(
        "() => document.querySelectorAll('.ptg-message, .ptg-news, .ptg-alarm').length === 1", timeout=10_000
    )
    assert await page.evaluate("window.mark") == 1
    await page.unroute_all(behavior="wait")


@pytest.mark.parametrize("path", ["", "tracks.html", "schedule.html"])
async def test_back_returns_to_the_same_place(opened: Callable[..., Any], live: Any, path: str) -> None:
    page = (await opened(path, width=390, height=700)).page
    await is_live(page)
    link = page.locator("main a.ptg-badge:visible").nth(12)
    await link.scroll_into_view_if_needed()
    await page.evaluate("scrollBy(0, 200)")
    before = (await link.bounding_box())["y"]
    await link.evaluate("(node) => node.click()")
    await page.wait_for_url("**/tracks/*.html")
    await is_live(page)
    await page.go_back()
    await is_live(page)
    await page.wait_for_function("scrollY > 0")
    assert abs((await link.bounding_box())["y"] - before) < 3
