"""Journals are shown as far as they are whole, verified and exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.exits import Exit
from ptgbot.store.file.journal import encode
from tests.test_cli import configuration, ran

LINES = "#nova now a\n#nova now b\n"


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = configuration(tmp_path, "[[console]]\n")
    assert ran(["run", path], LINES).returncode == Exit.NO_ADAPTER
    return path


def damage(folder: Path) -> None:
    journal = folder / "ptg.journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b"damage\n" + encode({"seq": 99}))


def test_whole_lines_of_damaged_journal_are_shown(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(tmp_path)
    assert main(["journal", "show", config]) == Exit.STATE
    said = capsys.readouterr()
    assert [line.rpartition(": ")[2] for line in said.out.splitlines()[1:]] == LINES.splitlines()
    assert "ptg.journal.jsonl, line " in said.err


def test_repair_says_what_comes_back(tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    journal = tmp_path / "ptg.journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if b"now b" in line and number)
    journal.write_bytes(b"".join([*lines[:place], b"damage\n", *lines[place:]]))
    assert main(["journal", "repair", config]) == Exit.STOPPED
    assert "as one change by “file”; start with --discard-edits" in capsys.readouterr().out


def test_verify_tells_each_file(tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "verify", config]) == Exit.STOPPED
    said = capsys.readouterr().out
    assert "ptg.journal.jsonl: " in said
    assert "Documents: 0, all whole." in said
    damage(tmp_path)
    assert main(["journal", "verify", config]) == Exit.STATE


def test_export_has_each_change_with_its_edits(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "export", config]) == Exit.STOPPED
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["text"] for record in records[1:]] == LINES.splitlines()
    assert all(record["edits"] for record in records)


def test_check_finds_a_damaged_journal(tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--offline", config]) == Exit.STOPPED
    damage(tmp_path)
    assert main(["check", "--offline", config]) == Exit.STATE
    assert "can be used" not in capsys.readouterr().out.splitlines()[-1:]
