"""Who we are to the homeserver: a token and the device it belongs to, kept over restarts.

The same device comes back with the same transaction ids, so the server knows an answer that it has already.
Source: Matrix client-server API, sections "Login", "Soft logout", "GET /account/whoami".
"""

from __future__ import annotations

import contextlib
import json
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import define, field, frozen
from nio import AsyncClient, AsyncClientConfig

from ptgbot.chat.adapter import LoginRefused
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.encryption import AVAILABLE
from ptgbot_matrix.event import text_in
from ptgbot_matrix.secretfile import keep_private, write_secret
from ptgbot_matrix.wire import Refused, Wire

LOST: Final = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
"""The token is no good any more."""


class Expired(LoginRefused):
    """The token is no good any more, but the device is still there."""


@frozen
class Session:
    """A login."""

    user: str
    device: str
    token: str


@define
class SessionFile:
    """The file that keeps a login; only its owner can read it."""

    path: Path

    def load(self) -> Session | None:
        """Return what was kept; None where there is nothing of use."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(self.path.read_bytes())
            return Session(str(found["user"]), str(found["device"]), str(found["token"]))
        return None

    def save(self, session: Session) -> None:
        """Keep a login. Raises OSError."""
        write_secret(self.path, json.dumps({"user": session.user, "device": session.device, "token": session.token}))

    def forget(self) -> None:
        """Keep it no more: the next login makes a new device."""
        self.path.unlink(missing_ok=True)


def make_client(config: MatrixConfig) -> AsyncClient:
    """Return nio's client, which connects to nothing yet."""
    # It warns of each message that it can't decrypt, each time it tries; we count and tell once.
    logging.getLogger("nio").setLevel(logging.ERROR)
    context = ssl.create_default_context(cafile=config.ca_file)
    # One try a request: when to try again is ours to say.
    once = AsyncClientConfig(
        max_limit_exceeded=0,
        max_timeouts=0,
        request_timeout=config.request_timeout,
        encryption_enabled=uses_encryption(config),
    )
    config.store.mkdir(mode=0o700, parents=True, exist_ok=True)
    return AsyncClient(
        config.homeserver.rstrip("/"),
        config.user,
        store_path=str(config.store),
        config=once,
        ssl=context,  # type: ignore[arg-type]
    )


def uses_encryption(config: MatrixConfig) -> bool:
    """Say whether encrypted rooms can be read and written."""
    return config.encryption and AVAILABLE


def key_store(config: MatrixConfig, session: Session) -> Path:
    """Return the file in which nio keeps the keys of a device."""
    return config.store / f"{session.user}_{session.device}.db"


@define(eq=False)
class Login:
    """Logs in, and again where the token was lost."""

    config: MatrixConfig
    wire: Wire
    file: SessionFile
    report: Callable[[str], None]
    given: bool = field(default=False, init=False)
    """Whether the token is the operator's: there is no way to another then."""

    async def open(self) -> Session:
        """Be logged in. Raises LoginRefused, OSError, TryLater."""
        token = self._secret("access_token")
        self.given = bool(token)
        if token:
            return await self._with_token(Session(self.config.user, self.config.device_id or "", token))
        kept = self.file.load()
        if kept is not None and uses_encryption(self.config) and not key_store(self.config, kept).exists():
            self.report("the keys of our device are gone; we log in as a new one. What was encrypted before is lost")
            kept = None
        if kept is not None and kept.user == self.config.user:
            return await self._again(kept)
        return await self._with_password("")

    async def _again(self, kept: Session) -> Session:
        device = kept.device
        try:
            return await self._with_token(kept)
        except Expired:
            pass
        except LoginRefused:
            # A device that the homeserver has dropped would keep keys here that are of no use there.
            device = "" if uses_encryption(self.config) else device
        return await self._with_password(device)

    async def look(self) -> Session:
        """Log in for a moment, keeping nothing. Raises LoginRefused, OSError, TryLater."""
        if token := self._secret("access_token"):
            return await self._with_token(Session(self.config.user, self.config.device_id or "", token))
        return await self._with_password("", keep=False)

    async def _with_token(self, session: Session) -> Session:
        # nio opens the keys of one device and no other, so it is not told of this one before the server knows it.
        self.wire.client.access_token = session.token
        try:
            found = await self.wire.get("/account/whoami")
        except Refused as refused:
            if refused.soft:
                raise Expired(f"the access token of {session.user} has expired: {refused}.") from refused
            raise LoginRefused(f"the homeserver refused the access token of {session.user}: {refused}.") from refused
        if text_in(found, "user_id") != session.user:
            raise LoginRefused(f"the access token is not that of {session.user} but of {text_in(found, 'user_id')!r}.")
        device = text_in(found, "device_id")
        if device and device != session.device:
            raise LoginRefused(f"the access token belongs to the device {device}, not to {session.device!r}.")
        self._use(session)
        return session

    async def _with_password(self, device: str, *, keep: bool = True) -> Session:
        self.wire.client.access_token = ""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.config.user},
            "password": self._secret("password"),
            "initial_device_display_name": "ptgbot",
            **({"device_id": device} if device else {}),
        }
        try:
            found = await self.wire.post("/login", body)
        except Refused as refused:
            raise LoginRefused(f"the homeserver refused the password of {self.config.user}: {refused}.") from refused
        session = Session(text_in(found, "user_id"), text_in(found, "device_id"), text_in(found, "access_token"))
        if session.user != self.config.user or not session.device or not session.token:
            raise LoginRefused(f"the homeserver logged us in as {session.user!r}, not as {self.config.user}.")
        if keep:
            self.file.save(session)
        self._use(session)
        return session

    def _use(self, session: Session) -> None:
        if uses_encryption(self.config):
            keep_private(key_store(self.config, session))
        self.wire.client.restore_login(session.user, session.device, session.token)

    def _secret(self, name: str) -> str:
        try:
            secret: str = getattr(self.config, name)
        except (OSError, UnicodeError) as error:
            raise LoginRefused(f"the {name.replace('_', ' ')} can't be read: {error}") from error
        return secret
