"""``ptgbot stats fetch``, ``build`` and ``refresh``, and the job of the bot that runs the last one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.config import load
from ptgbot.contributions import FEATURE
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.snapshots import current_snapshot, number_of
from ptgbot.exits import Exit
from ptgbot.parts.jobs import jobs_of
from tests.contributions.histories import Made, history
from tests.contributions.program import MADE, Program
from tests.contributions.stackalytics import DATA


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


def test_fetch_and_build_make_a_snapshot(program: Program) -> None:
    (plants,) = program.repositories
    assert program("fetch") == (f"{plants}: 2 new commits\n", "")
    assert current_snapshot(program.bulk) is None
    assert program("build") == ("Snapshot 1: 1 sources counted.\n", "")
    assert program.answer("metrics_by_person") == [
        ("commits", "ada@other.example", 1.0),
        ("commits", "mira", 1.0),
        ("lines", "ada@other.example", 2.0),
        ("lines", "mira", 2.0),
        ("own-lines", "ada@other.example", 2.0),
        ("own-lines", "mira", 2.0),
    ]
    assert program.answer("metrics_by_module")[0] == ("commits", "plants", 2.0)


def test_mended_employer_needs_no_reading(program: Program) -> None:
    program("refresh")
    assert ("commits", "Example", 1.0) in program.answer("metrics_by_organisation")
    changed = json.loads(json.dumps(DATA))
    changed["users"][0]["companies"] = [{"company_name": "Other Works", "end_date": None}]
    (program.folder / "default_data.json").write_text(json.dumps(changed))
    program("build")
    assert ("commits", "Other Works", 2.0) in program.answer("metrics_by_organisation")


def test_new_generation_leaves_earlier_readers_alone(program: Program) -> None:
    program("refresh")
    first = current_snapshot(program.bulk)
    assert first is not None
    reader = Duck(first, read_only=True)
    history(program.repositories[0], *MADE, Made(b"c", b"Zed <zed@example.net>"))
    program("refresh")
    program("refresh")
    assert {str(row[1]) for row in reader.rows("metrics_by_person")} == {"mira", "ada@other.example"}
    reader.close()
    assert ("commits", "Zed@example.net".lower(), 1.0) in program.answer("metrics_by_person")
    assert sorted(map(number_of, (program.bulk / "snapshots").iterdir())) == [2, 3]


def test_unreachable_repository_is_told_and_counted(program: Program) -> None:
    program("refresh")
    (plants,) = program.repositories
    plants.rename(program.folder / "gone")
    out, told = program("refresh", Exit.STATE)
    assert out == "Snapshot 2: 1 sources counted.\n"
    assert told.startswith(f"{plants}: ")
    assert "sources that could not be read: 1" in told
    assert len(program.answer("metrics_by_person")) == 6


def test_wrong_people_leave_the_last_snapshot(program: Program) -> None:
    program("refresh")
    (program.folder / "default_data.json").write_text("{")
    _, told = program("refresh", Exit.CONFIGURATION)
    assert "default_data.json, line 1" in told
    assert number_of(current_snapshot(program.bulk) or Path("0")) == 1


def test_missing_git_is_said_clearly(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.folder))
    _, told = program("fetch", Exit.STATE)
    assert "the program git is not installed; repositories are read with it" in told


def test_database_that_cannot_be_opened_is_told(program: Program) -> None:
    (program.bulk / "facts.duckdb").mkdir(parents=True)
    _, told = program("fetch", Exit.CONFIGURATION)
    assert "facts.duckdb: IO Error" in told
    program.configure("engine = 'postgresql://nobody@127.0.0.1:1/none'\n")
    assert "PostgreSQL" in program("fetch", Exit.CONFIGURATION)[1]


def test_switches_change_what_is_counted(program: Program) -> None:
    program.repositories = [history(program.folder / "more", *MADE, Made(b"c\n\nAlso-By: Ada <ada@other.example>"))]
    program.configure("split = true\ncount_robots_as_co_authors = true\nmass_renames = 1\ngenerated = ['b']\n")
    program("refresh")
    found = {tuple(row[:2]): row[2] for row in program.answer("metrics_by_person")}
    assert found["commits", "mira"] == 1.5
    assert found["commits", "ada@other.example"] == 1.0
    assert found["commits", "robot"] == 0.5
    assert found["own-lines", "ada@other.example"] == 0.0


def test_assistants_are_no_people(program: Program) -> None:
    made = Made(b"c\n\nCo-Authored-By: Helper <helper@bots.example>")
    program.repositories = [history(program.folder / "more", *MADE, made, Made(b"d\n\nGenerated-By: Helper 3"))]
    program.configure("assistants = ['@bots\\.example']\n")
    program("refresh")
    assert ("commits", "mira", 3.0) in program.answer("metrics_by_person")
    assert program.answer("assistants_by_module") == [("more", 4, 2)]


async def test_job_of_the_bot_runs_the_program(program: Program) -> None:
    config = load(program.path)
    bulk = program.bulk.parent
    (bulk / "stats" / "refresh").mkdir(parents=True)
    (job,) = jobs_of([FEATURE], lambda _: config.features["stats"], bulk, lambda: datetime.now(UTC), config.source)
    assert job.every == 6 * 3600
    await job.once()
    assert job.health().text.startswith("last run")
    assert number_of(current_snapshot(program.bulk) or Path("0")) == 1


def test_no_repositories_mean_no_job(program: Program) -> None:
    program.repositories = []
    program.configure()
    settings = load(program.path).features["stats"]
    assert not jobs_of([FEATURE], lambda _: settings, program.bulk, lambda: datetime.now(UTC), program.path)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("every = 'often'", "write a time such as 6h, 30m or 1d instead of 'often'"),
        ("engine = 'mysql://'", "write duckdb, spark://local, or an address"),
        ("engine = 'spark://master'", "instead of 'spark://master'"),
        ("assistants = ['(']", "'(' is no pattern"),
        ("gerrit = [{ url = 'ftp://x', projects = [] }]", "an address must begin with https://"),
    ],
)
def test_wrong_setting_is_refused(program: Program, line: str, sentence: str) -> None:
    program.configure(line)
    assert sentence in program("fetch", Exit.CONFIGURATION)[1]


def test_two_repositories_of_one_name_stay_apart(program: Program) -> None:
    program.repositories = [history(program.folder / place / "plants", *MADE) for place in ("a", "b")]
    program.configure()
    program("refresh")
    modules = {row[1]: row[2] for row in program.answer("metrics_by_module") if row[0] == "commits"}
    assert modules == {"a/plants": 2.0, "b/plants": 2.0}


def test_dates_of_merges_count_if_wanted(program: Program) -> None:
    made = [Made(at=1_400_000_000 + number, parents=parents) for number, parents in enumerate(((), (0,), (0,)))]
    made.append(Made(at=1_430_000_000, parents=[1, 2]))
    program.repositories = [history(program.folder / "merged", *made)]
    program.configure("date = 'merge'\n")
    program("refresh")
    assert [row[:2] for row in program.answer("by_release")] == [("Ash", 2), ("after Birch", 1)]


def test_snapshot_of_another_version_is_left_alone(program: Program) -> None:
    program("refresh")
    path = current_snapshot(program.bulk)
    assert path
    former = path.rename(path.with_name("1-00000000.duckdb"))
    (program.bulk / "snapshot").write_text(former.name)
    assert current_snapshot(program.bulk) is None
    program("build")
    assert number_of(current_snapshot(program.bulk) or Path("0")) == 2
