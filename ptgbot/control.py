"""The control socket: commands of this machine to the running bot. The rights of the socket's file decide who may.

A request is one line of JSON, ``{"do": "status"}``; the answer is another one, ``{"ok": true, …}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog
from attrs import define, field

log = structlog.get_logger()

RIGHTS: Final = 0o660
"""Owner and group may connect."""
_PATIENCE: Final = 10.0
"""Seconds for a request to arrive."""
_LONGEST: Final = 2**24
"""Bytes of a request or an answer."""

Answer = Mapping[str, Any]
Do = Callable[[Mapping[str, Any]], Awaitable[Answer]]


class NoBot(Exception):
    """No bot answers at the control socket."""


class Denied(Exception):
    """The bot refuses a request. The message says why."""


@define(eq=False)
class Control:
    """Listens at the control socket."""

    path: Path
    commands: Mapping[str, Do]
    """What can be done, by name. Each takes the request and returns the answer; :class:`Denied` refuses."""
    _server: asyncio.Server | None = field(default=None, init=False)

    async def start(self) -> None:
        """Listen. A bot that cannot listen here works all the same, and says so in the log."""
        try:
            self._server = await asyncio.start_unix_server(self._serve, sock=self._bound(), limit=_LONGEST)
        except OSError as error:
            log.warning("the control socket can't be used", path=str(self.path), why=error.strerror or str(error))

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server:
            self._server.close()
            self._server = None
            with contextlib.suppress(OSError):
                self.path.unlink()

    def _bound(self) -> socket.socket:
        # The lock on the state has told that no other bot works here: a socket that exists was left by a killed one.
        if self.path.exists() and stat.S_ISSOCK(self.path.stat().st_mode):
            self.path.unlink()
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            one.bind(str(self.path))
            self.path.chmod(RIGHTS)
        except OSError:
            one.close()
            raise
        return one

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            async with asyncio.timeout(_PATIENCE):
                asked = json.loads(await reader.readline())
            writer.write(json.dumps(await self._answer(asked)).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _answer(self, asked: Mapping[str, Any]) -> Answer:
        do = self.commands.get(str(asked.get("do")))
        if do is None:
            return {"ok": False, "error": f"there is no {asked.get('do')!r}; there are {', '.join(self.commands)}."}
        try:
            return {"ok": True, **await do(asked)}
        except Denied as refused:
            return {"ok": False, "error": str(refused)}
        except Exception as error:
            log.exception("a request at the control socket failed", do=asked.get("do"))
            return {"ok": False, "error": repr(error)}


def ask(path: Path, do: str, patience: float = 60.0, **more: Any) -> dict[str, Any]:
    """Ask the running bot, and return its answer.

    Args:
        path: the control socket.
        do: the command.
        patience: seconds for the answer.
        more: what the command wants to know.

    Raises:
        NoBot: no bot listens there.
        Denied: the bot refuses.
        PermissionError: the rights of the socket keep us out.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(patience)
        try:
            one.connect(os.fspath(path))
            one.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
            with one.makefile("rb") as file:
                answer: dict[str, Any] = json.loads(file.readline() or b"{}")
        except (FileNotFoundError, ConnectionError) as error:
            raise NoBot(f"no bot runs at {path}: {error.strerror}.") from error
        except TimeoutError as error:
            raise NoBot(f"the bot at {path} does not answer within {patience:g} s.") from error
    if not answer.get("ok"):
        raise Denied(str(answer.get("error", "the bot ended meanwhile.")))
    return answer
