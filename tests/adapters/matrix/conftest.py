"""The adapter against a real homeserver, with a hub that only takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from attrs import define

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Kind, Message, Outgoing
from ptgbot_matrix import MatrixAdapter, MatrixConfig
from ptgbot_matrix.config import RoomConfig
from tests.servers import notes
from tests.servers.faulty_matrix import FaultyHomeserver
from tests.servers.matrix_servers import PATIENCE, Homeserver


@define(eq=False)
class Bot(notes.Bot[MatrixAdapter]):
    """A running adapter for Matrix and its notes."""

    config: MatrixConfig

    @property
    def id(self) -> str:
        return self.config.user

    def reply(self, message: Message, text: str) -> None:
        self.adapter.send(Outgoing(Kind.REPLY, message.room.id, text, message, f"ptg-{message.id}-1"))


StartBot = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def start_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StartBot]:
    """Start an adapter; ``former`` is a bot that it takes over from."""
    bots: list[Bot] = []
    monkeypatch.setenv("MATRIX_PASSWORD", "pw")

    async def start(
        server: Homeserver | FaultyHomeserver,
        *rooms: str | RoomConfig,
        wait: bool = True,
        former: Bot | None = None,
        **settings: object,
    ) -> Bot:
        if former is not None:
            config, taken = former.config, former.notes
        else:
            name = server.unused("ptgbot")
            await asyncio.to_thread(server.register, name, "pw")
            chosen: dict[str, object] = {
                "homeserver": server.url,
                "user": f"@{name}:localhost",
                "password_env": "MATRIX_PASSWORD",
                "rooms": rooms,
                "store": tmp_path / name,
                "sync_timeout": 5.0,
                "rejoin_interval": 0.2,
                "invite_pause": 0,
                # A faulty homeserver keeps no keys.
                **({"encryption": False} if isinstance(server, FaultyHomeserver) else {}),
                **settings,
            }
            config, taken = MatrixConfig(**chosen), notes.Notes(PATIENCE)  # type: ignore[arg-type]
        adapter = MatrixAdapter(config, True)
        bot = Bot(adapter, taken, asyncio.create_task(adapter.run(taken), name="bot"), config)
        bots.append(bot)
        if wait:
            await bot.until_health(Colour.GREEN)
        return bot

    yield start
    for bot in bots:
        await bot.stop()
