"""A proxy in front of a real homeserver. It keeps back a request that sends an event, or the answer to one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import Enum

import aiohttp
import attrs
import pytest
from aiohttp import web
from attrs import define, field
from yarl import URL

from tests.servers.matrix_servers import PATIENCE, Homeserver

PASSED_ON = ("Authorization", "Content-Type")
"""Headers of requests that the homeserver gets."""


class Moment(Enum):
    """When an event is kept back."""

    REQUEST = "the homeserver has not got it"
    ANSWER = "the homeserver has it, its sender does not know"


@define(eq=False)
class HoldingProxy:
    """Passes on everything, also what its sender does not wait for any more."""

    server: Homeserver
    session: aiohttp.ClientSession
    url: str = ""
    """Its own address."""
    asked: Counter[str] = field(factory=Counter, init=False)
    """How often each transaction id was to be sent."""
    taken: set[str] = field(factory=set, init=False)
    """Transaction ids of the events that the homeserver took."""
    caught: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set while something is kept back."""
    _moment: Moment | None = field(default=None, init=False)
    _wanted: Callable[[str], bool] = field(default=lambda _transaction: True, init=False)
    _passing: int = field(default=0, init=False)
    _released: asyncio.Event = field(factory=asyncio.Event, init=False)
    _sending: int = field(default=0, init=False)

    @property
    def front(self) -> Homeserver:
        """The homeserver as it is seen through the proxy."""
        return attrs.evolve(self.server, url=self.url)

    def catch(self, moment: Moment, wanted: Callable[[str], bool], passing: int) -> None:
        """Keep back one event.

        Args:
            wanted: says by its transaction id whether an event counts.
            passing: number of events that count and pass before it.
        """
        self._moment, self._wanted, self._passing = moment, wanted, passing
        self._released.clear()

    def release(self) -> None:
        """Let everything pass from now on."""
        self._moment = None
        self.caught.clear()
        self._released.set()

    async def settle(self) -> None:
        """Wait until the homeserver has answered every event, also where the sender is gone."""
        async with asyncio.timeout(PATIENCE):
            while self._sending:
                await asyncio.sleep(0.01)

    async def handle(self, request: web.Request) -> web.Response:
        """Pass on one request."""
        if request.method != "PUT" or "/send/" not in request.path:
            return await self._pass_on(request)
        transaction = request.path.rpartition("/")[2]
        self.asked[transaction] += 1
        self._sending += 1
        try:
            await self._stay(Moment.REQUEST, transaction)
            answer = await self._pass_on(request)
            if answer.status == 200:
                self.taken.add(transaction)
            await self._stay(Moment.ANSWER, transaction)
        finally:
            self._sending -= 1
        return answer

    async def _stay(self, moment: Moment, transaction: str) -> None:
        if self._moment is not moment or not self._wanted(transaction):
            return
        self._passing -= 1
        if self._passing < 0 and not self.caught.is_set():
            self.caught.set()
            await self._released.wait()

    async def _pass_on(self, request: web.Request) -> web.Response:
        where = URL(f"{self.server.url}{request.raw_path}", encoded=True)
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        body = await request.read()
        async with self.session.request(request.method, where, data=body, headers=headers) as answer:
            return web.Response(
                body=await answer.read(), status=answer.status, headers={"Content-Type": answer.content_type}
            )


HoldBack = Callable[[Homeserver], Awaitable[HoldingProxy]]


@pytest.fixture
async def hold_back() -> AsyncIterator[HoldBack]:
    """Put a proxy in front of a homeserver: ``await hold_back(synapse)``."""
    runners: list[web.AppRunner] = []
    sessions: list[aiohttp.ClientSession] = []

    async def start(server: Homeserver) -> HoldingProxy:
        sessions.append(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)))
        proxy = HoldingProxy(server, sessions[-1])
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", proxy.handle)
        # A request whose sender was killed reaches the homeserver nevertheless, as on a real network.
        runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return proxy

    yield start
    for runner in runners:
        await runner.cleanup()
    for session in sessions:
        await session.close()
