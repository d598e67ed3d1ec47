"""Login by a private message to NickServ. Only NickServ's own answer, or RPL_LOGGEDIN, counts as success."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import define, field

from ptgbot.chat.adapter import LoginRefused
from ptgbot_irc.config import IrcConfig
from ptgbot_irc.line import Line
from ptgbot_irc.session import Session
from ptgbot_irc.text import clean

CONFIRMED: Final = re.compile(
    r"you(?: are|'re) (?:now |successfully |already )+(?:identified|recogni[sz]ed|logged in)"
    r"|password accepted"
    r"|already (?:identified|logged in)",
    re.IGNORECASE,
)
REFUSED: Final = re.compile(
    r"(?:invalid|incorrect|wrong) password|password (?:is )?(?:invalid|incorrect|wrong)"
    r"|(?:is not|isn't|is not a) registered|authentication failed|access denied|suspended|frozen",
    re.IGNORECASE,
)
LOGGED_IN: Final = "900"
"""RPL_LOGGEDIN, https://ircv3.net/specs/extensions/sasl-3.1."""


@define(eq=False)
class NickServ:
    """The NickServ login of one connection."""

    config: IrcConfig
    session: Session
    send: Callable[..., Awaitable[None]]
    report: Callable[[str], None]
    _confirmed: bool = field(default=False, init=False)
    _refused: str = field(default="", init=False)
    _answered: asyncio.Event = field(factory=asyncio.Event, init=False)

    def take(self, line: Line) -> None:
        """Note NickServ's answer, if this line of the server holds it."""
        if line.command == LOGGED_IN:
            self._confirmed = True
        elif line.command == "NOTICE" and self.is_services(line):
            text = clean(line.param(1))
            if CONFIRMED.search(text):
                self._confirmed = True
            elif REFUSED.search(text):
                self._refused = text
        if self._confirmed or self._refused:
            self._answered.set()

    def is_services(self, line: Line) -> bool:
        """Say whether a line comes from NickServ."""
        return self.session.features.same(line.nick, self.config.nickserv.partition("@")[0])

    async def log_in(self) -> None:
        """Identify to NickServ and wait for its answer. The command is repeated while services are away.

        Raises:
            LoginRefused: NickServ refused the password.
            OSError: the connection was lost, or the password file cannot be read.
        """
        password = await asyncio.to_thread(self.config.password)
        command = self.config.identify_command.format(
            account=self.config.account_name, nick=self.config.nick, password=password
        )
        await self._until_answered(command)

    async def wait(self, refusal: str) -> None:
        """Wait for services to confirm a login without a command of ours, for example by certificate.

        Args:
            refusal: why the server refused the login before, empty if it did not. After a refusal, silence of services
                for ``nickserv_timeout`` seconds counts as a refusal, too.

        Raises:
            LoginRefused: the login was refused.
        """
        await self._until_answered(None, refusal)

    async def _until_answered(self, command: str | None, refusal: str = "") -> None:
        reported = False
        while not self._answered.is_set():
            if command is not None:
                await self.send("PRIVMSG", self.config.nickserv, command)
            try:
                async with asyncio.timeout(self.config.nickserv_timeout):
                    await self._answered.wait()
            except TimeoutError:
                if refusal:
                    raise LoginRefused(f"the server refused {self.config.account_name}: {refusal}") from None
                if not reported:
                    self.report(f"{self.config.nickserv} does not answer; no channel is joined before it does")
                reported = True
        if not self._confirmed:
            raise LoginRefused(f"{self.config.nickserv} refused {self.config.account_name}: {self._refused}")
