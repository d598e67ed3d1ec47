"""The launcher limits a process, takes the lock of a job and becomes the job's command."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ptgbot.launcher import BUSY, NICENESS, NOT_STARTED

MEMORY = 2_000_000_000
SAYS = "import os, resource as r; print(r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_CORE), os.nice(0))"


def launch(lock: Path, *command: str, memory: int = MEMORY) -> subprocess.CompletedProcess[str]:
    launcher = [sys.executable, "-P", "-m", "ptgbot.launcher", str(memory), str(lock)]
    return subprocess.run([*launcher, *command], capture_output=True, text=True, check=False, timeout=60)


def test_job_command_has_limits_and_low_priority(tmp_path: Path) -> None:
    done = launch(tmp_path / "lock", sys.executable, "-c", SAYS)
    niceness = min(os.nice(0) + NICENESS, 19)
    assert (done.returncode, done.stdout.strip()) == (0, f"{MEMORY} (0, 0) {niceness}")


def test_a_command_holds_the_lock_until_it_ends(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = "import sys; print('up', flush=True); sys.stdin.read()"
    launcher = [sys.executable, "-P", "-m", "ptgbot.launcher", str(MEMORY), str(lock), sys.executable, "-c", script]
    with subprocess.Popen(launcher, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdin
        assert first.stdout
        assert first.stdout.readline() == "up\n"
        second = launch(lock, sys.executable, "-c", "print('started')")
        first.stdin.close()
    assert (second.returncode, second.stdout) == (BUSY, "")
    assert second.stderr == "an earlier run has not ended\n"
    assert launch(lock, sys.executable, "-c", "print('started')").stdout == "started\n"


@pytest.mark.parametrize("shared", [False, True])
def test_taken_lock_keeps_the_command_back(tmp_path: Path, shared: bool) -> None:
    with (tmp_path / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        assert launch(tmp_path / "lock", "true").returncode == BUSY


def test_a_missing_command_is_named(tmp_path: Path) -> None:
    done = launch(tmp_path / "lock", "there-is-no-such-program")
    assert done.returncode == NOT_STARTED
    assert done.stderr.startswith("there-is-no-such-program can't be started: ")
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
