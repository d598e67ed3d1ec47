"""A backup is made while the bot runs, and put back elsewhere, as another user."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from ptgbot.bulk import bulk_folder
from ptgbot.cli import main
from ptgbot.exits import Exit
from tests.test_cli import PROGRAM, configuration, ran

SOMEBODY = 65534


def typed(config: str, *lines: str) -> str:
    return ran(["run", config], "".join(f"{line}\n" for line in lines)).stdout


def test_backup_of_a_running_bot_is_put_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    config = configuration(here, "[[console]]\n")
    bulk = bulk_folder(here / "ptg.json") / "birds"
    bulk.mkdir(parents=True)
    with closing(sqlite3.connect(bulk / "seen.sqlite")) as one:
        one.execute("PRAGMA journal_mode=WAL")
        one.execute("CREATE TABLE seen (name TEXT)")
        one.execute("INSERT INTO seen VALUES ('wren')")
        one.commit()
        command = [*PROGRAM, "run", config]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bot:
            assert bot.stdin is not None
            assert bot.stdout is not None
            bot.stdin.write(b"#nova now kept\n+now nova\n")
            bot.stdin.flush()
            while b"kept" not in bot.stdout.readline():
                pass
            assert main(["backup", config, str(tmp_path / "b.tar.gz")]) == Exit.STOPPED
            bot.communicate(b"", timeout=60)
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0
    other = configuration(there, '[state]\npath = "other.json"\n[[console]]\n')
    assert main(["restore", other, str(tmp_path / "b.tar.gz")]) == Exit.STOPPED
    assert typed(other, "+now nova").rstrip().endswith("#nova: now kept.")
    with closing(sqlite3.connect(there / "other.bulk" / "birds" / "seen.sqlite")) as copy:
        assert copy.execute("SELECT name FROM seen").fetchall() == [("wren",)]
    assert "put back" in capsys.readouterr().out


def test_restored_files_belong_to_owner_of_folder(tmp_path: Path) -> None:
    config = configuration(tmp_path, '[state]\npath = "state/ptg.json"\n[[console]]\n')
    typed(config, "#nova now a")
    assert main(["backup", config, str(tmp_path / "b.tar.gz")]) == Exit.STOPPED
    folder = tmp_path / "new"
    folder.mkdir()
    owner = SOMEBODY if os.geteuid() == 0 else os.geteuid()
    os.chown(folder, owner, -1)
    (tmp_path / "new.toml").write_text('[state]\npath = "new/ptg.json"\n[[console]]\n')
    assert main(["restore", str(tmp_path / "new.toml"), str(tmp_path / "b.tar.gz")]) == Exit.STOPPED
    assert {path.stat().st_uid for path in folder.iterdir()} == {owner}


def test_state_that_is_there_is_only_moved_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path, "[[console]]\n")
    typed(config, "#nova now a")
    archive = str(tmp_path / "b.tar.gz")
    assert main(["backup", config, archive]) == Exit.STOPPED
    typed(config, "#nova now b")
    assert main(["restore", config, archive]) == Exit.CONFIGURATION
    assert "--replace moves it aside" in capsys.readouterr().err
    assert main(["restore", "--replace", config, archive]) == Exit.STOPPED
    assert typed(config, "+now nova").rstrip().endswith("#nova: now a.")
    [aside] = tmp_path.glob("ptg.before-*")
    assert b"now b" in (aside / "ptg.journal.jsonl").read_bytes()


def test_archive_that_leads_out_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path, '[state]\npath = "state/ptg.json"\n[[console]]\n')
    (tmp_path / "x").write_text("x")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "x", "ptgbot-backup.json")
        tar.add(tmp_path / "x", "documents/../../escaped")
    assert main(["restore", config, str(tmp_path / "bad.tar.gz")]) == Exit.CONFIGURATION
    assert "leads out of the archive" in capsys.readouterr().err
    assert not (tmp_path / "escaped").exists()


def test_what_is_no_backup_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path, '[state]\npath = "state/ptg.json"\n[[console]]\n')
    (tmp_path / "x").write_text("x")
    assert main(["restore", config, str(tmp_path / "x")]) == Exit.CONFIGURATION
    assert "is no backup" in capsys.readouterr().err


def test_backup_overwrites_no_file(tmp_path: Path) -> None:
    config = configuration(tmp_path, "[[console]]\n")
    (tmp_path / "b.tar.gz").write_text("precious")
    assert main(["backup", config, str(tmp_path / "b.tar.gz")]) == Exit.CONFIGURATION
    assert (tmp_path / "b.tar.gz").read_text() == "precious"
