"""Spark counts the facts of ``ptgbot stats``; what it needs and does not find is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ptgbot.exits import Exit
from tests.contributions.program import Program


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


def test_missing_pyspark_is_said_clearly(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.configure("engine = 'spark://local'\n")
    program("fetch")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert "Install ptgbot[stats-spark]." in program("build", Exit.CONFIGURATION)[1]


@pytest.mark.long
def test_missing_java_is_said_clearly(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    program.configure("engine = 'spark://local'\n")
    program("fetch")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(program.folder))
    assert "Debian has default-jre-headless" in program("build", Exit.CONFIGURATION)[1]


@pytest.mark.long
def test_missing_cluster_is_said_clearly(program: Program) -> None:
    pytest.importorskip("pyspark")
    program.configure("engine = 'spark://127.0.0.1:1'\n")
    program("fetch")
    assert "Spark at spark://127.0.0.1:1" in program("build", Exit.CONFIGURATION)[1]


@pytest.mark.long
def test_snapshot_counted_by_spark_equals_ours(program: Program) -> None:
    pytest.importorskip("pyspark")
    program("refresh")
    questions = ("metrics_by_person", "metrics_by_module", "reviews_by_person", "active_days_by_week", "punch_card")
    ours = [program.answer(question) for question in questions]
    assert ours[0]
    exchange = program.folder / "shared"
    program.configure(f"engine = 'spark://local'\nexchange = '{exchange}'\n")
    assert program("refresh")[0] == "Snapshot 2: 1 sources counted.\n"
    assert [program.answer(question) for question in questions] == ours
    assert [*exchange.iterdir()] == []
