"""Signed web hooks against real servers on loopback: what is accepted, tried again, refused."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import json
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.urls import address_problem
from ptgbot.hooks import Hook, Response, accepted, exchange, post_signed, signature

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
ROOT = Path(__file__).parents[1]


class Site:
    """A server that answers as a test wants, and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self._fine
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = TestServer(app)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.path, headers, await request.read()))
        return await self.answer(request)

    async def _fine(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/hook"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "hook.secret"
    path.write_text(f"{SECRET}\n")
    return path


def answering(status: int, body: bytes = b"", **headers: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return answer


async def test_delivery_arrives_with_id_time_and_signature(site: Site, secret: Path) -> None:
    await post_signed(Hook(site.url, secret), {"text": "größer"}, "ptg-a-7")
    _, headers, body = site.requests[0]
    assert json.loads(body) == {"text": "größer"}
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "ptg-a-7"
    wanted = signature(b"k" * 32, "ptg-a-7", int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == wanted


def test_signature_is_that_of_the_specification() -> None:
    """Standard Webhooks, section "Signature scheme", with the example of its reference libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [401, 403, 404, 408, 425, 429, 500, 502, 503])
async def test_status_that_may_pass_is_tried_again(site: Site, secret: Path, status: int) -> None:
    site.answer = answering(status)
    with pytest.raises(OSError, match=f"the server answered {status}"):
        await post_signed(Hook(site.url, secret), {}, "1")


@pytest.mark.parametrize("status", [400, 405, 410, 422])
async def test_refusal_is_final(site: Site, secret: Path, status: int) -> None:
    site.answer = answering(status)
    with pytest.raises(Undeliverable, match=f"status {status}"):
        await post_signed(Hook(site.url, secret), {}, "1")


async def test_redirect_is_not_followed(site: Site, secret: Path) -> None:
    site.answer = answering(307, Location="/elsewhere")
    with pytest.raises(Undeliverable, match="does not redirect"):
        await post_signed(Hook(site.url, secret), {}, "1")
    assert [path for path, _, _ in site.requests] == ["/hook"]


async def test_hanging_server_is_left_in_time(site: Site, secret: Path) -> None:
    asked, end = asyncio.Event(), asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        asked.set()
        await end.wait()
        return web.Response()

    site.answer = hang
    with pytest.raises(OSError, match=r"within 0\.2 seconds"):
        await post_signed(Hook(site.url, secret, timeout=0.2), {}, "1")
    assert asked.is_set()
    end.set()


async def test_dripping_server_is_left_in_time(site: Site, secret: Path) -> None:
    end = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not end.is_set():
            await response.write(b".")
            await asyncio.sleep(0.02)
        return response

    site.answer = drip
    with pytest.raises(OSError, match=r"within 0\.3 seconds"):
        await exchange("GET", site.url, b"", {}, within=0.3)
    end.set()


async def test_long_answer_is_cut(site: Site) -> None:
    site.answer = answering(200, b"x" * 5000)
    assert (await exchange("GET", site.url, b"", {}, limit=1000)).body == b"x" * 1000


async def test_accepted_delivery_needs_no_end_of_answer(site: Site, secret: Path) -> None:
    end = asyncio.Event()

    async def accept(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await end.wait()
        return response

    site.answer = accept
    await post_signed(Hook(site.url, secret, timeout=30), {}, "1")
    end.set()


async def test_refused_connection_is_tried_again(site: Site, secret: Path) -> None:
    hook = Hook(site.url, secret)
    await site.server.close()
    with pytest.raises(OSError, match="cannot be reached"):
        await post_signed(hook, {}, "1")


async def test_server_without_tls_is_told(site: Site) -> None:
    with pytest.raises(OSError, match=rf"at port {site.server.port} does not speak TLS as we do \(.*wrong version"):
        await exchange("GET", site.url.replace("http:", "https:"), b"", {})


async def test_untrusted_certificate_is_told(site: Site, tmp_path: Path) -> None:
    await site.server.close()
    site.server = TestServer(site.server.app, scheme="https")
    await site.server.start_server(ssl=self_signed(tmp_path))
    with pytest.raises(OSError, match=r"its certificate cannot be trusted: self-signed certificate\.$"):
        await exchange("GET", site.url.replace("http:", "https:"), b"", {})


def self_signed(folder: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, path = datetime.now(UTC), folder / "server.pem"
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "http://192.0.2.7/",
        "ftp://localhost/",
        "https://name:word@example.org/",
        "https://",
        "http://[",
        "nonsense",
    ],
)
async def test_address_without_protection_is_refused(secret: Path, url: str) -> None:
    assert address_problem(url)
    with pytest.raises(Undeliverable):
        await post_signed(Hook(url, secret), {}, "1")


@pytest.mark.parametrize(
    "url", ["https://example.org/x", "http://localhost:1/", "http://127.3.2.1/", "http://[::1]:9/"]
)
def test_protected_address_is_fine(url: str) -> None:
    assert address_problem(url) == ""


@pytest.mark.parametrize("written", ["", "short", "whsec_" + "A" * 12, "not base64 at all " * 3])
async def test_bad_secret_sends_nothing_and_waits(site: Site, secret: Path, written: str) -> None:
    secret.write_text(written)
    with pytest.raises(OSError, match=r"hook\.secret must hold 24 to 64 random bytes"):
        await post_signed(Hook(site.url, secret), {}, "1")
    assert site.requests == []


async def test_missing_secret_is_named_without_folder(site: Site, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"^none cannot be read: No such file or directory\.$"):
        await post_signed(Hook(site.url, tmp_path / "none"), {}, "1")


def test_answer_that_succeeded_is_returned() -> None:
    assert accepted(Response(202, b"x")) == Response(202, b"x")


@pytest.fixture
def receiver() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hook_receiver", ROOT / "docs" / "hook_receiver.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def documented(receiver: ModuleType) -> Iterator[str]:
    server = receiver.serve(0, SECRET)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_documented_receiver_prints_a_delivery_once(
    documented: str, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for delivery in ("a", "a", "b"):
        await post_signed(Hook(documented, secret), {"of": delivery}, delivery)
    assert capsys.readouterr().out.splitlines() == ['{"of": "a"}', '{"of": "b"}']


async def test_documented_receiver_refuses_another_secret(documented: str, secret: Path) -> None:
    secret.write_text(base64.b64encode(b"z" * 32).decode())
    with pytest.raises(OSError, match="answered 403"):
        await post_signed(Hook(documented, secret), {}, "a")


def test_documented_check_refuses_what_is_old(receiver: ModuleType) -> None:
    body = b"{}"
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": "1600000000",
        "webhook-signature": signature(b"k" * 32, "1", 1_600_000_000, body),
    }
    assert not receiver.is_genuine(SECRET, headers, body)
    assert receiver.is_genuine(SECRET, headers, body, tolerance=1e12)
    assert not receiver.is_genuine(SECRET, headers, b"[]", tolerance=1e12)
