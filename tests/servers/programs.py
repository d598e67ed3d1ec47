"""Real programs for tests, on loopback only: found or skipped, started, asked who they are, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from attrs import define, field


def missing(text: str) -> NoReturn:
    """Skip a test for want of something that the text says how to install, but fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)


def need(program: str, install: str) -> str:
    """Return the path of a program; without it skip the test and say how to install it, but fail in CI."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is not None:
        return path
    missing(f"{program} is not installed: {install}")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@define(eq=False)
class Program:
    """A program that runs until it is stopped."""

    command: list[str]
    folder: Path
    ready: Callable[[], bool]
    """Ask it something only this program answers; OSError means not yet."""
    patience: float = 30.0
    """Seconds it may take to become ready."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + self.patience
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                output_text = (self.folder / "output.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.command[0]} did not start:\n{output_text}")
            time.sleep(0.01)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _answers(self) -> bool:
        try:
            return self.ready()
        except OSError:
            return False

    def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
