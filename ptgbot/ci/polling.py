"""Asks the REST interface of a server for what has changed, one request at a time."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from attrs import define, field

from ptgbot.ci.settings import ServerConfig
from ptgbot.gerrit.responses import changes_in
from ptgbot.hooks import Response, accepted, exchange, read_secret

OVERLAP: Final = 600
"""Seconds before the newest event from which everything is asked for again."""
PAGE: Final = 100
"""Changes in a page."""
MOST: Final = 60.0 * 60
"""Most seconds that a server may make us wait."""
_LIMIT: Final = 50_000_000
_TIMEOUT: Final = 120.0
_OPTIONS: Final = "&o=MESSAGES&o=ALL_REVISIONS&o=DETAILED_ACCOUNTS&o=DETAILED_LABELS"


class TooBusy(OSError):
    """The server asks to be left alone for a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the server asks us to wait for {seconds:g} seconds.")
        self.seconds = seconds
        """How long it wants to be left alone."""


@define(eq=False)
class Poll:
    """The queries to one server."""

    server: ServerConfig
    with_files: bool = False
    """Whether the paths that a patch set touches are wanted, too."""
    _known: dict[str, str] = field(factory=dict, init=False)
    """Tags of the first pages whose changes are stored, by their addresses."""
    _offered: dict[str, str] = field(factory=dict, init=False)
    """Tags of the first pages that were read since."""

    async def changed(self, project: str, since: int) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """Yield the changes of a project that were touched since a moment (seconds since 1970), a page at a time.

        The newest changes come first. So nothing has changed where the first page has not, and a server that gives it
        a tag (``ETag``, RFC 9110, section 8.8.3) need not send it twice.

        Raises:
            OSError: the server cannot be reached, or refuses for now.
            TooBusy: it asks for a pause.
            Undeliverable: it refuses for good.
            NoChanges: it answers something else.
        """
        after = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%S")
        query = quote(f'project:{project} after:"{after}"', safe=":")
        options = f"{_OPTIONS}&o=ALL_FILES" if self.with_files else _OPTIONS
        headers = await self._login()
        # Gerrit knows who asks only under /a/ (rest-api.html, "Authentication").
        base = f"{self.server.url}{'a/' if headers else ''}changes/?q={query}{options}&n={PAGE}&S="
        start = 0
        while True:
            address = f"{base}{start}"
            tag = self._known.get(address) if not start else None
            response = await fetched(address, {**headers, "If-None-Match": tag} if tag else headers)
            if response.status == NOT_MODIFIED:
                self._offered[address] = tag or ""
                return
            found = changes_in(response.body)
            if not start and (tag := response.headers.get("etag")):
                self._offered[address] = tag
            yield found
            if not found or not found[-1].get("_more_changes"):
                return
            start += len(found)

    def begin(self) -> None:
        """Forget what a look that failed has read."""
        self._offered = {}

    def stored(self) -> None:
        """Note that everything that was read is stored, so that it need not be sent again."""
        self._known, self._offered = self._offered, {}

    async def _login(self) -> Mapping[str, str]:
        """Return the headers by which the server knows who asks, none without an account."""
        if not self.server.password_file:
            return {}
        password = await read_secret(self.server.password_file)
        login = base64.b64encode(f"{self.server.user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {login}"}


NOT_MODIFIED: Final = 304
_HEADERS: Final = {"Accept": "application/json", "User-Agent": "ptgbot"}


async def fetched(address: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response to a request: one of success, or one that says that nothing is new.

    Args:
        address: the address.
        headers: further headers of the request.

    Raises:
        OSError: the server cannot be reached, or refuses for now.
        TooBusy: it asks for a pause.
        Undeliverable: it refuses for good.
    """
    response = await exchange("GET", address, b"", {**_HEADERS, **(headers or {})}, within=_TIMEOUT, limit=_LIMIT)
    if response.status in (429, 503) and "retry-after" in response.headers:
        raise TooBusy(_pause(response.headers["retry-after"]))
    return response if response.status == NOT_MODIFIED else accepted(response)


def _pause(text: str) -> float:
    """Return the seconds of a header ``Retry-After`` (RFC 9110, section 10.2.3); a date counts as a minute."""
    return min(float(text), MOST) if text.isascii() and text.isdigit() else 60.0
