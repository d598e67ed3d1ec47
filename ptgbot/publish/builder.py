"""The builder process: started when it is needed, killed when it hangs, started anew when it ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from ptgbot.store.edits import Json

log = logging.getLogger(__name__)

_LONGEST_ANSWER = 2**24
_EACH = 0.2
"""Seconds more for each slice beyond the first few: the first build of a large gathering makes very many pages."""
_FEW = 50
# Secrets may stand in our environment; the builder needs none of them.
_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TZ",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
)


class BuilderDied(Exception):
    """The process ended, or was killed because it took too long."""


class BuildFailed(Exception):
    """The process answered that it could not build; it goes on."""


@frozen
class Built:
    """What the process answered."""

    pages: tuple[str, ...]
    seconds: float


@define
class Builder:
    """Talks to the process. Only slices that it does not know yet are sent."""

    command: Sequence[str]
    timeout: float
    """Seconds a build may take."""
    _process: Process | None = field(default=None, init=False)
    _log_reader: asyncio.Task[None] | None = field(default=None, init=False)
    _known: dict[str, str] = field(factory=dict, init=False)
    _last_words: str = field(default="", init=False)
    _failed: bool = field(default=False, init=False)

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def is_due(self, slices: Mapping[str, Json]) -> bool:
        """Say whether a build would make a difference."""
        return self.pid is None or self._failed or bool(self._unknown(slices))

    def _unknown(self, slices: Mapping[str, Json]) -> dict[str, str | None]:
        """Return what has to be sent: slices as JSON text, None for one that is gone."""
        # As text, since the order of rooms and days matters and equality of dicts does not see it.
        texts = {name: json.dumps(value) for name, value in slices.items()}
        changed: dict[str, str | None] = {name: text for name, text in texts.items() if self._known.get(name) != text}
        changed.update(dict.fromkeys(self._known.keys() - texts.keys()))
        return changed

    async def build(self, number: int, now: datetime, zone: str, slices: Mapping[str, Json]) -> Built:
        """Build. Raises BuilderDied or BuildFailed."""
        process = self._process if self._process and self.pid else await self._start()
        changed = self._unknown(slices)
        patience = self.timeout + max(0, len(changed) - _FEW) * _EACH
        head = json.dumps({"build": number, "now": now.isoformat(), "zone": zone})[:-1]
        body = ", ".join(f"{json.dumps(name)}: {text or 'null'}" for name, text in changed.items())
        try:
            async with asyncio.timeout(patience):
                answer = await self._ask(process, f'{head}, "set": {{{body}}}}}\n')
        except TimeoutError as error:
            await self.kill()
            raise BuilderDied(f"no page was ready after {patience:g} s") from error
        except (OSError, ValueError) as error:
            await self.kill()
            raise BuilderDied(f"the builder ended: {self._last_words or error}") from error
        except BaseException:
            await self.kill()
            raise
        for name, text in changed.items():
            if text is None:
                del self._known[name]
            else:
                self._known[name] = text
        self._failed = not answer.get("ok")
        if self._failed:
            raise BuildFailed(str(answer.get("error")))
        return Built(tuple(answer["pages"]), float(answer["seconds"]))

    async def _ask(self, process: Process, line: str) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line.encode())
        await process.stdin.drain()
        answer = json.loads(await process.stdout.readline() or b"null")
        if not isinstance(answer, dict):
            raise ValueError("it did not answer")
        return answer

    async def _start(self) -> Process:
        self._known.clear()
        self._last_words = ""
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=_LONGEST_ANSWER,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            # Ctrl-C in our terminal is for us: we finish the build and end the process ourselves.
            start_new_session=True,
        )
        self._log_reader = asyncio.create_task(self._read_log(self._process), name="builder log")
        return self._process

    async def _read_log(self, process: Process) -> None:
        assert process.stderr is not None
        while line := await _line(process.stderr):
            self._last_words = line
            log.warning("builder: %s", line)

    async def stop(self) -> None:
        """End the process: it ends when its input does; killed when it does not."""
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
        """End the process at once."""
        if self._process:
            if self.pid:
                self._process.kill()
            await self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
        if self._log_reader:
            await self._log_reader
        self._process = self._log_reader = None


async def _line(stream: asyncio.StreamReader) -> str:
    """Return the next line that is not blank, without its end; empty at the end of the stream."""
    while True:
        try:
            raw = await stream.readline()
        except ValueError:
            continue
        if not raw:
            return ""
        if text := raw.decode(errors="replace").strip():
            return text
