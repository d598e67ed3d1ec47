"""The web server, by a real client and, where a client would tidy an attack away, by a bare connection."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import brotli
import pytest
from attrs import define

from ptgbot.web.events import Listener
from ptgbot.web.files import find
from ptgbot.web.headers import POLICY, SECURITY
from ptgbot.web.readers import Proxies
from ptgbot.web.server import Limits, WebServer
from ptgbot.web.sockets import listening
from tests.web.serving import serve, well

TOKEN = "canary-0123456789"


def build(number: int, *pages: str) -> dict[str, Any]:
    """Return what ``build.json`` says after a build."""
    return {"build": number, "since": number - 1, "pages": dict.fromkeys(pages, number)}


@define
class Health:
    """What the service would say."""

    works: bool = True

    async def __call__(self) -> tuple[bool, dict[str, Any]]:
        return self.works, {"ok": self.works, "site": "fine"}


@define
class Client:
    server: WebServer
    port: int
    session: aiohttp.ClientSession
    health: Health

    def get(self, path: str, **options: Any) -> Any:
        return self.session.get(f"http://127.0.0.1:{self.port}{path}", **options)

    async def raw(self, request: bytes) -> bytes:
        """Send a request as it stands."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    release = tmp_path / "html.d" / "releases" / "1"
    (release / "_static").mkdir(parents=True)
    (release / "sub").mkdir()
    (release / "index.html").write_text("<p>now</p>")
    (release / "sub" / "index.html").write_text("<p>sub</p>")
    (release / "page.html").write_text("<p>page</p>" * 500)
    (release / "page.html.gz").write_bytes(gzip.compress(b"<p>page</p>" * 500))
    (release / "page.html.br").write_bytes(brotli.compress(b"<p>page</p>" * 500))
    (release / "ptg.json").write_text("{}")
    (release / "build.json").write_text(json.dumps(build(1, "index.html")))
    (release / "_static" / "ptgbot-0123456789.css").write_text("p{}")
    (release / "_static" / "plain.js").write_text("1")
    (release / ".hidden").write_text("hidden")
    (tmp_path / "secret").write_text("secret")
    (release / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "html").symlink_to("html.d/releases/1")
    return tmp_path / "html"


@pytest.fixture
async def client(root: Path) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession(auto_decompress=True) as session:
        health = Health()
        limits = Limits(streams=3, beat=0.05, patience=0.3, stalled=0.5)
        server = WebServer(root, health, limits=limits, token=TOKEN)
        yield Client(server, await serve(server), session, health)
        await server.stop()


async def test_the_root_is_the_index(client: Client) -> None:
    async with client.get("/") as answer:
        assert (answer.status, await answer.text()) == (200, "<p>now</p>")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/page.html", "/nothing", "/ptg.json", "/healthz", "/_static/plain.js"])
async def test_every_answer_carries_the_policy(client: Client, path: str) -> None:
    async with client.get(path) as answer:
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_policy_allows_nothing_inline_or_foreign() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", "no-cache"),
        ("/page.html", "no-cache"),
        ("/ptg.json", "no-cache"),
        ("/_static/plain.js", "no-cache"),
        ("/_static/ptgbot-0123456789.css", "public, max-age=31536000, immutable"),
        ("/healthz", "no-store"),
    ],
)
async def test_only_files_named_by_digest_are_cached(client: Client, path: str, caching: str) -> None:
    async with client.get(path) as answer:
        assert answer.headers["Cache-Control"] == caching


async def test_unchanged_page_is_not_sent_again(client: Client) -> None:
    async with client.get("/page.html") as answer:
        tag = answer.headers["ETag"]
    for known in (tag, f'"other", {tag}', "*"):
        async with client.get("/page.html", headers={"If-None-Match": known}) as answer:
            assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)
    # Packed and plain are two states of one page.
    async with client.get("/page.html", headers={"If-None-Match": tag, "Accept-Encoding": "identity"}) as answer:
        assert (answer.status, answer.headers["Vary"]) == (200, "Accept-Encoding")
        assert await answer.read() == b"<p>page</p>" * 500
    async with client.session.head(f"http://127.0.0.1:{client.port}/page.html") as answer:
        assert (answer.status, await answer.read(), answer.headers["ETag"]) == (200, b"", tag)


