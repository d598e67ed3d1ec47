"""Child processes: an environment without secrets, the end of all descendants, the last words of a command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from attrs import define, frozen

# Secrets may stand in our environment; child processes need none of them.
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
LAST_WORDS = 500
"""Number of last characters of a command's output that are kept."""
_GRACE = 1.0
"""Seconds to wait for the rest of the output of a killed command."""


def environment() -> dict[str, str]:
    """Return the variables of our environment that child processes need. Others may hold secrets."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


@frozen
class Ended:
    """The end of a command."""

    status: int | None
    """Exit status, negative for a signal; None where it took too long and was ended."""
    words: str
    """The end of its output, in one line."""

    @property
    def problem(self) -> str:
        """A description of the failure, to be read after the name of the command; empty after a success."""
        if self.status is None:
            return f"took too long and was ended{': ' + self.words if self.words else ''}"
        return f"failed with {self.status}: {self.words or 'it said nothing'}" if self.status else ""


async def run_command(
    command: Sequence[str], folder: Path, limit: float, env: Mapping[str, str] | None = None
) -> Ended:
    """Run a command until it has ended and no descendant holds its output open.

    Its process group is killed after ``limit`` seconds, or when the waiting task is cancelled.

    Args:
        command: the command line.
        folder: its working directory.
        limit: time-out in seconds.
        env: its environment; None for ours.

    Raises:
        OSError, ValueError: it cannot be started.
    """
    tail = _Tail()
    async with _pipe(tail) as (handle, output):
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=handle, stderr=STDOUT, cwd=folder, env=env, start_new_session=True
            )
        finally:
            os.close(handle)
        in_time = True
        try:
            async with asyncio.timeout(limit):
                await process.wait()
                await asyncio.shield(output)
        except TimeoutError:
            in_time = False
        finally:
            _kill_group(process.pid)
            await process.wait()
        # A descendant with a session of its own may hold the output for ever.
        await asyncio.wait([output], timeout=_GRACE)
    return Ended(process.returncode if in_time else None, tail.text)


async def next_line(stream: asyncio.StreamReader) -> str:
    """Return the next line that is not blank, without its line end; the empty string at the end of the stream."""
    while True:
        try:
            raw = await stream.readline()
        except ValueError:  # too long
            continue
        if not raw:
            return ""
        if text := raw.decode(errors="replace").strip():
            return text


_PAUSE = 0.2
"""Seconds without a further line after which a program has said what it had to say."""
_MOST_LINES = 200


async def said_at_once(stream: asyncio.StreamReader) -> AsyncIterator[Sequence[str]]:
    """Yield the lines that a program says without a pause, such as a traceback, so that they can be one record."""
    while line := await next_line(stream):
        lines = [line]
        try:
            while len(lines) < _MOST_LINES:
                async with asyncio.timeout(_PAUSE):
                    line = await next_line(stream)
                if not line:
                    break
                lines.append(line)
        except TimeoutError:
            pass
        yield lines


@define
class _Tail:
    """The end of a stream of bytes."""

    raw: bytes = b""

    def add(self, more: bytes) -> None:
        self.raw = (self.raw + more)[-4 * LAST_WORDS :]

    @property
    def text(self) -> str:
        return " ".join(self.raw.decode(errors="replace").split())[-LAST_WORDS:]


@contextlib.asynccontextmanager
async def _pipe(tail: _Tail) -> AsyncIterator[tuple[int, asyncio.Task[None]]]:
    """Yield the writing end of a pipe, and the task that reads the last words from the other end."""
    read_end, write_end = os.pipe()
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(read_end, "rb", 0)
    )

    async def read() -> None:
        while chunk := await stream.read(65536):
            tail.add(chunk)

    task = asyncio.create_task(read(), name="output of a command")
    try:
        yield write_end, task
    finally:
        task.cancel()
        transport.close()
        await asyncio.gather(task, return_exceptions=True)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
