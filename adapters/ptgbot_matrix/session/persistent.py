"""A login that outlasts errors: requests are repeated until the homeserver answers them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import define, field

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.session.client import uses_encryption
from ptgbot_matrix.session.login import TOKEN_LOST, DeviceLost, LoginFlow, MatrixSession
from ptgbot_matrix.session.trouble import Trouble
from ptgbot_matrix.session.wire import RequestRefused

log = logging.getLogger(__name__)
T = TypeVar("T")


@define(eq=False)
class PersistentSession:
    """The current login, and whether the homeserver answers."""

    config: MatrixConfig
    login: LoginFlow
    up: bool = field(default=False, init=False)
    """Whether the last sync succeeded and no request has failed since."""
    current: MatrixSession | None = field(default=None, init=False)
    trouble: Trouble = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.trouble = Trouble(self.config)

    async def open(self) -> MatrixSession:
        """Log in, however long that takes.

        Raises:
            LoginRefused: the homeserver does not accept our name, password or token.
        """
        self.current = await self.until_answered(self.login.open)
        return self.current

    async def until_answered(self, request: Callable[[], Awaitable[T]]) -> T:
        """Repeat a request until it succeeds, with growing pauses. Log in again if the token is lost.

        Raises:
            LoginRefused: the homeserver does not accept a new login.
            DeviceLost: our device cannot be used any more.
        """
        while True:
            try:
                answer = await request()
            except TryLater as later:
                self.trouble.text = f"the homeserver asks for a pause of {later.seconds:g} s"
                await asyncio.sleep(later.seconds)
            except RequestRefused as refused:
                await self._pause(str(refused))
                if refused.code in TOKEN_LOST and self.current is not None:
                    await self._log_in_again(refused)
            except OSError as error:
                await self._pause(str(error) or type(error).__name__)
            else:
                self.trouble.clear()
                return answer

    async def _log_in_again(self, refused: RequestRefused) -> None:
        if uses_encryption(self.config) and not refused.soft and not self.login.token_is_configured:
            raise DeviceLost(str(refused)) from refused
        await self.open()

    async def _pause(self, why: str) -> None:
        if why != self.trouble.text:
            log.warning("%s: %s", self.config.name, why)
        self.up = False
        await asyncio.sleep(self.trouble.next(why))
