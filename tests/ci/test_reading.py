from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot import cli
from ptgbot.ci.events import read_line
from ptgbot.ci.patterns import Patterns
from ptgbot.ci.settings import CiSettings, TriggerConfig
from tests.ci.happenings import ACME, ANA, BAD, OK, SETTINGS, ZUUL, T, change, comment, created, jobs, read


def test_patch_set_has_its_kind_and_time() -> None:
    assert read(created(kind="TRIVIAL_REBASE")) == {
        "line": 1,
        "kind": "patchset",
        "project": "openstack/nova",
        "branch": "master",
        "change": 934100,
        "patchset": 1,
        "time": T,
        "created": T,
        "ps_kind": "TRIVIAL_REBASE",
    }


@pytest.mark.parametrize("kind", ["SOMETHING_NEW", "", None, 7])
def test_unknown_kind_of_patch_set_is_rework(kind: Any) -> None:
    assert read(created(kind=kind))["ps_kind"] == "REWORK"


def test_result_has_every_field() -> None:
    event = comment(
        "Build failed (gate pipeline).  See https://docs.example\n"
        "https://zuul.example/t/o/buildset/ab12\n\n"
        "- unit https://log.example/1 : SUCCESS in 1h 02m 03s\n"
        "- slow https://log.example/2 : TIMED_OUT no answer in 4s (non-voting)",
        header="Patch Set 1: Verified-2",
        approvals=[
            {"type": "Code-Review", "description": "Code-Review", "value": "2"},
            {"type": "Verified", "description": "Verified", "value": "-2", "oldValue": "0"},
        ],
    )
    assert read(event) == {
        "line": 1,
        "kind": "ci-result",
        "project": "openstack/nova",
        "branch": "master",
        "change": 934100,
        "patchset": 1,
        "time": T + 3600,
        "account": "zuul",
        "name": "Zuul",
        "votes_in_header": {"Verified": -2},
        "verified": -2,
        "verified_changed": True,
        "trusted": True,
        "pipeline": "gate",
        "buildset": "https://zuul.example/t/o/buildset/ab12",
        "status": "failure",
        "jobs": [
            {
                "name": "unit",
                "url": "https://log.example/1",
                "result": "SUCCESS",
                "cls": "ok",
                "voting": True,
                "seconds": 3723,
                "detail": None,
            },
            {
                "name": "slow",
                "url": "https://log.example/2",
                "result": "TIMED_OUT",
                "cls": "infra",
                "voting": False,
                "seconds": 4,
                "detail": "no answer",
            },
        ],
    }


# Events


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("change-merged", "merged"),
        ("change-abandoned", "abandoned"),
        ("change-restored", "restored"),
        ("wip-state-changed", "wip"),
        ("private-state-changed", "private"),
        ("change-deleted", "ignored"),
        ("vote-deleted", "ignored"),
        ("ref-updated", "ignored"),
        ("reviewer-added", "ignored"),
    ],
)
def test_type_of_event_gives_its_kind(type_: str, kind: str) -> None:
    found = read({"type": type_, "change": change(), "patchSet": {"number": 1}, "eventCreatedOn": T})
    assert found["kind"] == kind
    assert ("why" in found) == (kind == "ignored")


def test_dropped_output_asks_to_catch_up() -> None:
    found = read({"type": "dropped-output"})
    assert (found["kind"], found["action"], found["project"]) == ("dropped", "catch-up", None)


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{", b"[]", b"7", b'"x"', b"null", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"type": []}', b"9" * 9999],
)
def test_line_without_an_event_is_ignored(line: bytes) -> None:
    found = read_line(line, SETTINGS).to_json(3)
    assert (found["line"], found["kind"]) == (3, "ignored")
    assert found["why"]


@pytest.mark.parametrize("broken", ["change", "patchSet", "author", "approvals", "comment", "eventCreatedOn"])
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], {"number": {}}, float("inf"), True, "9" * 5000])
def test_field_of_another_type_raises_nothing(broken: str, value: Any) -> None:
    event = comment(OK, approvals=[{"type": "Verified", "value": "1"}])
    assert read({**event, broken: value})["kind"] in ("ci-result", "human", "ignored")


