"""What ``~fetchdb`` loads, and what it refuses. Real sockets on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ptgbot.chat.commands import Fetch, Fetched
from ptgbot.config import FetchConfig
from ptgbot.fetch import fetch, is_public
from ptgbot.gathering.document import read_partial

OPEN = FetchConfig(allow=("127.0.0.1", "localhost"), max_bytes=100_000, timeout=5.0)


class Site:
    """A server on loopback that answers as a test wants, and counts."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self._json
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = TestServer(app)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.hits.append(request.path)
        return await self.answer(request)

    async def _json(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'{"tracks": ["nova"]}')

    def url(self, path: str = "/ptg.json") -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    await made.server.start_server()
    yield made
    await made.server.close()


async def load(url: str, config: FetchConfig = OPEN) -> Fetched:
    return await fetch(Fetch(url, read_partial), config)


async def test_a_document_from_an_allowed_host_is_read(site: Site) -> None:
    assert (await load(site.url())).value == {"tracks": {"nova": True}}


async def test_loopback_is_refused_without_a_connection_unless_allowed(site: Site) -> None:
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"):
        fetched = await load(f"http://{host}:{site.server.port}/ptg.json", FetchConfig(timeout=5.0))
        assert fetched.error, host
    assert site.hits == []


async def test_the_refusal_says_what_an_operator_can_do(site: Site) -> None:
    fetched = await load(site.url(), FetchConfig())
    assert fetched.error == "127.0.0.1 is an address inside this network; an operator may allow it ([fetch] allow)."


async def test_only_allowed_hosts_when_public_is_off(site: Site) -> None:
    fetched = await load("http://paste.example.net/x", FetchConfig(allow=("127.0.0.1",), public=False))
    assert "paste.example.net is not in the list" in fetched.error
    assert (await load(site.url(), FetchConfig(allow=("127.0.0.1",), public=False))).error == ""


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://x", "javascript:1", "http:///x"]
)
async def test_other_schemes_are_refused(url: str) -> None:
    assert (await load(url)).error == "only http:// and https:// addresses can be loaded."


async def test_redirect_to_loopback_is_refused_without_connecting(site: Site) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"http://localhost:{site.server.port}/secret")

    site.answer = elsewhere
    fetched = await load(site.url(), FetchConfig(allow=("127.0.0.1",)))
    assert "localhost is an address inside this network" in fetched.error
    assert site.hits == ["/ptg.json"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
async def test_a_redirect_to_another_scheme_is_refused(site: Site, target: str) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": target})

    site.answer = elsewhere
    assert "only http:// and https://" in (await load(site.url())).error


async def test_redirects_are_followed_a_few_times(site: Site) -> None:
    async def twice(request: web.Request) -> web.StreamResponse:
        if len(site.hits) < 3:
            return web.Response(status=302, headers={"Location": "/next"})
        return web.Response(body=b"{}")

    site.answer = twice
    assert (await load(site.url())).value == {}


async def test_redirect_loop_is_given_up(site: Site) -> None:
    async def again(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": request.path})

    site.answer = again
    assert (await load(site.url())).error == "it redirects more than 3 times."
    assert len(site.hits) == 4


async def test_a_huge_document_is_given_up_early(site: Site) -> None:
    sent = 0

    async def huge(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while sent < 100_000_000:
                await response.write(b"x" * 65536)
                sent += 65536
        except ConnectionError:
            pass
        return response

    site.answer = huge
    assert (await load(site.url())).error == "it has more than 100000 bytes."
    assert sent < 50_000_000


async def test_a_server_that_never_answers_is_given_up(site: Site) -> None:
    release = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    site.answer = silent
    config = FetchConfig(allow=("127.0.0.1",), timeout=0.2)
    assert (await load(site.url(), config)).error == "it took longer than 0.2 seconds."
    release.set()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"[]", "the document: expected an object, found a list."),
        (b'{"tracks": ["no', "line 1, column"),
        (b'{"tracks": 5}', "tracks: expected a list, found a number."),
        (b"<html>", "line 1, column 1"),
        (b'{"voice": NaN}', "NaN is not a number"),
        (b"\xff\xfe", ""),
    ],
)
async def test_malformed_document_is_reported_with_its_place(site: Site, body: bytes, sentence: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body)

    site.answer = answer
    fetched = await load(site.url())
    assert fetched.error
    assert sentence in fetched.error


@pytest.mark.parametrize("status", [204, 404, 500])
async def test_error_status_is_reported(site: Site, status: int) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    site.answer = answer
    assert (await load(site.url())).error == f"the server answered {status}."


async def test_unreachable_server_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        fetched = await load(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert "Connect call failed" in fetched.error or "Cannot connect" in fetched.error


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1", True),
        ("127.0.0.1", False),
        ("10.20.10.181", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses_are_recognised(address: str, *, public: bool) -> None:
    assert is_public(address) is public