async def test_pages_travel_packed_where_the_browser_can_unpack(client: Client) -> None:
    async with client.get("/page.html", headers={"Accept-Encoding": "gzip, deflate"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert (await answer.text()).startswith("<p>page</p>")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("name", ["alert.json", "api/v2/summary.json"])
async def test_files_for_apps_can_be_read_from_anywhere(client: Client, root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("{}")
    async with client.get(f"/{name}") as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_the_state_can_be_read_from_anywhere(client: Client) -> None:
    async with client.get("/ptg.json") as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["ETag"]
        assert await answer.json() == {}
    async with client.get("/") as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_public_health_says_ok_or_not(client: Client) -> None:
    async with client.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ok": True})
    client.health.works = False
    for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}):
        async with client.get("/healthz", headers=wrong) as answer:
            assert (answer.status, await answer.json()) == (503, {"ok": False})


async def test_token_shows_whole_health(client: Client) -> None:
    async with client.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
        assert await answer.json() == {"ok": True, "site": "fine"}


async def test_no_token_opens_nothing(root: Path) -> None:
    server = WebServer(root, Health())
    port = await serve(server)
    async with aiohttp.ClientSession() as session:
        for given in ("Bearer ", "Bearer"):
            headers = {"Authorization": given}
            async with session.get(f"http://127.0.0.1:{port}/healthz", headers=headers) as answer:
                assert await answer.json() == {"ok": True}
    await server.stop()


async def test_operators_address_shows_health_and_nothing_else(root: Path) -> None:
    server, [bound] = WebServer(root, Health()), await listening("127.0.0.1:0")
    await server.start([], [bound])
    base = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with aiohttp.ClientSession(base) as session:
        async with session.get("/healthz") as answer:
            assert await answer.json() == {"ok": True, "site": "fine"}
        async with session.get("/") as answer:
            assert answer.status == 404
    await server.stop()


async def test_the_switch_of_a_release_shows_at_once(client: Client, root: Path) -> None:
    for path in ("/", "/page.html"):
        async with client.get(path) as answer:
            assert "second" not in await answer.text()
    second = root.parent / "html.d" / "releases" / "2"
    second.mkdir()
    (second / "index.html").write_text("<p>second</p>")
    (root.parent / "link").symlink_to("html.d/releases/2")
    (root.parent / "link").replace(root)
    async with client.get("/") as answer:
        assert await answer.text() == "<p>second</p>"
    async with client.get("/page.html") as answer:
        assert answer.status == 404


async def test_folder_without_slash_leads_to_its_index(client: Client) -> None:
    async with client.get("/sub", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "./sub/")
    async with client.get("/sub") as answer:
        assert await answer.text() == "<p>sub</p>"


async def test_before_the_first_build_it_says_so(client: Client, root: Path) -> None:
    await asyncio.to_thread(root.unlink)
    async with client.get("/") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


ATTACKS = [
    "/../secret",
    "/../../../../../../etc/passwd",
    "/..%2f..%2fsecret",
    "/%2e%2e/%2e%2e/secret",
    "/sub/../../../../secret",
    "/..\\..\\secret",
    "/.hidden",
    "/sub/.git/config",
    "/out",
    "//etc/passwd",
    "/%00",
    "/index.html%00.txt",
    "/%c0%ae%c0%ae/secret",
    "/" + "a/" * 2000,
    "/" + "a" * 5000,
    "/%ff%fe",
    "/con",
    "/_static",
    "/index.html/",
    "/index.html/x",
    "/ptg.json/../../secret",
]


@pytest.mark.parametrize("path", ATTACKS)
async def test_files_outside_the_release_are_not_served(client: Client, path: str) -> None:
    answer = await client.raw(f"GET {path} HTTP/1.1".encode())
    status = int(answer.split(b" ", 2)[1])
    assert status in {400, 404}
    assert b"secret" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "name", ["../secret", "..", "a/../../secret", "out", ".hidden", "x\x00y", "sub/\n", "a" * 9000]
)
def test_links_out_of_the_release_are_missing(root: Path, name: str) -> None:
    assert find(root, name) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
