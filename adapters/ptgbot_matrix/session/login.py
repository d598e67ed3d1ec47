"""Logging in: an access token and the device that it belongs to, kept over restarts.

A restarted bot must come back as the same device. The homeserver remembers transaction ids for each device, so it
recognises an answer that is sent again.
Source: Matrix client-server API, sections "Login", "Soft logout", "GET /account/whoami".
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from ptgbot.chat.adapter import LoginRefused
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.event import text_in
from ptgbot_matrix.secretfile import keep_private, write_secret
from ptgbot_matrix.session.client import key_database, uses_encryption
from ptgbot_matrix.session.devices import DEVICE_NAME
from ptgbot_matrix.session.wire import RequestRefused, Wire

TOKEN_LOST: Final = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
"""Error codes of a homeserver that does not accept our access token any more."""


class TokenExpired(LoginRefused):
    """The access token has expired, but the device still exists: a soft logout."""


class DeviceLost(Exception):
    """Our device cannot be used any more. Only a login as a new device helps."""


@frozen
class MatrixSession:
    """A login: the account, its device and the access token of that device."""

    user: str
    device: str
    token: str


@define
class SessionFile:
    """The file that keeps a login. Only its owner can read it."""

    path: Path

    def load(self) -> MatrixSession | None:
        """Return the login, or None if the file is missing or damaged."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(self.path.read_bytes())
            return MatrixSession(str(found["user"]), str(found["device"]), str(found["token"]))
        return None

    def save(self, session: MatrixSession) -> None:
        """Write a login.

        Raises:
            OSError: the file could not be written.
        """
        write_secret(self.path, json.dumps({"user": session.user, "device": session.device, "token": session.token}))

    def forget(self) -> None:
        """Delete the file, so that the next login makes a new device."""
        self.path.unlink(missing_ok=True)


@define(eq=False)
class LoginFlow:
    """Logs in with the configured access token, with the kept one, or with the password."""

    config: MatrixConfig
    wire: Wire
    file: SessionFile
    report: Callable[[str], None]
    """Tells the operators one sentence."""
    token_is_configured: bool = field(default=False, init=False)
    """Whether the operator gave the access token: then there is no password to get another one with."""

    async def open(self) -> MatrixSession:
        """Log in and keep the login.

        Raises:
            LoginRefused: the homeserver does not accept our name, password or token.
            OSError: the homeserver could not be reached, or the login could not be kept.
            TryLater: the homeserver asks for a pause.
        """
        token = self._secret("access_token")
        self.token_is_configured = bool(token)
        if token:
            return await self._with_token(MatrixSession(self.config.user, self.config.device_id or "", token))
        kept = self.file.load()
        if kept is not None and self._keys_are_gone(kept):
            self.report("the keys of our device are gone; we log in as a new one. What was encrypted before is lost")
            kept = None
        if kept is not None and kept.user == self.config.user:
            return await self._again(kept)
        return await self._with_password("")

    async def open_for_a_look(self) -> MatrixSession:
        """Log in for an inspection, without writing anything to the store.

        Raises:
            LoginRefused: the homeserver does not accept our name, password or token.
            OSError: the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
        """
        if token := self._secret("access_token"):
            return await self._with_token(MatrixSession(self.config.user, self.config.device_id or "", token))
        return await self._with_password("", keep=False)

    def _keys_are_gone(self, kept: MatrixSession) -> bool:
        return uses_encryption(self.config) and not key_database(self.config, kept.user, kept.device).exists()

    async def _again(self, kept: MatrixSession) -> MatrixSession:
        device = kept.device
        try:
            return await self._with_token(kept)
        except TokenExpired:
            pass
        except LoginRefused:
            # The homeserver has deleted the device, so our copy of its keys is worthless.
            device = "" if uses_encryption(self.config) else device
        return await self._with_password(device)

    async def _with_token(self, session: MatrixSession) -> MatrixSession:
        # nio opens the keys of one device only, so it must not hear of this device before the server has confirmed it.
        self.wire.client.access_token = session.token
        try:
            found = await self.wire.get("/account/whoami")
        except RequestRefused as refused:
            if refused.soft:
                raise TokenExpired(f"the access token of {session.user} has expired: {refused}.") from refused
            raise LoginRefused(f"the homeserver refused the access token of {session.user}: {refused}.") from refused
        if text_in(found, "user_id") != session.user:
            raise LoginRefused(f"the access token is not that of {session.user} but of {text_in(found, 'user_id')!r}.")
        device = text_in(found, "device_id")
        if device and device != session.device:
            raise LoginRefused(f"the access token belongs to the device {device}, not to {session.device!r}.")
        self._use(session)
        return session

    async def _with_password(self, device: str, *, keep: bool = True) -> MatrixSession:
        self.wire.client.access_token = ""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.config.user},
            "password": self._secret("password"),
            "initial_device_display_name": DEVICE_NAME if keep else f"{DEVICE_NAME} check",
            **({"device_id": device} if device else {}),
        }
        try:
            found = await self.wire.post("/login", body)
        except RequestRefused as refused:
            raise LoginRefused(f"the homeserver refused the password of {self.config.user}: {refused}.") from refused
        session = MatrixSession(text_in(found, "user_id"), text_in(found, "device_id"), text_in(found, "access_token"))
        if session.user != self.config.user or not session.device or not session.token:
            raise LoginRefused(f"the homeserver logged us in as {session.user!r}, not as {self.config.user}.")
        if keep:
            self.file.save(session)
        self._use(session)
        return session

    def _use(self, session: MatrixSession) -> None:
        if uses_encryption(self.config):
            # SQLite would create the database with the rights that the umask leaves.
            keep_private(key_database(self.config, session.user, session.device))
        self.wire.client.restore_login(session.user, session.device, session.token)

    def _secret(self, name: str) -> str:
        try:
            secret: str = getattr(self.config, name)
        except (OSError, UnicodeError) as error:
            raise LoginRefused(f"the {name.replace('_', ' ')} can't be read: {error}") from error
        return secret
