"""Requests to servers that publish something, one at a time and as slowly as they ask for."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ptgbot.hooks import Response, accepted, exchange, read_secret

NOT_MODIFIED: Final = 304
MOST: Final = 60.0 * 60
"""Most seconds that a server may make us wait."""
_LIMIT: Final = 50_000_000
_TIMEOUT: Final = 120.0
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "ptgbot"}


class TooBusy(OSError):
    """The server asks to be left alone for a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the server asks us to wait for {seconds:g} seconds.")
        self.seconds = seconds
        """How long it wants to be left alone."""


class NotThere(OSError):
    """The server has nothing at the address."""


async def fetched(address: str, headers: Mapping[str, str] | None = None, limit: int = _LIMIT) -> Response:
    """Return the response to a request: one of success, or one that says that nothing is new.

    Args:
        address: the address.
        headers: further headers of the request.
        limit: most bytes of the body; the rest is cut off.

    Raises:
        OSError: the server cannot be reached, or refuses for now.
        TooBusy: it asks for a pause.
        NotThere: it has nothing at the address.
        Undeliverable: it refuses for good.
    """
    response = await exchange("GET", address, b"", {**_HEADERS, **(headers or {})}, within=_TIMEOUT, limit=limit)
    if response.status in (429, 503) and "retry-after" in response.headers:
        raise TooBusy(_pause(response.headers["retry-after"]))
    if response.status == 401 and headers and "Authorization" in headers:
        raise OSError("the server answered 401: it does not know the account, or the password is another one.")
    if response.status == 404:
        raise NotThere("the server answered 404.")
    return response if response.status == NOT_MODIFIED else accepted(response)


def _pause(text: str) -> float:
    """Return the seconds of a header ``Retry-After`` (RFC 9110, section 10.2.3); a date counts as a minute."""
    return min(float(text), MOST) if text.isascii() and text.isdigit() else 60.0


async def login(user: str, password_file: Path | None) -> Mapping[str, str]:
    """Return the headers by which a server knows who asks (RFC 7617), none without an account.

    Raises:
        OSError: the file with the password cannot be read.
    """
    if not password_file:
        return {}
    password = await read_secret(password_file)
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}