@pytest.mark.parametrize("missing", ["change", "patchSet", "author", "comment", "eventCreatedOn", "type"])
def test_missing_field_raises_nothing(missing: str) -> None:
    event = comment(OK)
    del event[missing]
    assert "kind" in read(event)


def test_numbers_may_be_texts() -> None:
    event = comment(OK)
    event["change"]["number"] = "934100"
    event["patchSet"] = {"number": "1", "createdOn": str(T)}
    event["eventCreatedOn"] = str(T)
    found = read(event)
    assert (found["change"], found["patchset"], found["time"]) == (934100, 1, T)


def test_project_may_stand_at_the_top() -> None:
    event = comment(OK)
    del event["change"]["project"], event["change"]["branch"]
    found = read({**event, "project": "x/nova", "refName": "refs/heads/stable/2026.2", "changeKey": {"key": "I1"}})
    assert (found["project"], found["branch"]) == ("x/nova", "stable/2026.2")


def test_patch_set_may_stand_in_the_header_only() -> None:
    event = comment(OK, patchset=7)
    del event["patchSet"]
    assert read(event)["patchset"] == 7


def test_halves_of_surrogates_are_replaced() -> None:
    found = read(comment(OK, {"username": "zuul", "name": "Z\ud800"}))
    assert json.dumps(found, ensure_ascii=False).encode()


# The header


@pytest.mark.parametrize(
    ("header", "votes"),
    [
        ("Patch Set 1: Verified+1", {"Verified": 1}),
        ("Patch Set 1: Code-Review-1 Verified+2", {"Code-Review": -1, "Verified": 2}),
        ("Patch Set 1: -Verified", {"Verified": 0}),
        ("Patch Set 1: -Code-Review Workflow+1", {"Code-Review": 0, "Workflow": 1}),
        ("Patch Set 1:", {}),
        ("Patch Set 1: Looks good to me", {}),
        ("no header", {}),
    ],
)
def test_header_has_the_votes(header: str, votes: dict[str, int]) -> None:
    found = read(comment(OK, header=header))
    assert (found["votes_in_header"], found["kind"]) == (votes, "ci-result")


@pytest.mark.parametrize(
    ("approvals", "verified", "changed"),
    [
        ([{"type": "Code-Review", "value": "2"}, {"type": "Verified", "value": "-1"}], -1, False),
        ([{"type": "Verified", "value": "1", "oldValue": "0"}], 1, True),
        ([{"type": "VRIF", "value": 2, "oldValue": 0}], 2, True),
        ([{"type": "CRVW", "description": "Verified", "value": "1"}], 1, False),
        ([{"type": "Code-Review", "value": "2", "oldValue": "0"}], None, False),
        ([], None, False),
    ],
)
def test_verified_is_found_by_name(approvals: list[Any], verified: int | None, changed: bool) -> None:
    found = read(comment(OK, approvals=approvals))
    assert (found["verified"], found["verified_changed"]) == (verified, changed)


# CI or person


@pytest.mark.parametrize(
    ("author", "kind"),
    [
        (ZUUL, "ci-result"),
        (ACME, "ci-result"),
        ({"username": "z", "name": "Zuul"}, "ci-result"),
        ({"username": "j", "name": "Jenkins"}, "ci-result"),
        ({"username": "o", "name": "Other CI"}, "ci-result"),
        ({"username": "o", "name": "Other-CI"}, "ci-result"),
        ({"username": "o", "name": "Älvö CI"}, "ci-result"),
        ({"username": "o", "name": "CI of others"}, "human"),
        ({"username": "o", "name": "MARCI"}, "human"),
        ({"username": "o", "name": "Zuul fan"}, "human"),
        ({"username": "o", "name": "Some Bot"}, "human"),
        ({"username": "x-bot", "name": "x Bot"}, "ci-result"),
        ({"username": "botond", "name": "Botond CI"}, "human"),
        ({"name": "Botond"}, "human"),
        ({"username": "ana"}, "human"),
        ({"username": "zuul"}, "ci-result"),
        ({}, "human"),
    ],
)
def test_author_decides_who_is_a_ci(author: dict[str, str], kind: str) -> None:
    assert read(comment(OK, author))["kind"] == kind


