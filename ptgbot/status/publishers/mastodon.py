"""The kind ``mastodon``: posts of an account on a Mastodon server, with updates as replies.

The bot keeps no list of its posts. Before it posts, it looks through the newest posts of the account for the number of
the entry, so that a try after a crash posts nothing twice, however long ago the first one was. Within an hour the
server drops repeats itself, by the header ``Idempotency-Key``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from attrs import frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.urls import address_problem
from ptgbot.hooks import accepted, exchange, read_secret
from ptgbot.status.publishers import PublisherKind
from ptgbot.status.publishers.announcement import HIDE, UNDO
from ptgbot.status.publishers.post import SILENT, number_in, post_text

if TYPE_CHECKING:
    from ptgbot.status.publishers.announcement import Announcement
    from ptgbot.status.settings import PublisherSettings

PAGES: Final = 10
"""Most pages of the account's posts that are looked through."""
PAGE: Final = 40
"""Posts in a page, the most that the server allows."""
LENGTH: Final = (500, 23)
"""Characters of a post and of a link where the server does not say (its own defaults)."""
_SKEW: Final = timedelta(hours=1)
"""How far the server's clock may be from ours."""


@frozen
class Account:
    """The account on a server."""

    url: str
    token: str

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Any:
        """Send a request and return the parsed response.

        Args:
            method: the HTTP method.
            path: path of the method of the API, with its query.
            body: parameters, sent as JSON.
            key: the ``Idempotency-Key``; empty for none.

        Raises:
            OSError: not now, or the response is not JSON.
            Undeliverable: the server refuses it.
        """
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        raw = b"" if body is None else json.dumps(body).encode()
        response = await exchange(
            method,
            self.url.rstrip("/") + path,
            raw,
            {**headers, **({"Idempotency-Key": key} if key else {})},
            within=3600.0,  # The publisher's time-out is around all requests together.
            limit=4_000_000,
        )
        try:
            return json.loads(accepted(response).body)
        except ValueError as error:
            raise OSError("the server's answer is not JSON.") from error

    async def posts(self, wanted: set[int], since: datetime) -> dict[int, str]:
        """Return the ids of the account's posts about entries, by the numbers of the entries.

        Args:
            wanted: numbers of entries.
            since: the moment before which no post can be about them.

        Raises:
            OSError: not now, or the response has not the documented shape.
            Undeliverable: the server refuses it.
        """
        own = _identity(await self.call("GET", "/api/v1/accounts/verify_credentials"))
        path = f"/api/v1/accounts/{quote(own, safe='')}/statuses?limit={PAGE}&exclude_reblogs=true"
        found: dict[int, str] = {}
        last = ""
        for _ in range(PAGES):
            rows = await self.call("GET", path + (f"&max_id={quote(last, safe='')}" if last else ""))
            if not isinstance(rows, list):
                raise OSError("the server's list of posts is no list.")
            for row in rows:
                last, number = _identity(row), number_in(str(row.get("content", "")))
                if datetime.fromisoformat(str(row["created_at"])) < since - _SKEW:
                    return found
                if number in wanted:
                    found[number] = last
            if not rows or wanted <= found.keys():
                break
        return found

    async def limits(self) -> tuple[int, int]:
        """Return the most characters of a post, and how many of them a link takes.

        Raises:
            OSError: not now.
        """
        try:
            about = await self.call("GET", "/api/v2/instance")
            known = about["configuration"]["statuses"]
            return int(known["max_characters"]), int(known.get("characters_reserved_per_url", LENGTH[1]))
        except (Undeliverable, LookupError, TypeError, ValueError, AttributeError):
            return LENGTH


def _identity(row: Any) -> str:
    """Return the id of an object of the API.

    Raises:
        OSError: it has none.
    """
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise OSError("the server's answer has no id.")
    return str(row["id"])


async def _publish(settings: PublisherSettings, told: Announcement, delivery: str) -> None:
    if told.kind in SILENT:
        return
    account = Account(settings.url, await _token(settings))
    begun = datetime.fromisoformat(told.matter["at"]) if told.matter and "at" in told.matter else told.at
    posts = await account.posts({told.number, *told.earlier[:1]}, min(begun, told.at))
    known = posts.get(told.number)
    if told.what == HIDE:
        if known:
            await account.call("DELETE", f"/api/v1/statuses/{quote(known, safe='')}")
        return
    text = post_text(told, *await account.limits())
    if told.what == UNDO:
        if known:
            _identity(await account.call("PUT", f"/api/v1/statuses/{quote(known, safe='')}", {"status": text}))
        return
    if known is None:
        answered = next((posts[number] for number in told.earlier[:1] if number in posts), None)
        body = {"status": text, "visibility": "public", **({"in_reply_to_id": answered} if answered else {})}
        _identity(await account.call("POST", "/api/v1/statuses", body, delivery))


async def _token(settings: PublisherSettings) -> str:
    """Return the token of the account.

    Raises:
        OSError: its file cannot be read, or is empty.
    """
    assert settings.secret_file is not None
    token = await read_secret(settings.secret_file)
    if not token or not token.isprintable() or not token.isascii():
        raise OSError(f"{settings.secret_file.name} holds no token.")
    return token


def _problems(settings: PublisherSettings) -> list[str]:
    found = [] if settings.secret_file else ["secret_file is missing."]
    problem = address_problem(settings.url)
    return [*found, f"url: {problem}"] if problem else found


MASTODON = PublisherKind(_publish, _problems)
