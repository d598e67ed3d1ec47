"""A state and a configuration of the original are taken over, worked on, and given back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot.cli import main
from ptgbot.exits import Exit
from tests.gathering.test_document import ORIGINAL
from tests.test_cli import ran

THEIRS: dict[str, Any] = {
    **ORIGINAL,
    "motd": [{"level": "success", "message": "Welcome"}],
    "tracks": ["cinder", "nova"],
    "schedule": {**ORIGINAL["schedule"], "Aspen": {**ORIGINAL["schedule"]["Aspen"], "MonA1": "nova"}},
}
"""A file of the original in the form that its newer versions write."""
CONFIG = {"irc_nick": "b", "irc_server": "irc.example.org", "irc_channel": "#c", "db_filename": "ptg.json"}


def as_the_original_reads(path: Path) -> dict[str, Any]:
    """Return what the original has in memory after reading a file: it loads the JSON, and uses the keys of its own."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    return {key: document[key] for key in THEIRS if key != "timestamp"}


def converted(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Convert the configuration of the original, with a terminal in place of its network."""
    (folder / "config.json").write_text(json.dumps(CONFIG))
    assert main(["convert", str(folder / "config.json")]) == Exit.STOPPED
    tables, irc, _ = capsys.readouterr().out.partition("[[irc]]")
    assert irc
    (folder / "ptgbot.toml").write_text(f"{tables}[[console]]\n")
    return str(folder / "ptgbot.toml")


def test_state_is_taken_over_and_given_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "ptg.json"
    state.write_text(json.dumps(THEIRS))
    taken = as_the_original_reads(state)
    config = converted(tmp_path, capsys)
    assert ran(["run", config], "+tracks\n").returncode == Exit.NO_ADAPTER
    assert as_the_original_reads(state) == taken, "taken over, nothing is different"
    ran(["run", config], "#nova now at work\n#cinder next one more\n")
    given = as_the_original_reads(state)
    assert given == {**taken, "now": {"nova": "at work"}, "next": {"cinder": ["one more"]}}
    # The original writes the file anew, without what it does not know; that is taken over once more.
    again = tmp_path / "again"
    again.mkdir()
    (again / "ptg.json").write_text(json.dumps({**given, "timestamp": ORIGINAL["timestamp"]}))
    ran(["run", converted(again, capsys)], "+tracks\n")
    assert as_the_original_reads(again / "ptg.json") == given
