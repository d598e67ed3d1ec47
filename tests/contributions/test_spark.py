"""Spark counts the facts of ``ptgbot stats``; what it needs and does not find is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ptgbot.exits import Exit
from tests.contributions.program import Program


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    made = Program(tmp_path, capsys)
    made.configure("engine = 'spark://local'\n")
    return made


def refused(program: Program, **environment: str) -> str:
    """Count in a process of its own, as the bot does, which must fail. Return what it says."""
    command = [sys.executable, "-m", "ptgbot", "stats", "refresh", str(program.path)]
    plain = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    found = subprocess.run(command, env={**plain, **environment}, capture_output=True, text=True, check=False)
    assert found.returncode == Exit.CONFIGURATION, found.stderr
    return found.stderr


def test_missing_pyspark_is_said_clearly(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program("fetch")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert "Install ptgbot[stats-spark]." in program("build", Exit.CONFIGURATION)[1]


@pytest.mark.long
def test_missing_java_is_said_clearly(program: Program) -> None:
    pytest.importorskip("pyspark")
    git = shutil.which("git")
    assert git
    (program.folder / "bin").mkdir()
    (program.folder / "bin" / "git").symlink_to(git)
    assert "Debian has default-jre-headless" in refused(program, PATH=str(program.folder / "bin"))


@pytest.mark.long
def test_missing_cluster_is_said_clearly(program: Program) -> None:
    pytest.importorskip("pyspark")
    program.configure("engine = 'spark://127.0.0.1:1'\n")
    assert "Spark at spark://127.0.0.1:1" in refused(program)


@pytest.mark.long
def test_snapshot_counted_by_spark_equals_ours(program: Program) -> None:
    pytest.importorskip("pyspark")
    program.configure()
    program("refresh")
    questions = ("metrics_by_person", "metrics_by_module", "reviews_by_person", "active_days_by_week", "punch_card")
    ours = [program.answer(question) for question in questions]
    assert ours[0]
    exchange = program.folder / "shared"
    program.configure(f"engine = 'spark://local'\nexchange = '{exchange}'\n")
    assert program("refresh")[0] == "Snapshot 2: 1 sources counted.\n"
    assert [program.answer(question) for question in questions] == ours
    assert [*exchange.iterdir()] == []
