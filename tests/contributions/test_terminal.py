"""``ptgbot stats fetch`` in a terminal: a bar, lines of their own, and Ctrl-C in the middle."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ptgbot.contributions.duck import interruptible
from ptgbot.exits import Exit
from tests.contributions.histories import history
from tests.contributions.program import MADE, Program

PATIENCE = 60.0


def shown(terminal: int) -> str:
    """Return everything that is written to a terminal until nobody has it open any more."""
    found = b""
    with suppress(OSError):
        while some := os.read(terminal, 10_000):
            found += some
    return found.decode()


def interrupted(program: Program, begun: Path) -> tuple[int, str]:
    """Run ``fetch`` in a terminal, and interrupt it when a file is there. Return its status and what was shown."""
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "ptgbot", "stats", "fetch", str(program.path)],
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
        env={**os.environ, "GIT_SSH_COMMAND": f"sh -c 'touch {begun}; exec sleep 1000'"},
    )
    os.close(end)
    late = time.monotonic() + PATIENCE
    while not begun.exists():
        assert process.poll() is None
        assert time.monotonic() < late
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    text = shown(terminal)
    os.close(terminal)
    return process.wait(PATIENCE), text


def test_interrupted_reading_ends_cleanly(tmp_path: Path) -> None:
    program = Program(tmp_path)
    plants = history(tmp_path / "plants", *MADE)
    program.repositories = [plants, Path("ssh:/git.example.org/oak")]
    program.configure()
    program.path.write_text(program.path.read_text().replace("ssh:/", "ssh://"))
    status, text = interrupted(program, tmp_path / "begun")
    assert status == Exit.INTERRUPTED
    lines = text.replace("\r\n", "\n").split("\n")
    assert lines[0].startswith("\rreading [..............................] 0/2")
    assert lines[0].endswith(f"\r\x1b[K{plants}: 2 new commits")
    assert lines[-2:] == ["ptgbot: interrupted.", ""]
    assert "Traceback" not in text
    program.repositories = [plants]
    program.configure()
    program.run("refresh")
    assert ("commits", "plants", 2.0) in program.answer("metrics_by_module")


def test_question_is_interrupted_like_anything_else() -> None:
    # The database looks for signals only between pieces of its work, so a real one cannot be timed.
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="another"), interruptible():
        raise RuntimeError("another")
