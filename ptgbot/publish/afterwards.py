"""Runs the operator's own command after each switch, for example an upload to another host."""

from __future__ import annotations

import asyncio
import logging
import shlex
from pathlib import Path

from attrs import define, field

from ptgbot.chat.adapter import Colour, Health
from ptgbot.child import run_command

log = logging.getLogger(__name__)


@define(eq=False)
class AfterBuild:
    """Runs one command, never two at a time. Switches during a run lead to a single further run."""

    command: str
    folder: Path
    """Working directory of the command."""
    timeout: float
    """Seconds after which the command is ended."""
    _wanted: asyncio.Event = field(factory=asyncio.Event, init=False)
    _due: bool = field(default=False, init=False)
    _stopped: bool = field(default=False, init=False)
    _ran: bool = field(default=False, init=False)
    _failure: str = field(default="", init=False)

    def switched(self) -> None:
        """Note that the site was switched to a new release. Never waits."""
        self._due = True
        self._wanted.set()

    def stop(self) -> None:
        """Let :meth:`run` return, after a last run if one is due."""
        self._stopped = True
        self._wanted.set()

    def health(self) -> Health:
        """Return the outcome of the last run: red if it failed."""
        if self._failure:
            return Health(Colour.RED, self._failure)
        return Health(Colour.GREEN, "done" if self._ran else "nothing to do yet")

    async def run(self) -> None:
        """Run the command after each switch until :meth:`stop`. A failure is logged and reported by :meth:`health`."""
        while True:
            await self._wanted.wait()
            if not self._due:
                return
            self._wanted.clear()
            self._due = False
            await self.once()
            if self._stopped:
                self._wanted.set()

    async def once(self) -> bool:
        """Run the command once. Return whether it succeeded."""
        failure = await self._run()
        if failure:
            log.error("%s", failure)
        self._ran, self._failure = True, failure
        return not failure

    async def _run(self) -> str:
        """Return a sentence about the failure, the empty string after a success."""
        try:
            ended = await run_command(shlex.split(self.command), self.folder, self.timeout)
        except (OSError, ValueError) as error:
            return f"after_build could not be started: {error}"
        if ended.status is None:
            return f"after_build was ended after {self.timeout:g} s"
        return f"after_build {ended.problem}" if ended.problem else ""
