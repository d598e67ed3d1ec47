"""The bot as a process of the web server sees it: health and routes, asked for over the link."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import define, field

from ptgbot.feature import Answered
from ptgbot.web.link import Broken, Frame, Link

MOST_ASKED = 40
"""Most requests to routes that are being answered for one process."""
MOST_A_SECOND = 100.0
"""Requests to routes that one process passes on in a second, so that no crowd at a route slows the chat."""
HEALTH_PATIENCE, ROUTE_PATIENCE = 5.0, 60.0
"""Seconds for an answer. Each route has a shorter time-out of its own."""
FRESH = 0.25
"""Seconds for which a report about health is used again."""
_BOT = {"colour": "red", "text": "The bot does not answer."}
_SILENT = (False, {"ok": False, "ready": False, "parts": {"bot": _BOT}})


@define(eq=False)
class Remote:
    """Asks the bot, and waits for its answers."""

    link: Link
    addresses: frozenset[str] = frozenset()
    """Addresses of routes, without a slash at the end. A route answers everything below them, too.

    ``/?NAME`` is the front page with a parameter.
    """
    clock: Callable[[], float] = time.monotonic
    """Returns seconds that pass."""
    _numbers: Iterator[int] = field(factory=itertools.count, init=False)
    _waiting: dict[int, asyncio.Future[Frame]] = field(factory=dict, init=False)
    _asked: int = field(default=0, init=False)
    _allowed: float = field(default=MOST_A_SECOND, init=False)
    _counted: float = field(default=0.0, init=False)
    _health: asyncio.Task[tuple[bool, Mapping[str, Any]]] | None = field(default=None, init=False)
    _healthy_until: float = field(default=0.0, init=False)

    def settle(self, head: Mapping[str, Any], body: bytes) -> None:
        """Note an answer of the bot."""
        waiting = self._waiting.pop(head["id"], None)
        if waiting and not waiting.done():
            waiting.set_result((dict(head), body))

    async def health(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether everything works, and the JSON for operators."""
        now = self.clock()
        if self._health is None or (self._health.done() and now > self._healthy_until):
            self._healthy_until = now + FRESH
            self._health = asyncio.create_task(self._ask_health(), name="ask for health")
        return await asyncio.shield(self._health)

    async def _ask_health(self) -> tuple[bool, Mapping[str, Any]]:
        try:
            head, body = await self._ask({"kind": "health"}, HEALTH_PATIENCE)
        except (TimeoutError, Broken):
            return _SILENT
        return head["ok"], json.loads(body)

    async def metrics(self) -> bytes | None:
        """Return the text of the metrics, None if the bot does not answer."""
        try:
            _, body = await self._ask({"kind": "metrics"}, HEALTH_PATIENCE)
        except (TimeoutError, Broken):
            return None
        return body

    async def answer(self, path: str, query: Mapping[str, str]) -> Answered | None:
        """Return the response of a route, None if the path is not below the address of one."""
        if not self._is_routed(path, query):
            return None
        if self._asked >= MOST_ASKED or not self._may_ask():
            return _busy("Too many requests at once.")
        self._asked += 1
        try:
            head, body = await self._ask({"kind": "route", "path": path, "query": dict(query)}, ROUTE_PATIENCE)
        except (TimeoutError, Broken):
            return _busy("The answer took too long.")
        finally:
            self._asked -= 1
        if not head["found"]:
            return None
        return Answered(body, head["type"], head["status"], head["headers"])

    def _is_routed(self, path: str, query: Mapping[str, str]) -> bool:
        if path == "/":
            return any(f"/?{name}" in self.addresses for name in query)
        address = path.rstrip("/")
        while address:
            if address in self.addresses:
                return True
            address = address.rpartition("/")[0]
        return False

    def _may_ask(self) -> bool:
        now = self.clock()
        self._allowed = min(MOST_A_SECOND, self._allowed + (now - self._counted) * MOST_A_SECOND)
        self._counted = now
        if self._allowed < 1:
            return False
        self._allowed -= 1
        return True

    async def _ask(self, head: Mapping[str, Any], patience: float) -> Frame:
        number = next(self._numbers)
        answered: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            self.link.send({**head, "id": number})
            async with asyncio.timeout(patience):
                return await answered
        finally:
            self._waiting.pop(number, None)


def _busy(text: str) -> Answered:
    return Answered(f"{text}\n".encode(), "text/plain; charset=utf-8", 503, {"Retry-After": "1"})
