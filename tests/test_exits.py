"""Faults of files and addresses end the program with their status, and with a sentence that says what to do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from ptgbot.exits import MEANINGS, NO_RESTART, Exit
from tests.test_cli import PROGRAM, configuration

ROOT = Path(__file__).parents[1]
SOMEBODY = 65534
"""The user nobody."""


def weak() -> list[str]:
    """Return the beginning of a command line that takes root's privilege over other people's files away."""
    return ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []


def run(config: str) -> subprocess.CompletedProcess[str]:
    command = [*weak(), *PROGRAM, "run", config]
    return subprocess.run(command, input="", capture_output=True, text=True, timeout=60, check=False)


def give_away(path: Path, mode: int) -> None:
    """Give a file to somebody else. Without privileges, keep it and take its rights away."""
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, SOMEBODY)
    path.chmod(mode if os.geteuid() == 0 else mode & 0o477)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("ptg.journal.jsonl", 0o600),
        ("ptg.journal.jsonl", 0o644),
        ("ptg.lock", 0o644),
        ("ptg.json", 0o600),
    ],
)
def test_foreign_file_ends_with_3_and_owner(tmp_path: Path, name: str, mode: int) -> None:
    config = configuration(tmp_path, "[[console]]\n")
    assert run(config).returncode == Exit.NO_ADAPTER
    path = tmp_path / name
    path.chmod(0o444 if os.geteuid() else 0o644)
    give_away(path, mode if os.geteuid() == 0 else 0o400 if mode == 0o644 else 0)
    ended = run(config)
    assert ended.returncode == Exit.STATE, ended.stderr
    assert str(path) in ended.stderr
    assert "belongs to " in ended.stderr
    assert "chown " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_foreign_folder_of_state_ends_with_3(tmp_path: Path) -> None:
    config = configuration(tmp_path, '[state]\npath = "state/ptg.json"\n[[console]]\n')
    folder = tmp_path / "state"
    folder.mkdir()
    give_away(folder, 0o555)
    ended = run(config)
    assert (ended.returncode, "Traceback" in ended.stderr) == (Exit.STATE, False), ended.stderr
    assert f"The folder {folder} belongs to" in ended.stderr
    folder.chmod(0o755)


def test_foreign_folder_of_site_ends_with_3(tmp_path: Path) -> None:
    """Found before anything listens: the switch of a release needs the folder above it."""
    config = configuration(tmp_path, '[site]\noutput = "web/html"\nlisten = "127.0.0.1:0"\n[[console]]\n')
    (tmp_path / "web" / "html.d" / "releases").mkdir(parents=True)
    (tmp_path / "web" / "html.d" / "lock").touch()
    give_away(tmp_path / "web", 0o555)
    ended = run(config)
    assert ended.returncode == Exit.STATE, ended.stderr
    assert f"{tmp_path / 'web'}" in ended.stderr
    (tmp_path / "web").chmod(0o755)


def test_foreign_output_leaves_no_trace(tmp_path: Path) -> None:
    config = configuration(tmp_path, '[site]\noutput = "html"\nlisten = "127.0.0.1:0"\n[[console]]\n')
    (tmp_path / "html").mkdir()
    ended = run(config)
    assert ended.returncode == Exit.CONFIGURATION
    assert "exists and is not ours; move it away, or choose another output" in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "ptg.json", "ptgbot.toml"]


def test_taken_port_ends_with_3_and_advice(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run(configuration(tmp_path, f'[site]\noutput = "html"\nlisten = "{listen}"\n[[console]]\n'))
    assert ended.returncode == Exit.STATE
    assert f"cannot listen on {listen}" in ended.stderr
    assert "choose another address in `listen`" in ended.stderr


def test_every_status_has_one_meaning() -> None:
    assert set(MEANINGS) == set(Exit)
    assert [status.value for status in Exit] == [*range(len(Exit) - 1), 128 + signal.SIGINT]


def test_unit_does_not_restart_what_needs_somebody() -> None:
    unit = (ROOT / "docs" / "deploy" / "ptgbot.service").read_text()
    wanted = " ".join(str(status.value) for status in NO_RESTART)
    assert f"RestartPreventExitStatus={wanted}\n" in unit


def test_reader_who_leaves_ends_nothing_badly(tmp_path: Path) -> None:
    config = configuration(tmp_path, "[[console]]\n")
    subprocess.run([*PROGRAM, "run", config], input="#nova now a\n", capture_output=True, text=True, check=False)
    shown = subprocess.Popen([*PROGRAM, "journal", "show", config], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert shown.stdout is not None
    shown.stdout.close()
    _, said = shown.communicate(timeout=60)
    assert (shown.returncode, said) == (Exit.STOPPED, b"")


