"""Routes of features, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from attrs import define

from ptgbot.feature import Answered, Asked, Route
from ptgbot.store.edits import Json
from ptgbot.web.headers import SECURITY
from ptgbot.web.routes import LARGEST, MOST_WAITING, Routes, RouteTaken
from ptgbot.web.server import WebServer
from tests.parts.birds import Birds, BirdSettings, until
from tests.web.serving import serve, well

Answer = Callable[[Asked, BirdSettings], Answered]
SLICES: dict[str, Json] = {"birds.seen": ["wren"]}


def echo(asked: Asked, settings: BirdSettings) -> Answered:
    told = {"path": asked.path, "query": dict(asked.query), "slices": dict(asked.slices), "on": settings.on}
    return Answered(json.dumps(told).encode(), headers={"X-Bird": "wren"})


def mount(*routes: Route[BirdSettings], pages: tuple[str, ...] = ()) -> Routes:
    made = Routes()
    made.mount(Birds(routes=routes), BirdSettings(), lambda: SLICES, pages)
    return made


@define
class Site:
    """A site with routes."""

    base: str
    session: aiohttp.ClientSession

    async def ask(self, path: str, method: str = "GET") -> tuple[int, str]:
        async with self.session.request(method, self.base + path, allow_redirects=False) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def serving(folder: Path, *routes: Route[BirdSettings]) -> AsyncIterator[Site]:
    release = folder / "html.d" / "releases" / "1"
    (release / "birds").mkdir(parents=True)
    (release / "index.html").write_text("<p>now</p>")
    (release / "birds" / "page.html").write_text("<p>birds</p>")
    (folder / "html").symlink_to("html.d/releases/1")
    server = WebServer(folder / "html", well, answer=mount(*routes).answer)
    port = await serve(server)
    try:
        async with aiohttp.ClientSession() as session:
            yield Site(f"http://127.0.0.1:{port}", session)
    finally:
        await server.stop()


ECHO = Route("echo", echo, ("/old.cgi", "/archive/"))


@pytest.mark.parametrize(
    ("address", "path", "query"),
    [
        ("/birds/echo", "", {}),
        ("/birds/echo/", "", {}),
        ("/birds/echo/a/b%20c?x=1&y=%C3%A9&x=2", "a/b c", {"x": "1", "y": "é"}),
        ("/old.cgi?track=nova", "", {"track": "nova"}),
        ("/archive/2026", "2026", {}),
    ],
)
async def test_route_gets_path_query_and_slices(tmp_path: Path, address: str, path: str, query: dict[str, str]) -> None:
    async with serving(tmp_path, ECHO) as site:
        status, text = await site.ask(address)
    assert status == 200
    assert json.loads(text) == {"path": path, "query": query, "slices": SLICES, "on": True}


async def test_answers_have_the_headers_of_all_pages(tmp_path: Path) -> None:
    async with serving(tmp_path, ECHO) as site, site.session.get(f"{site.base}/birds/echo") as answer:
        assert dict(SECURITY).items() <= dict(answer.headers).items()
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["X-Bird"] == "wren"


@pytest.mark.parametrize("address", ["/birds/page.html", "/"])
async def test_other_addresses_are_still_pages(tmp_path: Path, address: str) -> None:
    async with serving(tmp_path, ECHO) as site:
        assert (await site.ask(address))[1].startswith("<p>")


async def test_a_path_that_climbs_is_no_route(tmp_path: Path) -> None:
    async with serving(tmp_path, ECHO) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(site.base.rpartition(":")[2]))
        writer.write(b"GET /birds/echo/../../secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("address", ["/birds/echoes", "/birds", "/echo", "/old.cgis", "/birds%2Fecho2"])
async def test_a_similar_address_is_no_route(tmp_path: Path, address: str) -> None:
    async with serving(tmp_path, ECHO) as site:
        assert (await site.ask(address))[0] in (302, 404)


async def test_head_has_headers_and_no_body(tmp_path: Path) -> None:
    async with serving(tmp_path, ECHO) as site, site.session.head(f"{site.base}/birds/echo") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused(tmp_path: Path, method: str) -> None:
    async with serving(tmp_path, ECHO) as site:
        assert (await site.ask("/birds/echo", method))[0] == 405


def _mistake(_asked: Asked, _settings: BirdSettings) -> Answered:
    raise RuntimeError("canary")


def _exit(_asked: Asked, _settings: BirdSettings) -> Answered:
    raise SystemExit("canary")


def _too_much(_asked: Asked, _settings: BirdSettings) -> Answered:
    return Answered(b"x" * (LARGEST + 1))


def _split_header(_asked: Asked, _settings: BirdSettings) -> Answered:
    return Answered(b"canary", headers={"X-Bird": "wren\r\nSet-Cookie: canary"})


def _split_type(_asked: Asked, _settings: BirdSettings) -> Answered:
    return Answered(b"canary", "text/html\r\nSet-Cookie: canary")


def _odd_status(_asked: Asked, _settings: BirdSettings) -> Answered:
    return Answered(b"canary", status=101)


def _writes(asked: Asked, _settings: BirdSettings) -> Answered:
    asked.slices["birds.seen"] = "canary"  # type: ignore[index]
    return Answered(b"")


@pytest.mark.parametrize("answer", [_mistake, _exit, _too_much, _split_header, _split_type, _odd_status, _writes])
async def test_failing_route_reveals_no_internals(tmp_path: Path, answer: Answer) -> None:
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path, Route("echo", answer)) as site:
            assert await site.ask("/birds/echo") == (500, "The answer failed; the operators see what happened.\n")
            assert (await site.ask("/"))[0] == 200
    assert [entry["route"] for entry in logs] == ["the route /birds/echo"]
    assert SLICES == {"birds.seen": ["wren"]}


async def test_headers_of_the_server_can_not_be_replaced(tmp_path: Path) -> None:
    def answer(_asked: Asked, _settings: BirdSettings) -> Answered:
        headers = {"content-length": "1", "Transfer-Encoding": "chunked", "Content-Security-Policy": "default-src *"}
        return Answered(b"wren", headers=headers)

    async with serving(tmp_path, Route("echo", answer)) as site, site.session.get(f"{site.base}/birds/echo") as answer_:
        assert await answer_.read() == b"wren"
        assert answer_.headers["Content-Security-Policy"] == SECURITY["Content-Security-Policy"]
        assert "Transfer-Encoding" not in answer_.headers


async def test_a_route_that_hangs_delays_no_others(tmp_path: Path) -> None:
    go = threading.Event()

    def hang(asked: Asked, _settings: BirdSettings) -> Answered:
        if asked.path == "hang":
            go.wait(20)
        return Answered(b"wren")

    async with serving(tmp_path, Route("slow", hang, timeout=0.2), ECHO) as site:
        assert await site.ask("/birds/slow/hang") == (503, "The answer took too long.\n")
        # Its thread still works, and there is one at a time.
        assert (await site.ask("/birds/slow"))[0] == 503
        assert (await site.ask("/birds/echo"))[0] == 200
        assert (await site.ask("/"))[0] == 200
        go.set()
        while (await site.ask("/birds/slow"))[0] != 200:
            pass


async def test_requests_to_a_route_are_bounded(tmp_path: Path) -> None:
    go = threading.Event()
    running: list[int] = []
    peaks: list[int] = []

    def count(_asked: Asked, _settings: BirdSettings) -> Answered:
        running.append(1)
        peaks.append(len(running))
        go.wait(20)
        running.pop()
        return Answered(b"")

    async with serving(tmp_path, Route("count", count, timeout=20.0)) as site:
        asking = [asyncio.create_task(site.ask("/birds/count")) for _ in range(MOST_WAITING + 5)]
        await until(lambda: sum(task.done() for task in asking) == 5)
        go.set()
        statuses = sorted([(await task)[0] for task in asking])
    assert statuses == [200] * MOST_WAITING + [503] * 5
    assert peaks == [1] * MOST_WAITING


async def test_a_reader_who_leaves_takes_nothing_from_others(tmp_path: Path) -> None:
    go, begun = threading.Event(), threading.Event()

    def wait(_asked: Asked, _settings: BirdSettings) -> Answered:
        begun.set()
        go.wait(20)
        return Answered(b"wren")

    async with serving(tmp_path, Route("wait", wait, timeout=20.0)) as site:
        leaving = asyncio.create_task(site.ask("/birds/wait"))
        await until(begun.is_set)
        leaving.cancel()
        staying = asyncio.create_task(site.ask("/birds/wait"))
        go.set()
        assert await staying == (200, "wren")


def routes(*pairs: tuple[str, tuple[str, ...]]) -> list[Route[BirdSettings]]:
    return [Route(prefix, echo, addresses) for prefix, addresses in pairs]


PAGES = (
    "_static/",
    "birds/list/index.html",
    "birds/nest/",
    "birds/page.html",
    "index.html",
    "nests/",
    "old/deep/x.html",
)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (routes(("a", ()), ("a", ())), "the route /birds/a and the route /birds/a both have the address /birds/a"),
        (routes(("a", ("/x",)), ("b", ("/x/",))), "the route /birds/b and the route /birds/a both have the address /x"),
        (routes(("page.html", ())), "the route /birds/page.html and the page birds/page.html"),
        (routes(("a", ("/birds/list",))), "and the page birds/list/index.html both have the address /birds/list"),
        (routes(("a", ("/",))), "and the page index.html both have the address /."),
        (routes(("a", ("/healthz",))), "and the core both have the address /healthz"),
        (routes(("a", ("/old",))), "/birds/a answers everything below /old, the page old/deep/x.html as well"),
        (routes(("a", ("/nests",))), "the route /birds/a and the pages in nests/ both have the address /nests"),
        (routes(("nest/x.html", ())), "and the pages in birds/nest/ both have the address /birds/nest/x.html"),
        (routes(("", ())), "the route /birds/ answers everything below /birds, the page birds/list/index.html"),
        (routes(("a", ("/_static/a.css",))), "and the pages in _static/ both have the address /_static/a.css"),
    ],
)
def test_clashing_addresses_are_refused_with_both_names(made: list[Route[Any]], words: str) -> None:
    with pytest.raises(RouteTaken) as refused:
        mount(*made, pages=PAGES)
    assert words in str(refused.value)


def test_an_address_beside_pages_is_free() -> None:
    mounted = mount(*routes(("nest/next.json", ("/nests.php", "/ol"))), pages=PAGES)
    assert mounted.find("/birds/nest/next.json")


def test_the_longest_address_wins() -> None:
    found = mount(*routes(("a", ()), ("a/b", ())))
    mounted = found.find("/birds/a/b/c")
    assert mounted
    assert (mounted[0].route.prefix, mounted[1]) == ("a/b", "c")
    assert found.find("/birds/b") is None


async def test_response_with_known_tag_is_not_sent(tmp_path: Path) -> None:
    tagged = Route[BirdSettings]("echo", lambda _asked, _settings: Answered(b"wren", headers={"ETag": '"7"'}))
    async with serving(tmp_path, tagged) as site:
        for tag, status in (('"7"', 304), ('"8"', 200), ("*", 304)):
            async with site.session.get(f"{site.base}/birds/echo", headers={"If-None-Match": tag}) as answer:
                assert (answer.status, await answer.read()) == (status, b"wren" if status == 200 else b"")


async def test_two_routes_cannot_share_the_front_page() -> None:
    with pytest.raises(RouteTaken, match=r"both have the address /\?bird"):
        mount(Route("echo", echo, front=("bird",)), Route("more", echo, front=("bird",)))


async def test_route_gets_folder_of_its_feature(tmp_path: Path) -> None:
    made = Routes()
    told = Route[BirdSettings]("echo", lambda asked, _settings: Answered(str(asked.folder).encode()))
    made.mount(Birds(routes=[told]), BirdSettings(), bulk=tmp_path)
    found = await made.answer("/birds/echo", {})
    assert found is not None
    assert found.body == str(tmp_path / "birds").encode()
