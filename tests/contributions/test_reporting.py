"""``ptgbot stats report`` tells maintainers what no page tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.contributions.page_store import looked_at
from ptgbot.contributions.reporting import report
from ptgbot.contributions.settings import StatsSettings
from ptgbot.exits import Exit
from tests.contributions.histories import Made, history
from tests.contributions.program import Program
from tests.contributions.stackalytics import DATA

LATE = 1_410_000_000 + 91 * 86_400


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    program = Program(tmp_path, capsys)
    data = json.loads(json.dumps(DATA))
    data["users"][1]["companies"] = [{"company_name": name, "end_date": None} for name in ("Example", "Other Works")]
    (tmp_path / "default_data.json").write_text(json.dumps(data))
    escape = Made(b"c", b"E\x1b[31mve <eve@home.example>", 1_410_000_000 + 86_400)
    zed = [Made(b"d", b"Zed <zed@example.net>", at) for at in (1_405_000_000, 4_000_000_000)]
    program.repositories.append(history(tmp_path / "tagged", escape, escape, *zed))
    program.configure()
    return program


def test_report_names_the_gone_and_unknown(program: Program) -> None:
    program("refresh", Exit.STOPPED)
    unlisted = "https://git.example.org/plants/oak"
    settings = StatsSettings(people=program.folder / "default_data.json", repositories=("x/tagged.git", unlisted))
    (line,) = report(settings, program.bulk, ["json"], lambda: LATE)
    found = json.loads(line)
    assert [(row["id"], row["last"]) for row in found["gone"]] == [
        ("ada@other.example", "2014-09-06"),
        ("zed@example.net", "2014-07-10"),
    ]
    assert [(row["id"], row["commits"]) for row in found["unknown"]] == [
        ("eve@home.example", 2),
        ("ada@other.example", 1),
    ]
    assert found["overlapping"] == [{"id": "zed@example.net", "name": "Zed", "employers": "Example, Other Works"}]
    assert found["domainless"] == []
    assert found["untagged"] == [{"name": "oak", "uri": unlisted}]
    lines = [*report(settings, program.bulk, (), lambda: LATE)]
    assert "Active in this release or the last one, and not for 90 days: 2" in lines
    assert not [one for one in lines if "\x1b" in one]
    with looked_at(program.bulk) as pages:
        overview = pages.facts("overview")
    assert overview
    (line,) = program("report", Exit.STOPPED, "json")[0].splitlines()
    assert len(json.loads(line)["gone"]) == overview["gone"] == 3


def test_hidden_people_are_hidden_in_the_report(program: Program) -> None:
    for hidden in ("zed@example.net", "ada@other.example"):
        assert main(["stats", "hide", str(program.path), hidden]) == Exit.STOPPED
    program("refresh")
    told = program("report")[0]
    assert "hidden-" in told
    assert not [name for name in ("zed", "ada@") if name in told.lower()]


def test_report_of_nothing_says_so(program: Program) -> None:
    assert "nothing has been counted" in program("report", Exit.CONFIGURATION)[1]
    assert main(["stats", "report", str(program.path), "xml"]) == Exit.CONFIGURATION
