"""The adapter against a real server, with a hub that only takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from attrs import define

from ptgbot.chat.adapter import Colour
from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Cursor, Kind, Mark, Message, Outgoing
from ptgbot_irc import IrcAdapter, IrcConfig
from tests.servers import notes
from tests.servers.irc_servers import PATIENCE, IrcServer


@define(eq=False)
class Notes(notes.Notes):
    """On IRC there are messages and heard events only: the protocol has no position."""

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        assert isinstance(item, Message | Heard)
        return super().receive(item)


@define(eq=False)
class Bot(notes.Bot[IrcAdapter]):
    """A running adapter for IRC and its notes."""

    def reply(self, message: Message, text: str) -> None:
        self.adapter.send(Outgoing(Kind.REPLY, message.room.id, text, message))


@pytest.fixture(params=["ngircd", "inspircd"])
def server(request: pytest.FixtureRequest) -> IrcServer:
    """Each of the real servers in turn."""
    started: IrcServer = request.getfixturevalue(request.param)
    return started


StartBot = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def start_bot() -> AsyncIterator[StartBot]:
    """Start an adapter; without other wishes at once as fast as a test wants it."""
    bots: list[Bot] = []

    async def start(
        server: IrcServer,
        *channels: str,
        wait: bool = True,
        first: bool = True,
        listening: bool = False,
        **settings: object,
    ) -> Bot:
        chosen: dict[str, object] = {
            "name": "test",
            "server": server.host,
            "port": server.port,
            "tls": False,
            "channels": channels or ("#c",),
            "messages_per_second": 0,
            "retry_first": 0.05,
            "retry_limit": 0.2,
            "rejoin_interval": 0.2,
            "join_pause": 0,
            **settings,
        }
        adapter = IrcAdapter(IrcConfig(**chosen), first)  # type: ignore[arg-type]
        taken = Notes(PATIENCE, listening=listening)
        bot = Bot(adapter, taken, asyncio.create_task(adapter.run(taken), name="bot"))
        bots.append(bot)
        if wait:
            await bot.until_health(Colour.GREEN)
        return bot

    yield start
    for bot in bots:
        await bot.stop()
