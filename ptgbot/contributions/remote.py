"""Reads what servers publish, within a program that has time: it waits where they ask to be left alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ptgbot.requesting import TooBusy, fetched, login

LIMIT: Final = 50_000_000
"""Most bytes of a response."""
PATIENCE: Final = 600.0
"""Most seconds that a server may make us wait for one response."""

Ask = Callable[[str], bytes]
"""Returns the body of the response of an address. Raises OSError or Undeliverable."""


def read(address: str, headers: Mapping[str, str] | None = None, pause: Callable[[float], None] = time.sleep) -> bytes:
    """Return the body of the response of an address.

    Args:
        address: the address.
        headers: further headers of the request.
        pause: waits for a number of seconds.

    Raises:
        OSError: the server cannot be reached, refuses for now, wants to be left alone for too long, or sends too much.
        Undeliverable: it refuses for good.
    """
    left = PATIENCE
    while True:
        try:
            body = asyncio.run(fetched(address, headers, LIMIT + 1)).body
        except TooBusy as error:
            # A server that says 0 is asked at most once a second.
            wait = max(error.seconds, 1.0)
            left -= wait
            if left < 0:
                raise
            pause(wait)
            continue
        if len(body) > LIMIT:
            raise OSError(f"the server sent more than {LIMIT // 1_000_000} MB.")
        return body


def asker(
    url: str, user: str = "", password_file: Path | None = None, pause: Callable[[float], None] = time.sleep
) -> Ask:
    """Return what asks a server for code review (Gerrit), as an account if there is one.

    Args:
        url: the address of the server, ending in a slash.
        user: the name of the account.
        password_file: a file with its HTTP password. It is read for each request, so that it can be changed.
        pause: waits for a number of seconds.
    """

    def ask(address: str) -> bytes:
        headers = asyncio.run(login(user, password_file))
        # Gerrit knows who asks only under /a/ (rest-api.html, "Authentication").
        return read(f"{url}a/{address.removeprefix(url)}" if headers else address, headers, pause)

    return ask
