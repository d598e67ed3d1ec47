"""Whole files and the lock."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ptgbot.store.file.lock import Lock
from ptgbot.store.files import replace_file
from ptgbot.store.store import Locked


def test_unwritable_file_leaves_only_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "ptg.json"
    path.write_text("old")

    def sync(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        replace_file(path, b"new", sync)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["ptg.json"]  # noqa: PTH208


def test_second_process_is_refused_naming_the_first(tmp_path: Path) -> None:
    path = tmp_path / "ptg.lock"
    code = (
        "import sys; from pathlib import Path; from ptgbot.store.file.lock import Lock; "
        "Lock(Path(sys.argv[1])).acquire(); print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        with pytest.raises(Locked, match=f"process {other.pid}"):
            Lock(path).acquire()
        other.kill()
        other.wait()
    with Lock(path):
        pass


def test_a_child_does_not_inherit_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "ptg.lock"
    lock = Lock(path)
    lock.acquire()
    code = "import sys; print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"1\n"
        lock.release()
        with Lock(path):
            pass
        child.communicate()
