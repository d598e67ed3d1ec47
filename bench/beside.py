"""A command that is typed while ``ptgbot stats refresh`` reads a repository in its own process, and without that."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from attrs import define

from bench.contributions import COMMITS, SHORT_COMMITS, repository
from bench.figures import Figure, Line
from ptgbot.child import environment

_PROGRAM: Final = (sys.executable, "-P", "-m", "ptgbot")
_TOML: Final = "[state]\npath = 'ptg.json'\n[[console]]\n"
_STATS: Final = "[state]\npath = 'ptg.json'\n[stats]\nrepositories = ['{}']\n"
_MEMORY: Final = 4_000_000_000
_PATIENCE: Final = 60.0
_ASKED: Final = 100
"""Commands of a round without a refresh."""


@define
class Chat:
    """A bot with a console."""

    process: asyncio.subprocess.Process
    asked: int = 0

    async def ask(self) -> float:
        """Type a command that changes the state. Return the seconds until its answer."""
        assert self.process.stdin
        self.asked += 1
        began = time.perf_counter()
        self.process.stdin.write(b"+in the kitchen, shelf %d\n" % self.asked)
        await self._answered(b"[#demo] you: ")
        return time.perf_counter() - began

    async def _answered(self, sought: bytes) -> None:
        assert self.process.stdout
        async with asyncio.timeout(_PATIENCE):
            while sought not in await self.process.stdout.readline():
                pass

    async def while_true(self, condition: Callable[[int], bool]) -> float:
        """Return the median of the seconds of commands that are typed while a condition on their number holds."""
        found = [await self.ask()]
        while condition(len(found)):
            found.append(await self.ask())
        return statistics.median(found)


async def run(folder: Path, short: bool) -> Sequence[Line]:
    """Measure the chat.

    Args:
        folder: where to write.
        short: only shows that it works.
    """
    path = repository(folder / "plants", SHORT_COMMITS if short else COMMITS)
    await asyncio.to_thread(_configure, folder, _TOML)
    bot = await asyncio.create_subprocess_exec(
        *_PROGRAM,
        "run",
        "ptgbot.toml",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )
    chat = Chat(bot)
    await chat.ask()
    alone, beside = [], []
    for number in range(1 if short else 5):
        alone.append(await chat.while_true(lambda asked: asked < _ASKED))
        beside.append(await _beside(chat, folder / f"{number}", path))
    bot.terminate()
    await bot.wait()
    return [Figure(f"typed command beside a refresh of {path.name}", beside, "alone", alone)]


def _configure(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "ptgbot.toml").write_text(text)


async def _beside(chat: Chat, folder: Path, path: Path) -> float:
    """Return the median of the seconds of a command while a first reading runs as the bot runs it."""
    await asyncio.to_thread(_configure, folder, _STATS.format(path))
    command = [sys.executable, "-P", "-m", "ptgbot.launcher", str(_MEMORY), str(folder / ".lock"), *_PROGRAM]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("stats", "refresh", "ptgbot.toml"),
        cwd=folder,
        env=environment(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    found = await chat.while_true(lambda _asked: process.returncode is None)
    if await process.wait():
        raise RuntimeError("the refresh failed")
    return found