def test_trusted_is_by_configuration_only() -> None:
    assert read(comment(OK), CiSettings())["trusted"] is False
    assert read(comment(OK), CiSettings(accounts={"Zuul": "trusted"}))["trusted"] is True


def test_person_who_quotes_results_has_none() -> None:
    found = read(comment(f"> {BAD}\n\n{BAD}", ANA))
    assert (found["kind"], "jobs" in found) == ("human", False)


def test_name_falls_back_to_the_account() -> None:
    found = read(comment(OK, {"username": "zuul"}))
    assert (found["account"], found["name"]) == ("zuul", "zuul")


# Rechecks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("recheck", "recheck"),
        ("Recheck bug 17", "recheck"),
        ("(1 comment)\n\nRECHECK", "recheck"),
        ("please recheck", "human"),
        ("rechecking it", "human"),
        ("> recheck", "human"),
        ("", "human"),
    ],
)
def test_recheck_begins_the_text(text: str, kind: str) -> None:
    assert read(comment(text, ANA))["kind"] == kind


def test_recheck_may_be_on_the_patch_set() -> None:
    level = {"/PATCHSET_LEVEL": [{"message": "recheck flaky"}], "a.py": [{"message": "recheck"}]}
    assert read(comment("(1 comment)", ANA, patchSetComments=level))["kind"] == "recheck"


def test_recheck_of_a_ci_does_not_count() -> None:
    assert read(comment("recheck", ZUUL))["kind"] == "ci-result"


def test_trigger_of_a_ci_is_a_recheck() -> None:
    settings = CiSettings(triggers=(TriggerConfig("acme", r"(?i)\Arun acme\b"),))
    assert read(comment("run Acme please", ANA), settings)["kind"] == "recheck"
    assert read(comment("run Acme please", ANA))["kind"] == "human"


# Starts and summaries


@pytest.mark.parametrize(
    ("text", "pipeline"),
    [
        ("Starting check jobs.\nhttps://zuul.example/status", "check"),
        ("Starting experimental-2 jobs", "experimental-2"),
        ("Build Started https://jenkins.example/job/x/1/", None),
    ],
)
def test_start_has_its_pipeline(text: str, pipeline: str | None) -> None:
    found = read(comment(text))
    assert (found["kind"], found["pipeline"], "jobs" in found) == ("ci-start", pipeline, False)


@pytest.mark.parametrize(
    ("text", "status", "pipeline"),
    [
        ("Build succeeded (check pipeline).", "success", "check"),
        ("Build failed (gate pipeline).  For help see https://x.example", "failure", "gate"),
        ("Build succeeded (third party pipeline).", "success", "third party"),
        ("Build succeeded", "success", None),
        ("Build failed.", "failure", None),
        ("Build Successful \n\nhttp://j.example/job/a/1/ : SUCCESS", "success", None),
        ("Build Failed\n\nhttp://j.example/job/a/1/ : FAILURE", "failure", None),
        ("Merge Failed.\n\nPlease rebase.", "merge-failure", None),
        ("This change was unable to be automatically\nmerged with the branch.", "merge-failure", None),
        ("Zuul encountered a syntax error while parsing it.", "config-error", None),
        ("Zuul encountered an error.", "config-error", None),
        ("This change depends on a dependency cycle that failed.", "config-error", None),
        ("This change depends on a change that failed to merge.", "merge-failure", None),
        ("It is missing merge requirements.", "merge-failure", None),
        ("The change was not merged by the code review system.", "merge-failure", None),
        ("Build canceled.", "note", None),
        ("Hello", "note", None),
        ("", "note", None),
        ("- a http://x.example/ : SUCCESS", "success", None),
        ("- a http://x.example/ : SUCCESS\n- b None : SKIPPED", "success", None),
        ("- a http://x.example/ : FAILURE (non-voting)\n- b http://x.example/ : SUCCESS", "success", None),
        ("- a http://x.example/ : UNSTABLE", "failure", None),
        ("- a http://x.example/ : NODE_FAILURE", "failure", None),
    ],
)
def test_text_gives_the_status(text: str, status: str, pipeline: str | None) -> None:
    found = read(comment(text))
    assert (found["kind"], found["status"], found["pipeline"]) == ("ci-result", status, pipeline)


