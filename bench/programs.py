"""Programs that run beside a benchmark and end with it."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

PATIENCE = 10.0
"""Seconds a program gets to end in order."""


class Missing(Exception):
    """A program is not installed. The message says how to install it."""


def need(program: str, install: str) -> str:
    """Return the path of a program.

    Raises:
        Missing: it is not installed.
    """
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Missing(f"{program} is not installed: {install}")
    return path


@asynccontextmanager
async def running(command: Sequence[str], output: Path) -> AsyncIterator[Process]:
    """Run a program while the context lasts. Its output goes to a file, and its input stays open."""
    with output.open("ab") as log:
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=log, stderr=log)
    try:
        yield process
    finally:
        await _end(process)


async def finish(command: Sequence[str]) -> None:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed; the message holds its output.
    """
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    try:
        _, said = await process.communicate()
    finally:
        await _end(process)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {said.decode(errors='replace')[-1000:]}")


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
