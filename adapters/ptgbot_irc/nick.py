"""Regains our own nick when another connection has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import define, field

from ptgbot_irc.config import IrcConfig
from ptgbot_irc.line import Line
from ptgbot_irc.session import Session

PATIENCE: Final = 5.0
"""Seconds for services to remove whoever has our nick, before we ask for it."""
PAUSE: Final = 0.5
"""Seconds between two tries at least."""


@define(eq=False)
class NickKeeper:
    """Tries to regain our nick: at once, every ``nick_interval`` seconds, and as soon as its holder leaves."""

    config: IrcConfig
    session: Session
    send: Callable[..., Awaitable[None]]
    _moved: asyncio.Event = field(factory=asyncio.Event, init=False)
    _services_spoke: asyncio.Event = field(factory=asyncio.Event, init=False)

    def take(self, line: Line) -> None:
        """Note whether a line says that our nick changed, that its holder left, or that NickServ answered."""
        holder_moved = line.command in {"NICK", "QUIT"} and self.session.features.same(line.nick, self.config.nick)
        we_moved = line.command == "NICK" and self.session.is_own(line.param(0))
        if holder_moved or we_moved:
            self._moved.set()
        elif line.command == "NOTICE" and self.session.features.same(line.nick, self.config.nickserv.partition("@")[0]):
            self._services_spoke.set()

    def adopt(self, config: IrcConfig) -> None:
        """Take a changed configuration. A changed nick is asked for at once."""
        self.config = config
        self._moved.set()

    def has_own(self) -> bool:
        """Say whether we have the configured nick."""
        return self.session.is_own(self.config.nick)

    async def run(self) -> None:
        """Regain the nick whenever it is lost, without end.

        Raises:
            OSError: the connection was lost.
        """
        while True:
            self._moved.clear()
            if self.has_own():
                await self._moved.wait()
                continue
            await self._free()
            await self.send("NICK", self.config.nick)
            await _wait(self._moved, self.config.nick_interval)
            # Services may take it from us each time: not faster than this.
            await asyncio.sleep(PAUSE)

    async def _free(self) -> None:
        if self.config.login == "none" or not self.config.regain_command:
            return
        has_password = self.config.login != "certfp"
        password = await asyncio.to_thread(self.config.password) if has_password else ""
        self._services_spoke.clear()
        await self.send(
            "PRIVMSG",
            self.config.nickserv,
            self.config.regain_command.format(
                account=self.config.account_name, nick=self.config.nick, password=password
            ).rstrip(),
        )
        await _wait(self._services_spoke, PATIENCE)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