def test_patterns_can_be_configured() -> None:
    settings = CiSettings(trusted=("zuul",), patterns=Patterns(succeeded=r"^Alles gut \((\w+)\)"))
    found = read(comment("Alles gut (check)"), settings)
    assert (found["status"], found["pipeline"]) == ("success", "check")


@pytest.mark.parametrize("address", ["javascript:/buildset/1", "ftp://x.example/buildset/1", "/buildset/1"])
def test_page_of_a_run_is_an_address(address: str) -> None:
    assert read(comment(f"Build failed.\n{address}"))["buildset"] is None


# Lines of jobs


@pytest.mark.parametrize(
    ("line", "name", "url", "result"),
    [
        ("- a https://l.example/1 : SUCCESS in 3s", "a", "https://l.example/1", "SUCCESS"),
        ("* a https://l.example/1 : SUCCESS", "a", "https://l.example/1", "SUCCESS"),
        ("- tempest: full https://l.example/1 : FAILURE", "tempest: full", "https://l.example/1", "FAILURE"),
        ("- a : b https://l.example/1 : FAILURE", "a : b", "https://l.example/1", "FAILURE"),
        ("- a None : SKIPPED", "a", None, "SKIPPED"),
        ("- a https://l.example/1 : SKIPPED", "a", None, "SKIPPED"),
        ("- a javascript:alert(1) : SUCCESS", "a", None, "SUCCESS"),
        ("- a https://u:p@l.example/ : SUCCESS", "a", None, "SUCCESS"),
        ("- <script> http://l.example/ : SUCCESS", "<script>", "http://l.example/", "SUCCESS"),
        ("- žluťoučký http://l.example/ : SUCCESS", "žluťoučký", "http://l.example/", "SUCCESS"),
        ("http://j.example/job/unit/12/ : SUCCESS", "unit", "http://j.example/job/unit/12/", "SUCCESS"),
        ("- http://j.example/job/f/job/u/1/ : FAILURE", "u", "http://j.example/job/f/job/u/1/", "FAILURE"),
        ("- a http://l.example/ : ODD_ONE", "a", "http://l.example/", "ODD_ONE"),
    ],
)
def test_job_line_is_read(line: str, name: str, url: str | None, result: str) -> None:
    [job] = jobs(f"Build failed.\n\n{line}")
    assert (job["name"], job["url"], job["result"]) == (name, url, result)


@pytest.mark.parametrize(
    "line",
    ["a https://l.example/ : SUCCESS", "- a https://l.example/ : success", "- a https://l.example/: SUCCESS", "- a :"],
)
def test_other_line_is_no_job(line: str) -> None:
    assert jobs(f"Build failed.\n\n{line}") == []


@pytest.mark.parametrize(
    ("rest", "seconds", "voting", "detail"),
    [
        ("FAILURE in 1h 02m 03s", 3723, True, None),
        ("FAILURE in 2m 03s (non-voting)", 123, False, None),
        ("FAILURE in 3s", 3, True, None),
        ("FAILURE", None, True, None),
        ("FAILURE (non-voting)", None, False, None),
        ("NODE_FAILURE no node in a zone in 0s", 0, True, "no node in a zone"),
        ("FAILURE done in 5s twice in 6s", 6, True, "done in 5s twice"),
        ("FAILURE in time", None, True, "in time"),
    ],
)
def test_job_has_time_voting_and_detail(rest: str, seconds: int | None, voting: bool, detail: str | None) -> None:
    [job] = jobs(f"- a https://l.example/ : {rest}")
    assert (job["seconds"], job["voting"], job["detail"]) == (seconds, voting, detail)


