from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from ptgbot import cli
from ptgbot.ci.settings import CiSettings, ExpectedConfig
from tests.ci.happenings import (
    ACME,
    ANA,
    BAD,
    HOUR,
    NOVA,
    OK,
    SETTINGS,
    ZUUL,
    Event,
    T,
    comment,
    created,
    shown,
    written,
)

DAY = 24 * HOUR
VOTE = [{"type": "Verified", "value": "1", "oldValue": "0"}]
PASSED = "- unit https://log.example/1 : SUCCESS"


def states(board: Event) -> dict[str, str]:
    """Return the states in which an expected CI has no result, by account and patch set."""
    return {f"{one['account']} {one['patchset']}": one["state"] for one in board["missed"]}


def seen_before(author: dict[str, str] = ZUUL) -> list[Event]:
    """Return events by which a CI is expected: a result of the day before."""
    return [created(1, at=T - DAY), comment(OK, author, number=1, born=T - DAY, at=T - DAY + HOUR)]


def test_board_has_every_field() -> None:
    events = [
        created(),
        comment(f"{OK}\n- old None : SKIPPED", header="Patch Set 1: Verified+1", approvals=VOTE),
        comment(BAD, ACME, at=T + 2 * HOUR),
        comment("recheck flaky", ANA, at=T + 3 * HOUR),
        comment(PASSED, ACME, at=T + 4 * HOUR),
        created(934200, at=T + 5 * HOUR),
    ]
    board = shown(events, T + 6 * HOUR, branch="master")
    assert board == {
        "project": NOVA,
        "branch": "master",
        "as_of": T + 6 * HOUR,
        "window_hours": 24,
        "grace_hours": 6,
        "columns": ["934200,1", "934100,1"],
        "trusted_verified": [None, 1],
        "rows": [
            {
                "account": "zuul",
                "pipeline": "check",
                "job": "old",
                "cells": [None, "SKIPPED"],
                "states": ["pending", "done"],
            },
            {
                "account": "zuul",
                "pipeline": "check",
                "job": "unit",
                "cells": [None, "SUCCESS"],
                "states": ["pending", "done"],
            },
            {
                "account": "acme",
                "pipeline": "-",
                "job": "unit",
                "cells": [None, "SUCCESS"],
                "states": ["pending", "done"],
            },
            {
                "account": "acme",
                "pipeline": "check",
                "job": "unit",
                "cells": [None, "FAILURE"],
                "states": ["pending", "done"],
            },
        ],
        "missed": [
            {"account": "zuul", "patchset": "934200,1", "state": "pending"},
            {"account": "acme", "patchset": "934200,1", "state": "pending"},
        ],
        "unstable_jobs": [],
        "health": {
            "zuul/check": {"runs": 1, "success": 1, "patchsets": 1, "reruns": 0, "success_rate": 1.0},
            "acme/-": {"runs": 1, "success": 1, "patchsets": 1, "reruns": 0, "success_rate": 1.0},
            "acme/check": {"runs": 1, "success": 0, "patchsets": 1, "reruns": 0, "success_rate": 0.0},
        },
        "last_report": {"acme": T + 4 * HOUR, "zuul": T + HOUR},
        "rechecks": [{"patchset": "934100,1", "by": "ana", "line": "recheck flaky"}],
    }


def test_newer_result_is_the_current_one() -> None:
    board = shown([created(), comment(OK, at=T + 2 * HOUR), comment(BAD, at=T + HOUR)])
    assert board["rows"][0]["cells"] == ["SUCCESS"]
    assert board["unstable_jobs"] == [
        {
            "account": "zuul",
            "pipeline": "check",
            "job": "unit",
            "patchset": "934100,1",
            "results": ["FAILURE", "SUCCESS"],
        }
    ]
    assert board["health"]["zuul/check"] == {
        "runs": 2,
        "success": 1,
        "patchsets": 1,
        "reruns": 1,
        "success_rate": 0.5,
    }


def test_same_comment_counts_once() -> None:
    assert shown([created(), *[comment(OK)] * 3]) == shown([created(), comment(OK)])


def test_note_takes_no_result_away() -> None:
    board = shown([created(), comment(OK), comment("Have a look", at=T + 2 * HOUR)])
    assert (board["rows"][0]["cells"], board["last_report"]) == (["SUCCESS"], {"zuul": T + HOUR})