async def test_only_reading_is_possible(client: Client, method: str) -> None:
    async with client.session.request(method, f"http://127.0.0.1:{client.port}/index.html") as answer:
        assert answer.status == 405
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def events(answer: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.content:
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


async def listening_for(client: Client, number: int) -> None:
    async with asyncio.timeout(10):
        while client.server.listeners != number:
            await asyncio.sleep(0.005)


async def test_open_pages_are_told_of_a_build(client: Client) -> None:
    async with client.get("/events") as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        await listening_for(client, 1)
        told = events(answer)
        assert await anext(told) == build(1, "index.html")
        client.server.announce(build(7, "index.html", "x.html"))
        assert await anext(told) == build(7, "index.html", "x.html")


async def test_a_silent_stream_shows_signs_of_life(client: Client) -> None:
    async with client.get("/events") as answer:
        lines = [await answer.content.readline() for _ in range(8)]
    assert (lines[0][:7], lines[6:]) == (b"retry: ", [b": alive\n", b"\n"])


async def test_a_reader_that_left_is_forgotten(client: Client) -> None:
    async with client.get("/events"):
        await listening_for(client, 1)
    await listening_for(client, 0)


async def test_too_many_readers_are_sent_away_and_poll(client: Client) -> None:
    answers = [await client.get("/events") for _ in range(3)]
    await listening_for(client, 3)
    async with client.get("/events") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    for answer in answers:
        answer.close()


async def test_slow_reader_hears_of_newest_build_only() -> None:
    listener = Listener(b"event 0\n\n")
    messages = listener.messages(beat=60)
    assert (await anext(messages)).endswith(b"\n\nevent 0\n\n")
    for number in range(1, 1000):
        listener.tell(b"event %d\n\n" % number)
    assert await anext(messages) == b"event 999\n\n"
    listener.close()
    assert [message async for message in messages] == []


async def test_stalled_reader_is_dropped_and_delays_nobody(client: Client) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", client.port, limit=1)
    writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
    await listening_for(client, 1)
    async with client.get("/events") as answer:
        await listening_for(client, 2)
        stream = events(answer)
        number = 0
        async with asyncio.timeout(60):
            while client.server.listeners == 2:
                number += 1
                client.server.announce(build(number, *(f"{page}-{'x' * 2000}.html" for page in range(100))))
                assert (await anext(stream))["build"] <= number
    writer.close()


async def test_a_stop_ends_all_streams(client: Client) -> None:
    async with client.get("/events") as answer:
        await listening_for(client, 1)
        await client.server.stop()
        async with asyncio.timeout(5):
            await answer.content.read()


async def test_port_in_use_raises_os_error(client: Client, root: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        await serve(WebServer(root, well), client.port)


async def test_build_json_is_small_packed_and_from_memory(client: Client, root: Path) -> None:
    async with client.get("/build.json") as answer:
        assert await answer.json() == build(1, "index.html")
    (root / "build.json").write_text("not read")
    client.server.announce(build(2, "index.html", "tracks.html"))
    async with client.get("/build.json") as answer:
        tag, size = answer.headers["ETag"], int(answer.headers["Content-Length"])
        assert (answer.headers["Content-Encoding"], answer.headers["Cache-Control"]) == ("gzip", "no-cache")
        assert await answer.json() == build(2, "index.html", "tracks.html")
    assert size < 300
    async with client.get("/build.json", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")


async def test_page_tells_its_script_the_build(client: Client) -> None:
    async with client.get("/sub/") as answer:
        assert answer.headers["Server-Timing"] == 'build;desc="1"'


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1", b"GET /nothing HTTP/1.1", b"\x00\x01", b"GET / HTTP/9.9.9"])
async def test_no_answer_names_versions(client: Client, request_: bytes) -> None:
    answer = (await client.raw(request_)).partition(b"\r\n\r\n")[0]
    assert b"\r\nServer: ptgbot" in answer
    assert b"aiohttp" not in answer
    assert b"Python" not in answer


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "])
async def test_half_request_is_dropped(client: Client, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(begun)
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["first", "second"])
async def test_slow_request_is_dropped(client: Client, before: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(before)
    if before:
        await reader.readuntil(b"</p>")

    async def trickle() -> None:
        for byte in b"GET / HTTP/1.1\r\nHost: " + b"x" * 9000:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    trickling.cancel()
    writer.close()


async def test_reader_between_two_requests_is_kept(client: Client) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"</p>")
        # Longer than an unfinished request may take.
        await asyncio.sleep(0.5)
    writer.close()


async def test_closed_streams_make_room_at_once(client: Client) -> None:
    async with asyncio.timeout(5):
        for _ in range(20):
            opened = [await client.get("/events") for _ in range(3)]
            assert [answer.status for answer in opened] == [200] * 3
            for answer in opened:
                answer.close()
            await listening_for(client, 0)
    assert client.server.refused == 0


async def test_one_address_behind_proxy_opens_few_streams(root: Path) -> None:
    limits = Limits(streams=9, streams_per_address=2)
    server = WebServer(root, well, limits=limits, proxies=Proxies(("127.0.0.1",)))
    port = await serve(server)

    async def ask(forwarded: str) -> aiohttp.ClientResponse:
        return await session.get(f"http://127.0.0.1:{port}/events", headers={"X-Forwarded-For": forwarded})

    async with aiohttp.ClientSession() as session:
        # What stands further left comes from the reader, who may write anything.
        answers = [await ask(f"192.0.2.{number}, 198.51.100.7") for number in range(3)]
        answers += [await ask("198.51.100.8"), *[await session.get(f"http://127.0.0.1:{port}/events")] * 3]
        assert [answer.status for answer in answers] == [200, 200, 503, 200, 200, 200, 200]
        assert server.refused == 1
        for answer in answers:
            answer.close()
    await server.stop()


async def test_large_file_is_streamed_in_preferred_form(client: Client, root: Path) -> None:
    content = b"0123456789abcdef" * 2**18
    (root / "ptg.json").write_bytes(content)
    (root / "ptg.json.gz").write_bytes(gzip.compress(content))
    for accepted, coding in (("gzip", "gzip"), ("gzip;q=0, identity", None)):
        async with client.get("/ptg.json", headers={"Accept-Encoding": accepted}) as answer:
            assert answer.headers.get("Content-Encoding") == coding
            assert await answer.read() == content
            tag = answer.headers["ETag"]
        async with client.get("/ptg.json", headers={"Accept-Encoding": accepted, "If-None-Match": tag}) as answer:
            assert answer.status == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip;q=0", None), ("*", "br"), ("gzip, br;q=0.5", "gzip"), ("br, gzip", "br"), ("", None)],
)
async def test_answer_has_the_preferred_coding(client: Client, accepted: str, coding: str | None) -> None:
    async with client.get("/page.html", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert await answer.text() == "<p>page</p>" * 500


@pytest.mark.parametrize("name", ["nginx-static.conf", "apache.conf"])
def test_rules_for_other_servers_match_our_own(name: str) -> None:
    written = (Path(__file__).parents[2] / "docs" / "deploy" / name).read_text()
    assert POLICY in written
    assert all(value in written for value in SECURITY.values())
    assert "public, max-age=31536000, immutable" in written
    assert r"_static/[\w.]+-[0-9a-f]{10}\.\w+" in written


@pytest.mark.parametrize(
    ("said", "live", "ready"),
    [
        ((True, {"ok": True, "ready": True, "parts": {}}), 200, 200),
        ((False, {"ok": False, "ready": True, "parts": {"site": {}}}), 200, 200),
        ((True, {"ok": True, "ready": False, "parts": {}}), 200, 503),
        ((False, {"ok": False, "ready": False, "parts": {"bot": {}}}), 503, 503),
    ],
)
async def test_live_and_ready_are_told_apart(root: Path, said: Any, live: int, ready: int) -> None:
    async def health() -> Any:
        return said

    server = WebServer(root, health)
    port = await serve(server)
    async with aiohttp.ClientSession() as session:
        found = [
            (await session.get(f"http://127.0.0.1:{port}/healthz/{path}")).status for path in ("live", "ready")
        ]
    await server.stop()
    assert found == [live, ready]


async def test_metrics_are_for_operators_only(root: Path) -> None:
    async def metrics() -> bytes:
        return b"ptgbot_info 1\n"

    server = WebServer(root, Health(), metrics=metrics, token=TOKEN)
    port = await serve(server)
    async with aiohttp.ClientSession() as session:
        assert (await session.get(f"http://127.0.0.1:{port}/metrics")).status == 403
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = await session.get(f"http://127.0.0.1:{port}/metrics", headers=headers)
        assert (answer.status, await answer.text()) == (200, "ptgbot_info 1\n")
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    await server.stop()
