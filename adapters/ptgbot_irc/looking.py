"""Inspects a network for ``ptgbot check``: logs in under a temporary nick, asks about the channels and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
from attrs import define, field

from ptgbot.chat.adapter import Finding, LoginRefused
from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Cursor, Mark, Message, Room
from ptgbot_irc.config import IrcConfig
from ptgbot_irc.connection import Connection
from ptgbot_irc.line import Line


class _Nobody:
    """A hub that takes no messages."""

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        return False

    def listens(self, _room: Room) -> bool:
        return False

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def position(self, network: str) -> str | None:
        return None

    def introduction(self) -> str:
        return ""

    def report(self, network: str, text: str) -> None:
        pass


@define(eq=False)
class _Look(Connection):
    """A connection that keeps every received line."""

    lines_seen: list[Line] = field(factory=list, init=False)

    def _take(self, line: Line) -> None:
        super()._take(line)
        self.lines_seen.append(line)

    async def channel(self, name: str) -> bool:
        """Say whether a channel exists, as far as the server tells those who are not in it.

        Raises:
            OSError: the connection was lost.
        """
        seen = len(self.lines_seen)
        self._pong.clear()
        await self._client.rawmsg("MODE", name)
        await self._client.rawmsg("PING", "look")
        await self._pong.wait()
        return not any(line.command in ("401", "403") for line in self.lines_seen[seen:])


async def look(config: IrcConfig) -> Sequence[Finding]:
    """Log in, ask about each configured channel without joining it, and leave. Failures are findings, too.

    Raises:
        TimeoutError: the server did not answer within ``ping_timeout``.
    """
    # Under another name: the bot itself may be running, and nobody must lose the nick for this.
    quiet = attrs.evolve(
        config,
        nick=f"{config.nick[:6]}{secrets.token_hex(1)}",
        account=config.account_name,
        channels=(),
        channel=(),
        regain_command="",
        bot_mode=False,
    )
    ready = asyncio.Event()
    connection = _Look(quiet, _Nobody(), True, ready.set)
    running = asyncio.create_task(connection.run(), name=f"look at {config.name}")
    waiting = asyncio.create_task(ready.wait(), name="until ready")
    try:
        patience = config.connect_timeout + config.registration_timeout + config.nickserv_timeout
        await asyncio.wait([running, waiting], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        if not connection.logged_in:
            return [Finding(f"not logged in within {patience:g} s: {connection.stage}", good=False)]
        async with asyncio.timeout(config.ping_timeout):
            return [*_login(config), *[await _channel(connection, room.name) for room in config.rooms]]
    except (LoginRefused, OSError) as error:
        return [Finding(str(error) or type(error).__name__, good=False)]
    finally:
        waiting.cancel()
        running.cancel()
        with contextlib.suppress(LoginRefused, OSError):
            await asyncio.gather(running, waiting, return_exceptions=True)


def _login(config: IrcConfig) -> Sequence[Finding]:
    how = "without an account" if config.login == "none" else f"as {config.account_name} ({config.login})"
    secure = "" if config.tls else "; the connection is not encrypted"
    return [Finding(f"logged in on {config.server} {how}{secure}")]


async def _channel(connection: _Look, name: str) -> Finding:
    there = await connection.channel(name)
    return Finding(
        f"{name} is there" if there else f"{name} does not exist, or is hidden; whoever joins first makes it"
    )
