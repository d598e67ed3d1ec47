"""Real read-only and real full file systems under the running program, in a mount namespace of its own."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from ptgbot.exits import Exit
from tests.deploy.root import can_isolate
from tests.plain_bot import prepare
from tests.servers.programs import missing
from tests.test_cli import PROGRAM, ran

CONFIGURATION = '[state]\npath = "state/ptg.json"\n[site]\noutput = "web/html"\n[[console]]\n'
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
SMALL = """\
for one in state web; do mount -t tmpfs -o size=8m tmpfs "$0/$one"; cp "$0/ptg.json" "$0/$one"; done
exec "$@"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if not can_isolate():
        missing("this machine allows no mount namespaces: run the tests as root, outside a container")
    (tmp_path / "ptgbot.toml").write_text(CONFIGURATION)
    prepare(tmp_path)
    for name in ("state", "web"):
        (tmp_path / name).mkdir()
    prepare(tmp_path / "state")
    return tmp_path


def mounted(script: str, place: Path, *command: str) -> list[str]:
    """Return a command that runs after a script has mounted something, where nobody else sees it."""
    return ["unshare", "--mount", "--", "sh", "-c", script, str(place), *PROGRAM, *command]


@pytest.mark.parametrize("name", ["state", "web"])
def test_read_only_file_system_ends_with_3(folder: Path, name: str) -> None:
    config = str(folder / "ptgbot.toml")
    assert ran(["run", config], "#nova now here\n").returncode == Exit.NO_ADAPTER
    for command, status in ((["run"], Exit.STATE), (["check", "--offline"], Exit.CONFIGURATION)):
        asked = mounted(READ_ONLY, folder / name, *command, config)
        done = subprocess.run(asked, input="", capture_output=True, text=True, timeout=60, check=False)
        said = done.stdout + done.stderr
        assert (done.returncode, "Traceback" in said) == (status, False), said
        assert f"{folder / name}" in said
        assert "read-only file system. Mount it writable, or move the file to another disk" in said
        assert "chown" not in said


@frozen
class Small:
    """A bot whose state and whose site are on small disks of their own."""

    process: subprocess.Popen[str]
    folder: Path

    def at(self, path: str) -> Path:
        """Return a path as the bot sees it."""
        return Path(f"/proc/{self.process.pid}/root{self.folder}/{path}")

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answers(self) -> str:
        return (self.folder / "answers").read_text()

    def failures(self) -> list[str]:
        """Return the records of errors."""
        records = map(json.loads, (self.folder / "log").read_text().splitlines())
        return [one["event"] for one in records if one["level"] not in ("info", "debug")]

    def about(self) -> Any:
        return json.loads(self.at("web/html/build.json").read_bytes())

    def page(self) -> str:
        return self.at("web/html/tracks/nova.html").read_text()

    def fill(self, name: str) -> None:
        """Leave no room on a disk."""
        with self.at(f"{name}/filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass


@pytest.fixture
def small(folder: Path) -> Iterator[Small]:
    with (folder / "answers").open("w") as answers, (folder / "log").open("w") as log:
        process = subprocess.Popen(
            mounted(SMALL, folder, "run", str(folder / "ptgbot.toml")),
            stdin=subprocess.PIPE,
            stdout=answers,
            stderr=log,
            text=True,
        )
    with process:
        yield Small(process, folder)
        process.kill()


def until(condition: Callable[[], object], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_full_disks_lose_nothing_and_are_told_once(small: Small) -> None:
    until(lambda: small.at("web/html/build.json").exists())
    small.fill("web")
    small.say("#nova now Lanterns")
    # The chat goes on, and says so also where a web server reads the files.
    until(lambda: small.about()["failing_since"])
    small.say("#nova next Compasses")
    until(lambda: "Compasses" in small.at("state/ptg.json").read_text())
    assert len(small.failures()) == 1, small.failures()
    assert "Lanterns" not in small.page()
    small.at("web/filler").unlink()
    until(lambda: "Compasses" in small.page())
    assert small.about()["failing_since"] is None

    small.fill("state")
    # The last block of the journal still has room for some.
    for number in range(20):
        small.say(f"#nova now Sextants {number} {'x' * 300}")
    until(lambda: "Nothing was saved" in small.answers())
    small.at("state/filler").unlink()
    small.say("#nova now Anchors")
    until(lambda: "Anchors" in small.page())
    until(lambda: json.loads(small.at("state/ptg.json").read_bytes())["now"] == {"nova": "Anchors"})
    # Neither the file nor the journal filled the log, however often they were tried.
    assert len(small.failures()) == len(set(small.failures())), small.failures()


def test_full_disk_at_start_ends_with_3_and_file(folder: Path) -> None:
    full = 'mount -t tmpfs -o size=1m tmpfs "$0" && head -c 2M /dev/zero > "$0/filler" 2>&-; exec "$@"'
    asked = mounted(full, folder / "state", "run", str(folder / "ptgbot.toml"))
    done = subprocess.run(asked, input="", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == Exit.STATE
    assert f"{folder}/state/ptg.lock: no space left on device. Make room and start again." in done.stderr