@pytest.mark.parametrize(
    ("results", "cls"),
    [
        (["SUCCESS"], "ok"),
        (["FAILURE", "SECRET_EXPOSURE"], "fail"),
        (["UNSTABLE"], "warn"),
        (["SKIPPED", "NOT_REGISTERED", "CANCELED", "DEQUEUED", "NO_JOBS"], "neutral"),
        (["MERGE_FAILURE", "SNAPSHOT_FAILURE", "TIMED_OUT", "POST_FAILURE", "RETRY_LIMIT", "NODE_FAILURE"], "infra"),
        (["DISK_FULL", "MERGER_FAILURE", "MERGE_CONFLICT", "CONFIG_ERROR", "ERROR", "ABORTED"], "infra"),
        (["EXCEPTION", "RETRY", "LOST", "NEVER_HEARD_OF"], "infra"),
    ],
)
def test_result_has_its_class(results: list[str], cls: str) -> None:
    found = jobs("\n".join(f"- a{at} http://x.example/ : {result}" for at, result in enumerate(results)))
    assert [job["cls"] for job in found] == [cls] * len(results)


LIST = "Build failed.\n\n- a http://x.example/ : SUCCESS in 3s\n"


@pytest.mark.parametrize(
    "more",
    [
        "Skipped 3 jobs",
        "Successful jobs omitted due to length restrictions",
        "Warning:\n- b http://x.example/ : FAILURE",
        "Debug information:\n- b http://x.example/ : FAILURE",
        "- b http://x.example/ : FAILU... (truncated)",
        "- b http://x.example/ : FAILU\n... (truncated)",
    ],
)
def test_known_ends_of_the_list_are_no_jobs(more: str) -> None:
    assert [job["name"] for job in jobs(f"{LIST}{more}")] == ["a"]


@pytest.mark.parametrize("whole", ["", "- b http://x.example/ : FAILURE\n", "- b http://x.example/ : ODD in 3s\n"])
def test_whole_line_before_the_cut_counts(whole: str) -> None:
    wanted = ["a", "b"] if whole else ["a"]
    assert [job["name"] for job in jobs(f"{LIST}{whole}... (truncated)")] == wanted


@pytest.mark.parametrize(("first", "status"), [("failed", "failure"), ("succeeded", "success")])
def test_first_summary_counts(first: str, status: str) -> None:
    text = f"Build {first} (gate pipeline).\n\nBefore it:\nBuild failed.\nBuild succeeded (check pipeline)."
    found = read(comment(text))
    assert (found["status"], found["pipeline"]) == (status, "gate")


def test_ends_of_lines_may_be_those_of_windows() -> None:
    event = comment(BAD, header="Patch Set 1: Verified-1")
    assert read({**event, "comment": event["comment"].replace("\n", "\r\n")}) == read(event)


def test_text_that_is_repeated_counts_once() -> None:
    event = comment(BAD, patchSetComments={"/PATCHSET_LEVEL": [{"message": BAD}]})
    assert read(event) == read(comment(BAD))


def test_text_on_the_patch_set_is_read() -> None:
    event = comment("(1 comment)", patchSetComments={"/PATCHSET_LEVEL": [{"message": BAD}]})
    assert read(event) == read(comment(BAD))


@pytest.mark.parametrize(
    "text",
    ["- a " * 250_000, "- " + "a : " * 250_000, " : A" * 250_000, "\n".join(["- a http://x : SUCCESS in 1s"] * 30_000)],
)
def test_comment_of_a_megabyte_is_read(text: str) -> None:
    assert read(comment(f"Build failed.\n\n{text}"))["status"] == "failure"


# The program


def test_program_prints_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = tmp_path / "events.jsonl"
    events.write_bytes(json.dumps(comment(OK)).encode() + b"\n\nbad\xff\n" + json.dumps(created()).encode())
    config = tmp_path / "ci.toml"
    config.write_text('[ci]\nprojects = ["openstack/nova"]\ntrusted = ["zuul"]\n[ci.accounts]\nacme = "ci"\n', "utf-8")
    assert cli.main(["ci", "read", str(events), "--config", str(config)]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["line"], one["kind"]) for one in found] == [
        (1, "ci-result"),
        (2, "ignored"),
        (3, "ignored"),
        (4, "patchset"),
    ]


def test_wrong_setting_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "ci.toml"
    config.write_text('[ci]\ntrustd = ["zuul"]\n', "utf-8")
    assert cli.main(["ci", "read", str(config), "--config", str(config)]) == 2
    assert "Did you mean trusted?" in capsys.readouterr().err
