"""Asks the REST interface of a server for what has changed, one request at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from attrs import define, field

from ptgbot.ci.settings import ServerConfig
from ptgbot.gerrit.responses import changes_in
from ptgbot.requesting import NOT_MODIFIED, fetched, login

OVERLAP: Final = 600
"""Seconds before the newest event from which everything is asked for again."""
PAGE: Final = 100
"""Changes in a page."""
_OPTIONS: Final = "&o=MESSAGES&o=ALL_REVISIONS&o=DETAILED_ACCOUNTS&o=DETAILED_LABELS"


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
        headers = await login(self.server.user, self.server.password_file)
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
