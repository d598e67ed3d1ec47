"""Web hooks of features: JSON, signed by the scheme of Standard Webhooks, posted to an address that an operator chose.

A receiver checks with the shared secret that the call comes from this bot and is not an old one sent again, and drops
a delivery whose id it has seen. Features call :func:`post_signed` from their deliverers; it raises the two kinds of
errors that :data:`ptgbot.feature.Perform` knows.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Mapping
from pathlib import Path

import aiohttp
from attrs import field, frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.urls import address_problem
from ptgbot.store.edits import Json

PREFIX = "whsec_"
"""Begins a secret in its written form (Standard Webhooks, section "Signature scheme")."""
_SHORTEST, _LONGEST = 24, 64
"""Fewest and most bytes of a secret (the same section)."""
_LATER = frozenset({401, 403, 404, 408, 409, 421, 423, 425, 429})
"""Statuses below 500 after which the same request may succeed later (RFC 9110, RFC 6585, RFC 8470, RFC 4918).

The first three are there because an operator of either side may have to mend a secret or an address.
"""


@frozen
class Hook:
    """An address to which signed JSON is posted."""

    url: str
    secret: Path
    """A file with the shared secret: 24 to 64 random bytes in base64, with or without ``whsec_`` before them."""
    timeout: float = 10.0
    """Seconds for the whole exchange."""

    def key(self) -> bytes:
        """Return the bytes of the secret.

        Raises:
            OSError: the file cannot be read, or holds no secret; both last only until an operator has mended the file.
        """
        text = _secret_in(self.secret)
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _SHORTEST <= len(key) <= _LONGEST:
            raise OSError(f"{self.secret.name} must hold {_SHORTEST} to {_LONGEST} random bytes in base64.")
        return key


async def read_secret(path: Path) -> str:
    """Return the contents of a file with a secret, without blanks around them.

    Raises:
        OSError: it cannot be read. The message has no folder in it, because people in the chat may see it.
    """
    return await asyncio.to_thread(_secret_in, path)


def _secret_in(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError as error:
        raise OSError(f"{path.name} cannot be read: {error.strerror}.") from error


async def limited(work: Awaitable[None], seconds: float, name: str) -> None:
    """Wait for work, and cancel it when it takes too long.

    Args:
        work: what to wait for.
        seconds: the time that it may take.
        name: who works, for the message.

    Raises:
        OSError: it took too long.
        Exception: whatever the work raises.
    """
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError as error:
        raise OSError(f"{name} did not answer within {seconds:g} seconds.") from error


@frozen
class Response:
    """The response of a server."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)
    """Its headers, with names in lower case."""


def signature(key: bytes, delivery: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature`` (Standard Webhooks): HMAC-SHA256 of id, seconds and body."""
    signed = b"%s.%d.%s" % (delivery.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


async def post_signed(hook: Hook, body: Json, delivery: str) -> None:
    """Post JSON with its signature; return once the receiver has accepted it with a status of 200 to 299.

    Args:
        hook: the address and its secret.
        body: the contents.
        delivery: the transaction of the row that is delivered. It stays the same for every try, so a receiver that
            remembers it can drop repeats.

    Raises:
        OSError: not now, such as a refused connection, a time-out, or a status that says so. Try again later.
        Undeliverable: the receiver refuses the contents, or redirects.
    """
    raw, now = json.dumps(body, ensure_ascii=False).encode(), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(await asyncio.to_thread(hook.key), delivery, now, raw),
    }
    accepted(await exchange("POST", hook.url, raw, headers, within=hook.timeout, limit=0))


def accepted(reply: Response) -> Response:
    """Return a response whose status is 200 to 299.

    Raises:
        OSError: the status is another one, and the request may succeed later.
        Undeliverable: the status is another one for good.
    """
    if 200 <= reply.status < 300:
        return reply
    if reply.status >= 500 or reply.status in _LATER:
        raise OSError(f"the server answered {reply.status}.")
    if 300 <= reply.status < 400:
        raise Undeliverable(f"the server answered {reply.status}; the address must be one that does not redirect.")
    raise Undeliverable(f"the server refused it with status {reply.status}.")


async def exchange(
    method: str, url: str, body: bytes, headers: Mapping[str, str], *, within: float = 10.0, limit: int = 262_144
) -> Response:
    """Send one HTTP request and return the response, whatever its status. Redirects are not followed.

    Args:
        method: the method, such as ``POST``.
        url: an address that :func:`~ptgbot.chat.urls.address_problem` has nothing against.
        body: the body of the request; empty for none.
        headers: headers of the request.
        within: seconds for the whole exchange, however slowly the server sends.
        limit: most bytes of the response's body; the rest is cut off.

    Raises:
        OSError: no response in time, or one that is not HTTP. Try again later.
        Undeliverable: the address may not be used.
    """
    if problem := address_problem(url):
        raise Undeliverable(problem)
    try:
        async with (
            asyncio.timeout(within),
            aiohttp.ClientSession(
                trust_env=False, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.request(
                method,
                url,
                data=body or None,
                headers={"Accept-Encoding": "identity", **headers},
                allow_redirects=False,
            ) as response,
        ):
            found = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status, await _bounded(response, limit), found)
    except TimeoutError as error:
        raise OSError(f"the server did not answer within {within:g} seconds.") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise OSError(f"the server cannot be reached: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """Return why a server cannot be reached, in words for an operator."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        found = error.certificate_error
        return f"its certificate cannot be trusted: {getattr(found, 'verify_message', '') or found}"
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return f"what answers at port {error.port} does not speak TLS as we do ({error.os_error.strerror})"
    return str(error) or type(error).__name__


async def _bounded(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the beginning of the body of a response."""
    body = bytearray()
    while len(body) < limit and (chunk := await response.content.read(limit - len(body))):
        body += chunk
    return bytes(body)
