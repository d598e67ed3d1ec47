"""The operator's own command after each switch: an upload to another host, for example."""

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
    """Runs one command, never two at a time: switches that come while it runs are folded into one more run."""

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
        """Note that a new release was switched to. Never waits."""
        self._due = True
        self._wanted.set()

    def stop(self) -> None:
        """Let :meth:`run` return after the run that is due, if one is."""
        self._stopped = True
        self._wanted.set()

    def health(self) -> Health:
        """Return how the last run went."""
        if self._failure:
            return Health(Colour.RED, self._failure)
        return Health(Colour.GREEN, "done" if self._ran else "nothing to do yet")

    async def run(self) -> None:
        """Run the command after each switch until :meth:`stop`."""
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
        """Run the command once. Returns whether it succeeded."""
        failure = await self._run()
        if failure:
            log.error("%s", failure)
        self._ran, self._failure = True, failure
        return not failure

    async def _run(self) -> str:
        """Return a sentence about what went wrong, empty if nothing did."""
        try:
            ended = await run_command(shlex.split(self.command), self.folder, self.timeout)
        except (OSError, ValueError) as error:
            return f"after_build could not be started: {error}"
        if ended.status is None:
            return f"after_build was ended after {self.timeout:g} s"
        return f"after_build {ended.problem}" if ended.problem else ""