def test_order_of_events_makes_no_difference() -> None:
    events = [
        *seen_before(),
        created(),
        comment("Starting check jobs.", at=T + 60),
        comment(BAD, approvals=[{"type": "Verified", "value": "-1", "oldValue": "0"}]),
        comment("recheck", ANA, at=T + 2 * HOUR),
        comment(OK, at=T + 3 * HOUR, approvals=VOTE),
        created(patchset=2, at=T + 4 * HOUR, kind="NO_CODE_CHANGE", subject="new words"),
        comment(OK, ACME, patchset=2, at=T + 5 * HOUR, born=T + 4 * HOUR),
        {"type": "change-abandoned", "change": created()["change"], "eventCreatedOn": T + 6 * HOUR},
        {"type": "change-restored", "change": created()["change"], "eventCreatedOn": T + 7 * HOUR},
    ]
    wanted = shown(events)
    for seed in range(20):
        mixed = events + events[::3]
        random.Random(seed).shuffle(mixed)
        assert shown(mixed) == wanted


# States


@pytest.mark.parametrize(
    ("hours", "more", "state"),
    [
        (1, [], "pending"),
        (5.99, [], "pending"),
        (6, [], "missed"),
        (10, [created(patchset=2, at=T + 6 * HOUR)], "superseded"),
        (10, [created(patchset=2, at=T + 7 * HOUR)], "missed"),
        (2, [created(patchset=2, at=T + HOUR)], "superseded"),
        (10, [created(at=T, wip=True)], None),
        (10, [created(at=T, private=True)], None),
        (10, [created(at=T, kind="NO_CHANGE")], None),
        (10, [created(at=T, kind="NO_CODE_CHANGE")], None),
        (10, [created(at=T, kind="TRIVIAL_REBASE")], "missed"),
        (10, [comment("Starting check jobs.", at=T + 9 * HOUR)], None),
        (10, [comment("Starting check jobs.", at=T + HOUR)], "missed"),
        (10, [comment("No result yet", at=T + HOUR)], "missed"),
        (10, [comment(BAD, at=T + 9 * HOUR)], None),
        (10, [comment("Merge Failed.", at=T + HOUR)], None),
    ],
)
def test_expected_ci_without_result_has_state(hours: float, more: list[Event], state: str | None) -> None:
    is_given = any(one["type"] == "patchset-created" and one["patchSet"]["number"] == 1 for one in more)
    first = [] if is_given else [created()]
    board = shown([*seen_before(), *first, *more], int(T + hours * HOUR), window=int(hours * HOUR))
    assert states(board).get("zuul 934100,1") == state


@pytest.mark.parametrize(
    ("abandoned", "restored", "state"),
    [(T + HOUR, None, None), (T + 7 * HOUR, None, "missed"), (T + HOUR, T + 2 * HOUR, "missed")],
)
def test_abandoned_change_is_not_expected(abandoned: int, restored: int | None, state: str | None) -> None:
    moves = [("change-abandoned", abandoned)] + ([("change-restored", restored)] if restored else [])
    events: list[Any] = [
        {"type": type_, "change": created()["change"], "patchSet": {"number": 1}, "eventCreatedOn": at}
        for type_, at in moves
    ]
    board = shown([*seen_before(), created(), *events], T + 10 * HOUR, window=10 * HOUR)
    assert states(board).get("zuul 934100,1") == state


def test_rerun_that_runs_is_running() -> None:
    board = shown([created(), comment(BAD), comment("Starting check jobs.", at=T + 2 * HOUR)], T + 3 * HOUR)
    assert (board["rows"][0]["cells"], board["rows"][0]["states"]) == (["FAILURE"], ["running"])


def test_ci_is_expected_for_thirty_days() -> None:
    late = created(2, at=T + 30 * DAY)
    board = shown([created(), comment(OK), late], T + 30 * DAY + HOUR, window=HOUR)
    assert states(board) == {"zuul 2,1": "pending"}
    gone = shown([created(), comment(OK), created(2, at=T + 31 * DAY)], T + 31 * DAY + HOUR, window=HOUR)
    assert states(gone) == {}
    assert gone["last_report"] == {"zuul": T + HOUR}


def test_configured_ci_is_expected_on_its_branches() -> None:
    settings = CiSettings(expected=(ExpectedConfig("Acme CI", ("openstack/*",), ("stable/*",)),))
    events = [created(1, branch="stable/1"), created(2), created(3, branch="stable/1", kind="NO_CODE_CHANGE")]
    assert states(shown(events, settings=settings)) == {"Acme CI 1,1": "missed"}
    every = CiSettings(expected=(ExpectedConfig("acme", ("*",), every_patchset=True),))
    assert states(shown([events[2]], settings=every)) == {"acme 3,1": "missed"}


