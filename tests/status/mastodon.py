"""A double of a Mastodon server: the methods that the publisher uses, with their documented rules."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, field

TOKEN = "a-token"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@define(eq=False)
class Mastodon:
    """Keeps posts; ``before`` may answer a request in its place."""

    limit: int = 500
    posts: list[dict[str, Any]] = field(factory=list)
    """The posts, the newest first."""
    texts: dict[str, str] = field(factory=dict)
    keys: dict[str, str] = field(factory=dict)
    forgets_keys: bool = False
    before: Answer | None = None
    calls: list[str] = field(factory=list)
    at: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    server: TestServer = field(init=False)

    def __attrs_post_init__(self) -> None:

        @web.middleware
        async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[guard])
        app.router.add_get("/api/v1/accounts/verify_credentials", self._who)
        app.router.add_get("/api/v1/accounts/77/statuses", self._list)
        app.router.add_get("/api/v2/instance", self._about)
        app.router.add_post("/api/v1/statuses", self.post)
        app.router.add_put("/api/v1/statuses/{id}", self._edit)
        app.router.add_delete("/api/v1/statuses/{id}", self._delete)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/"

    @property
    def said(self) -> list[str]:
        """Return the texts of the posts, the oldest first."""
        return [self.texts[post["id"]] for post in reversed(self.posts)]

    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        if self.before and (answer := await self.before(request)):
            return answer
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "The access token is invalid"}, status=401)
        return await handler(request)  # type: ignore[no-any-return]

    async def _who(self, _request: web.Request) -> web.Response:
        return web.json_response({"id": "77", "username": "status"})

    async def _about(self, _request: web.Request) -> web.Response:
        statuses = {"max_characters": self.limit, "characters_reserved_per_url": 23}
        return web.json_response({"configuration": {"statuses": statuses}})

    async def _list(self, request: web.Request) -> web.Response:
        limit, last = min(int(request.query.get("limit", "20")), 40), request.query.get("max_id")
        rows = [post for post in self.posts if last is None or int(post["id"]) < int(last)]
        return web.json_response(rows[:limit])

    def put(self, text: str, replied: str | None = None) -> dict[str, Any]:
        """Add a post as it comes from the account."""
        self.at += timedelta(seconds=1)
        number = str(len(self.texts) + 100)
        content = f"<p>{html.escape(text)}</p>"
        post = {"id": number, "content": content, "created_at": self.at.isoformat(), "in_reply_to_id": replied}
        self.posts.insert(0, post)
        self.texts[number] = text
        return post

    async def post(self, request: web.Request) -> web.Response:
        """Take a post, as the server does."""
        key, body = request.headers.get("Idempotency-Key", ""), await request.json()
        if key in self.keys and not self.forgets_keys:
            return web.json_response(next(post for post in self.posts if post["id"] == self.keys[key]))
        if len(body["status"]) > self.limit:
            return web.json_response({"error": "Validation failed: character limit exceeded"}, status=422)
        post = self.put(body["status"], body.get("in_reply_to_id"))
        self.keys[key] = post["id"]
        return web.json_response(post)

    async def _edit(self, request: web.Request) -> web.Response:
        post = next(post for post in self.posts if post["id"] == request.match_info["id"])
        text = (await request.json())["status"]
        post["content"], self.texts[post["id"]] = f"<p>{html.escape(text)}</p>", text
        return web.json_response(post)

    async def _delete(self, request: web.Request) -> web.Response:
        post = next(post for post in self.posts if post["id"] == request.match_info["id"])
        self.posts.remove(post)
        return web.json_response(post)
