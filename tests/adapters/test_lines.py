"""The example of an adapter in ``docs/adapter.rst`` works in the program, installed as the page says."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.programs import Program, free_port

SOURCE = Path(__file__).with_name("lines.py")
CONFIG = """\
[gathering]
timezone = "Europe/Berlin"

[[lines]]
port = {port}
"""


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a running bot whose only network is the example."""
    packages = tmp_path / "packages"
    about = packages / "ptgbot_lines-1.dist-info"
    about.mkdir(parents=True)
    shutil.copy(SOURCE, packages / "ptgbot_lines.py")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ptgbot-lines\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[ptgbot.adapters]\nlines = ptgbot_lines:ADAPTER\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")]))
    chosen = free_port()
    (tmp_path / "ptgbot.toml").write_text(CONFIG.format(port=chosen))

    def listens() -> bool:
        with socket.create_connection(("127.0.0.1", chosen), 5):
            return True

    command = [sys.executable, "-P", "-m", "ptgbot", "run", str(tmp_path / "ptgbot.toml")]
    program = Program(command, tmp_path, listens, patience=60)
    program.start()
    yield chosen
    program.kill()


def test_people_are_answered(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as talk, talk.makefile("rw", encoding="utf-8") as lines:
        print("Mira", "+in lobby", "+seen mira", sep="\n", file=lines, flush=True)
        heard = [lines.readline(), lines.readline()]
    assert ["lobby" in line for line in heard] == [True, True]


def test_check_finds_its_table_good(port: int, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "ptgbot", "check", "--offline", str(tmp_path / "ptgbot.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "lines" in done.stdout, done.stderr