# Columns


def test_window_and_branch_choose_the_columns() -> None:
    events = [created(1), created(2, at=T + 10 * HOUR), created(3, at=T + 11 * HOUR, branch="stable/1")]
    assert shown(events, T + 12 * HOUR, window=3 * HOUR)["columns"] == ["3,1", "2,1"]
    assert shown(events, T + 12 * HOUR, branch="stable/1")["columns"] == ["3,1"]
    assert shown(events, T + 10 * HOUR)["columns"] == ["2,1", "1,1"]


def test_projects_of_one_last_name_stay_apart() -> None:
    events = [created(1), created(1, project="x/nova")]
    events[1]["change"]["subject"] = "theirs"
    assert shown(events)["columns"] == shown(events, project="x/nova")["columns"] == ["1,1"]


def test_patch_set_of_a_comment_only_is_shown() -> None:
    assert shown([comment(OK)])["columns"] == ["934100,1"]


def test_deleted_change_is_forgotten() -> None:
    deletion = {"type": "change-deleted", "change": created()["change"], "eventCreatedOn": T + 2 * HOUR}
    for events in ([created(), comment(OK), deletion], [deletion, created(), comment(OK)]):
        board = shown(events)
        assert (board["columns"], board["rows"], board["last_report"]) == ([], [], {})


def test_vote_that_was_removed_is_gone() -> None:
    removal = {
        "type": "vote-deleted",
        "change": created()["change"],
        "patchSet": {"number": 1},
        "reviewer": ZUUL,
        "approvals": [{"type": "Verified", "value": "0", "oldValue": "1"}],
        "eventCreatedOn": T + 2 * HOUR,
    }
    assert shown([created(), comment(OK, approvals=VOTE)])["trusted_verified"] == [1]
    assert shown([created(), comment(OK, approvals=VOTE), removal])["trusted_verified"] == [0]


def test_ci_is_remembered_after_eight_days() -> None:
    board = shown([created(), comment(OK), created(2, at=T + 9 * DAY)], T + 9 * DAY + 7 * HOUR)
    assert (states(board), board["last_report"]) == ({"zuul 2,1": "missed"}, {"zuul": T + HOUR})


# The program


def test_program_prints_the_board(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "ci.toml"
    config.write_text('projects = ["openstack/nova"]\ntrusted = ["zuul"]\naccounts = {acme = "ci"}\n', "utf-8")
    first, second = written(tmp_path, [created(), comment(OK)]), written(tmp_path, [comment(BAD, ACME)], "b.jsonl")
    line = ["ci", "show", NOVA, "--branch", "master", "--window", "48h", "--at", str(T + DAY), "--json"]
    assert cli.main([*line, str(config), str(first), str(second)]) == 0
    wanted = shown([created(), comment(OK), comment(BAD, ACME)], T + DAY, SETTINGS, window=2 * DAY, branch="master")
    assert json.loads(capsys.readouterr().out) == wanted


def test_program_prints_lines_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = written(tmp_path, [*seen_before(ACME), created(), comment(OK.replace("unit", "u\x1b[2J"))])
    config = tmp_path / "ci.toml"
    config.write_text('[ci]\ntrusted = ["zuul"]\n', "utf-8")
    assert cli.main(["ci", "show", NOVA, "--at", str(T + 9 * HOUR), str(config), str(events)]) == 0
    out = capsys.readouterr().out
    assert "acme on 934100,1: missed" in out
    assert "SUCCESS" in out
    assert "\x1b" not in out


def test_configured_project_without_events_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "ci.toml"
    config.write_text('[ci]\nprojects = ["x/*"]\n', "utf-8")
    assert cli.main(["ci", "show", "x/nova", "--json", str(config), str(written(tmp_path, [created()]))]) == 0
    assert json.loads(capsys.readouterr().out)["columns"] == []


def test_unknown_project_names_near_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = written(tmp_path, [created()])
    config = tmp_path / "ci.toml"
    config.write_text("[ci]\n", "utf-8")
    assert cli.main(["ci", "show", "openstack/nvoa", str(config), str(events)]) == 2
    assert "Did you mean openstack/nova?" in capsys.readouterr().err
