"""Asks the REST interface of a server for what has changed, one request at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from attrs import frozen

from ptgbot.ci.settings import ServerConfig
from ptgbot.gerrit.responses import changes_in
from ptgbot.hooks import Response, accepted, exchange

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


@frozen
class Poll:
    """The queries to one server."""

    server: ServerConfig

    async def changed(self, project: str, since: int) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the changes of a project that were touched since a moment (seconds since 1970), page by page.

        Raises:
            OSError: the server cannot be reached, or refuses for now.
            TooBusy: it asks for a pause.
            Undeliverable: it refuses for good.
            NoChanges: it answers something else.
        """
        after = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%S")
        query = quote(f'project:{project} after:"{after}"', safe=":")
        start = 0
        while True:
            address = f"{self.server.url}changes/?q={query}{_OPTIONS}&n={PAGE}&S={start}"
            found = changes_in((await self._get(address)).body)
            for change in found:
                yield change
            if not found or not found[-1].get("_more_changes"):
                return
            start += len(found)

    async def _get(self, address: str) -> Response:
        response = await exchange("GET", address, b"", _HEADERS, within=_TIMEOUT, limit=_LIMIT)
        if response.status in (429, 503) and "retry-after" in response.headers:
            raise TooBusy(_pause(response.headers["retry-after"]))
        return accepted(response)


_HEADERS: Final = {"Accept": "application/json", "User-Agent": "ptgbot"}


def _pause(text: str) -> float:
    """Return the seconds of a header ``Retry-After`` (RFC 9110, section 10.2.3); a date counts as a minute."""
    return min(float(text), MOST) if text.isascii() and text.isdigit() else 60.0
