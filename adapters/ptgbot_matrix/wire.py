"""Requests to the homeserver: JSON there, JSON back, and every way to fail as one of three exceptions.

nio's session sends them. Its own answers are not used: after an error they come at once, so that its loop makes
thousands of requests a second, and they wait inside the call while the server asks for a pause.
Source: Matrix client-server API, sections "API Standards" and "Rate limiting".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import ClientError, ClientResponse
from attrs import define
from nio import AsyncClient

from ptgbot.chat.outbox import TryLater

Json = Mapping[str, Any]

PREFIX: Final = "/_matrix/client/v3"
MOST_BYTES: Final = 200_000_000
"""Of an answer; a first sync of an account in large rooms has tens of megabytes."""
PAUSE: Final = 5.0
"""Seconds, where the server asks for a pause and doesn't say how long."""
LONGEST_PAUSE: Final = 3600.0


class ServerTrouble(ConnectionError):
    """No answer, or none that could be understood; it may be better later."""


class Refused(Exception):
    """The server understood and says no."""

    def __init__(self, status: int, code: str, text: str, *, soft: bool = False) -> None:
        super().__init__(f"{text or 'refused'} ({code}, {status})")
        self.status = status
        self.code = code
        self.soft = soft
        """Of a lost token: it has only expired, and the device is still there (section "Soft logout")."""


class Interactive(Refused):
    """The server wants to know first that it is really us (section "User-Interactive Authentication API")."""

    def __init__(self, session: str) -> None:
        super().__init__(401, "M_FORBIDDEN", "the homeserver wants the password for that")
        self.session = session


@define(eq=False)
class Wire:
    """The homeserver's client API. Raises ServerTrouble (an OSError), Refused and TryLater."""

    client: AsyncClient
    timeout: float
    """Seconds for a request."""

    async def get(self, path: str, query: Json | None = None, *, patience: float = 0.0) -> Json:
        """Ask for something; the server may take ``patience`` seconds longer than usual."""
        return await self.call("GET", path, query=query, patience=patience)

    async def put(self, path: str, body: Json) -> Json:
        """Set something."""
        return await self.call("PUT", path, body)

    async def post(self, path: str, body: Json) -> Json:
        """Make something happen."""
        return await self.call("POST", path, body)

    async def call(
        self, method: str, path: str, body: Json | None = None, *, query: Json | None = None, patience: float = 0.0
    ) -> Json:
        """Send a request and return the object that comes back."""
        headers = {"Content-Type": "application/json"}
        if self.client.access_token:
            headers["Authorization"] = f"Bearer {self.client.access_token}"
        where = PREFIX + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body)
        try:
            async with asyncio.timeout(self.timeout + patience):
                response = await self.client.send(method, where, data, headers, timeout=0)
                async with response:
                    raw = await _body(response)
        except TimeoutError as error:
            raise ServerTrouble("the homeserver did not answer in time") from error
        except (ClientError, OSError, ValueError) as error:
            raise ServerTrouble(f"the homeserver can't be reached: {str(error) or type(error).__name__}") from error
        return _understood(response.status, response.headers.get("Retry-After", ""), raw)

    async def close(self) -> None:
        """Close the session."""
        await self.client.close()  # type: ignore[no-untyped-call]


async def _body(response: ClientResponse) -> bytes:
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise ServerTrouble(f"the homeserver's answer is larger than {MOST_BYTES} bytes")
    return b"".join(chunks)


def _understood(status: int, wait: str, raw: bytes) -> Json:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if status == 429:
        raise TryLater(_pause(found, wait))
    if not isinstance(found, dict):
        raise ServerTrouble(f"the homeserver answered {status} with something else than a JSON object")
    if 200 <= status < 300:
        return found
    code, text, session = found.get("errcode"), found.get("error"), found.get("session")
    if status == 401 and isinstance(found.get("flows"), list) and isinstance(session, str):
        raise Interactive(session)
    if status >= 500 or not isinstance(code, str):
        raise ServerTrouble(f"the homeserver answered {status}: {str(text)[:200]}")
    raise Refused(status, code, str(text)[:200] if text else "", soft=found.get("soft_logout") is True)


def _pause(found: object, wait: str) -> float:
    asked = found.get("retry_after_ms") if isinstance(found, dict) else None
    if isinstance(asked, int | float) and not isinstance(asked, bool) and asked >= 0:
        return min(asked / 1000, LONGEST_PAUSE)
    return min(float(wait), LONGEST_PAUSE) if wait.isascii() and wait.isdigit() else PAUSE


def part(text: str) -> str:
    """Return an id as one part of a path."""
    return quote(text, safe="")
