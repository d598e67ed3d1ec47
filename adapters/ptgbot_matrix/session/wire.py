"""Requests to the homeserver: JSON out, JSON back, and each failure as one of three exceptions.

They use the HTTP session of nio, but not its own methods. Those return an error at once, so that nio's sync loop makes
thousands of requests a second during an outage, and they sleep inside the call when the server asks for a pause.
Source: Matrix client-server API, sections "API Standards" and "Rate limiting".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import ClientConnectorError, ClientError, ClientResponse
from attrs import define
from nio import AsyncClient

from ptgbot.chat.outbox import TryLater
from ptgbot.chat.unreachable import why

JsonObject = Mapping[str, Any]

PREFIX: Final = "/_matrix/client/v3"
MEDIA: Final = "/_matrix/media/v3/upload"
MOST_BYTES: Final = 200_000_000
"""Largest body that is read. The first sync of an account in large rooms has tens of megabytes."""
DEFAULT_PAUSE: Final = 5.0
"""Seconds to wait if the server asks for a pause without saying how long."""
LONGEST_PAUSE: Final = 3600.0


class ServerTrouble(ConnectionError):
    """The server did not answer, or its answer is malformed. The same request may succeed later."""


class RequestRefused(Exception):
    """The server has understood the request and refuses it."""

    def __init__(self, status: int, code: str, text: str, *, soft: bool = False) -> None:
        super().__init__(f"{text or 'refused'} ({code}, {status})")
        self.status = status
        self.code = code
        self.soft = soft
        """Whether a token that is refused has only expired and its device still exists (section "Soft logout")."""


class Interactive(RequestRefused):
    """The server wants to authenticate the user first (section "User-Interactive Authentication API")."""

    def __init__(self, session: str) -> None:
        super().__init__(401, "M_FORBIDDEN", "the homeserver wants the password for that")
        self.session = session


@define(eq=False)
class Wire:
    """The client-server API of a homeserver.

    Every request raises ServerTrouble (an OSError), RequestRefused or TryLater if it fails.
    """

    client: AsyncClient
    timeout: float
    """Seconds that a request may take."""

    async def get(self, path: str, query: JsonObject | None = None, *, patience: float = 0.0) -> JsonObject:
        """Send a GET request.

        The response may take ``patience`` seconds longer than the usual time-out. Raises as :meth:`call`.
        """
        return await self.call("GET", path, query=query, patience=patience)

    async def put(self, path: str, body: JsonObject) -> JsonObject:
        """Send a PUT request. Raises as :meth:`call`."""
        return await self.call("PUT", path, body)

    async def post(self, path: str, body: JsonObject) -> JsonObject:
        """Send a POST request. Raises as :meth:`call`."""
        return await self.call("POST", path, body)

    async def call(
        self,
        method: str,
        path: str,
        body: JsonObject | None = None,
        *,
        query: JsonObject | None = None,
        patience: float = 0.0,
        prefix: str = PREFIX,
    ) -> JsonObject:
        """Send a request and return the JSON object in the response.

        ``prefix`` is the beginning of the path; other parts of the API than the usual one have others.

        Raises:
            ServerTrouble: the server did not answer, or its response is malformed.
            RequestRefused: the server refuses the request.
            TryLater: the server asks for a pause.
        """
        where = prefix + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body)
        return await self._request(method, where, data, "application/json", self.timeout + patience)

    async def upload(self, data: bytes, content_type: str) -> str:
        """Upload a file and return its ``mxc://`` address. Raises as :meth:`call`."""
        answer = await self._request("POST", MEDIA, data, content_type, self.timeout)
        address = answer.get("content_uri")
        if not isinstance(address, str) or not address.startswith("mxc://"):
            raise ServerTrouble("the homeserver's answer to an upload has no address")
        return address

    async def _request(
        self, method: str, where: str, data: str | bytes | None, content_type: str, seconds: float
    ) -> JsonObject:
        headers = {"Content-Type": content_type}
        if self.client.access_token:
            headers["Authorization"] = f"Bearer {self.client.access_token}"
        try:
            async with asyncio.timeout(seconds):
                response = await self.client.send(method, where, data, headers, timeout=0)
                async with response:
                    raw = await _body(response)
        except TimeoutError as error:
            raise ServerTrouble("the homeserver did not answer in time") from error
        except ClientConnectorError as error:
            where = f"{error.host}, port {error.port}"
            raise ServerTrouble(f"the homeserver can't be reached: {where}: {why(error.os_error)}") from error
        except (ClientError, OSError, ValueError) as error:
            raise ServerTrouble(f"the homeserver can't be reached: {str(error) or type(error).__name__}") from error
        return _understood(response.status, response.headers.get("Retry-After", ""), raw)

    async def close(self) -> None:
        """Close the HTTP session."""
        await self.client.close()  # type: ignore[no-untyped-call]


async def _body(response: ClientResponse) -> bytes:
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise ServerTrouble(f"the homeserver's answer is larger than {MOST_BYTES} bytes")
    return b"".join(chunks)


def _understood(status: int, wait: str, raw: bytes) -> JsonObject:
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
    raise RequestRefused(status, code, str(text)[:200] if text else "", soft=found.get("soft_logout") is True)


def _pause(found: object, wait: str) -> float:
    asked = found.get("retry_after_ms") if isinstance(found, dict) else None
    if isinstance(asked, int | float) and not isinstance(asked, bool) and asked >= 0:
        return min(asked / 1000, LONGEST_PAUSE)
    return min(float(wait), LONGEST_PAUSE) if wait.isascii() and wait.isdigit() else DEFAULT_PAUSE


def part(text: str) -> str:
    """Return an id quoted as one segment of a path."""
    return quote(text, safe="")
