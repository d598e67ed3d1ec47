"""The builder process: started when needed, killed when it hangs, restarted when it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from ptgbot.child import environment, said_at_once
from ptgbot.projection import Shown
from ptgbot.store.edits import Json

log = logging.getLogger(__name__)

_LONGEST_ANSWER = 2**24
_EACH = 0.2
"""Seconds added to the time-out for each slice beyond the first few: the first build makes very many pages."""
_FEW = 50


class BuilderDied(Exception):
    """The process has ended, or was killed because it took too long."""


class BuildFailed(Exception):
    """The process answered that the build failed. It is still running."""


@frozen
class Built:
    """The answer of the process to a build."""

    pages: tuple[str, ...]
    """File names of the pages that were written."""
    seconds: float
    finished: tuple[str, ...] = ()
    """File names of the finished pages that were replaced."""
    more: bool = False
    """Whether finished pages are left for the next build."""
    frame: Json = None
    """The menu and the title of every page, for the projects below the site."""


@define
class Builder:
    """Sends requests to the process. A slice is sent only if it is another object than the one sent before."""

    command: Sequence[str]
    timeout: float
    """Time-out of a build in seconds."""
    _process: Process | None = field(default=None, init=False)
    _log_reader: asyncio.Task[None] | None = field(default=None, init=False)
    _known: dict[str, Json] = field(factory=dict, init=False)
    """The slices that the process has, by name."""
    _touched: Mapping[str, str] = field(factory=dict, init=False)
    """The last changes of slices that the process knows."""
    _last_words: str = field(default="", init=False)
    _said: Sequence[str] = field(default=(), init=False)
    """The lines of the last record in the log."""
    _failed: bool = field(default=False, init=False)

    @property
    def pid(self) -> int | None:
        """The process id, None while the process is not running."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def is_due(self, shown: Shown) -> bool:
        """Say whether a build would change anything."""
        changed = self._unknown(shown.slices) or self._touched != shown.touched
        return self.pid is None or self._failed or bool(changed)

    def _unknown(self, slices: Mapping[str, Json]) -> dict[str, Json]:
        """Return the slices to send, with null for a removed slice.

        An unchanged slice is the same object, so nothing needs to be compared.
        """
        known = self._known
        changed = {name: value for name, value in slices.items() if name not in known or known[name] is not value}
        changed.update(dict.fromkeys(known.keys() - slices.keys()))
        return changed

    async def build(self, number: int, shown: Shown) -> Built:
        """Build the pages.

        Args:
            number: number of the build.
            shown: what the site shall show.

        Raises:
            BuilderDied: the process ended, or took longer than ``timeout`` and was killed.
            BuildFailed: the build failed; the process is still running.
        """
        process = self._process if self._process and self.pid else await self._start()
        changed = self._unknown(shown.slices)
        touched = {name: at for name, at in shown.touched.items() if self._touched.get(name) != at}
        patience = self.timeout + max(0, len(changed) - _FEW) * _EACH
        request = {
            "build": number,
            "now": shown.at.isoformat(),
            "zone": shown.zone,
            "set": changed,
            "touched": {**touched, **dict.fromkeys(self._touched.keys() - shown.touched.keys())},
        }
        try:
            async with asyncio.timeout(patience):
                answer = await self._ask(process, await asyncio.to_thread(json.dumps, request))
        except TimeoutError as error:
            await self.kill()
            raise BuilderDied(f"no page was ready after {patience:g} s") from error
        except (OSError, ValueError) as error:
            await self.kill()
            raise BuilderDied(f"the builder ended: {self._last_words or error}") from error
        except BaseException:
            await self.kill()
            raise
        self._known, self._touched = dict(shown.slices), shown.touched
        self._failed = not answer.get("ok")
        if self._failed:
            raise BuildFailed(str(answer.get("error")))
        return Built(
            tuple(answer["pages"]),
            float(answer["seconds"]),
            tuple(answer.get("finished", ())),
            bool(answer.get("more")),
            answer.get("frame"),
        )

    async def _ask(self, process: Process, line: str) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline() or b"null")
        if not isinstance(answer, dict):
            raise ValueError("it did not answer")
        return answer

    async def _start(self) -> Process:
        self._known, self._touched = {}, {}
        self._last_words = ""
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LONGEST_ANSWER,
            env=environment(),
            # Ctrl-C in our terminal is for us: we finish the build and end the process ourselves.
            start_new_session=True,
        )
        self._log_reader = asyncio.create_task(self._read_log(self._process), name="builder log")
        return self._process

    async def _read_log(self, process: Process) -> None:
        assert process.stderr is not None
        async for words in said_at_once(process.stderr):
            self._last_words = words[-1]
            # A build that fails is tried again and again, and says the same each time.
            if words != self._said:
                log.warning("builder: %s", "\n".join(words))
            self._said = words

    async def stop(self) -> None:
        """Close the input of the process, which makes it end; kill it if it has not ended after ``timeout`` seconds."""
        if self._process and self.pid:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                async with asyncio.timeout(self.timeout):
                    await self._process.wait()
            except TimeoutError:
                log.warning("the builder does not end by itself")
        await self.kill()

    async def kill(self) -> None:
        """Kill the process and wait for its end."""
        if self._process:
            if self.pid:
                self._process.kill()
            await self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            # Nobody needs to know that it did not read all; Python 3.11.2 would log it.
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.wait_closed()
        if self._log_reader:
            await self._log_reader
        self._process = self._log_reader = None
