"""What time causes: questions about old alerts, reminders of plans, their begin and end."""

from __future__ import annotations

from datetime import datetime

import pytest

from ptgbot.status import model
from ptgbot.status.typed import Unclear, between, later, shown
from ptgbot.testing import START
from tests.status.desk import INFRA, MIRA, Desk, desk

__all__ = ["desk"]


def test_author_then_operators_are_asked(desk: Desk) -> None:
    desk("#status alert gerrit: down")
    assert desk.wait(hours=3, minutes=59) == 0
    assert desk.wait(minutes=2) == 1
    (asked,) = desk.delivered
    assert [(one.network, one.room) for one in asked.targets] == [("irc", "#gathering")]
    assert asked.body == ("mira: alert 1 (“down”) was not touched for 4 hours. Is it over? #status update 1, or ok 1")
    assert desk.wait(minutes=30) == 0
    assert desk.wait(minutes=31) == 1
    (asked,) = desk.delivered
    assert [(one.network, one.room) for one in asked.targets] == [("irc", "#ops")]
    assert "Alert 1 (“down”)" in str(asked.body)
    assert desk.wait(days=10) == 0


def test_update_ends_the_questions(desk: Desk) -> None:
    desk("#status alert gerrit: down")
    desk.wait(hours=4)
    desk("#status update we look")
    assert desk.wait(hours=3) == 0
    assert desk.wait(hours=1) == 1
    desk("#status ok")
    assert desk.wait(hours=9) == 0


def test_operators_hear_no_private_text(desk: Desk) -> None:
    desk("#status alert @infra sesame", MIRA, room=INFRA)
    assert desk.wait(hours=5) == 2
    assert "sesame" not in desk.lines[0]
    assert desk.lines[0].startswith("Alert 1 was not touched for 4 hours, and mira has not answered.")


def test_plan_from_reminder_to_end(desk: Desk) -> None:
    assert desk("#status plan 12:00-13:00 gerrit: upgrade") == ["Plan 1 (Mon 16 Nov 12:00–13:00 UTC) goes to 3 rooms."]
    assert desk.lines == ["Plan 1 (gerrit): upgrade, Mon 16 Nov 12:00–13:00 UTC"]
    assert desk.wait(hours=1, minutes=55) == 1  # 11:01
    assert desk.lines == ["Reminder of plan 1: upgrade, Mon 16 Nov 12:00–13:00 UTC"]
    assert desk.wait(minutes=59) == 1
    assert desk.lines == ["Plan 1 begins: upgrade, Mon 16 Nov 12:00–13:00 UTC"]
    assert model.service_states(["gerrit"], model.open_plans(desk.tree)) == {"gerrit": "under_maintenance"}
    assert desk.wait(minutes=60) == 1
    assert desk.lines == ["mira: plan 1 (“upgrade”) has come to its end. Is it over? #status plan 1 done, or extend"]
    assert model.open_plans(desk.tree)[0].state == "running"
    assert desk("#status plan 1 extend +30m") == ["The change of plan 1 goes to 3 rooms."]
    assert desk.lines == ["Plan 1 (upgrade) lasts longer: Mon 16 Nov 12:00–13:30 UTC"]
    assert desk.wait(minutes=29) == 1
    assert desk("#status plan 1 done all well") == ["The change of plan 1 goes to 3 rooms."]
    one = model.matter(desk.tree, 1)
    assert one
    assert (one.state, one.row["sequence"], one.row["uid"]) == ("done", 2, "plan-1-20261116T090600Z")
    assert desk.wait(days=1) == 0


def test_moved_plan_is_reminded_of_again(desk: Desk) -> None:
    desk("#status plan 12:00-13:00 upgrade")
    desk.wait(hours=2)
    desk("#status plan 1 move 2026-11-17T12:00-13:00 too busy")
    assert desk.lines == ["Plan 1 (upgrade) moved to Tue 17 Nov 12:00–13:00 UTC: too busy"]
    assert desk.wait(hours=23) == 0
    assert desk.wait(hours=1) == 1
    desk("#status plan #1 cancel")
    assert desk.lines == ["Plan 1 (upgrade) cancelled"]
    assert desk.wait(days=1) == 0


def test_missed_moments_are_made_up_for(desk: Desk) -> None:
    desk("#status plan 12:00-13:00 upgrade")
    assert desk.wait(days=1) == 3  # begun, the author, the operators; a reminder would be too late
    assert [one.state for one in model.open_plans(desk.tree)] == ["running"]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("upgrade", "When? Type it in UTC"),
        ("12:00-13:00", "Type #status plan"),
        ("25:00-26:00 x", "25:00 is no moment."),
        ("2026-11-15T12:00-13:00 x", "Sun 15 Nov 12:00–13:00 UTC has passed"),
        ("2026-11-17T12:00-2026-12-30T12:00 x", "That lasts longer than 31 days"),
        ("1 move", "There is no open plan."),
        ("", "Type #status plan"),
    ],
)
def test_unclear_plan_changes_nothing(desk: Desk, typed: str, answer: str) -> None:
    assert desk(f"#status plan {typed}")[0].startswith(answer)
    assert model.open_plans(desk.tree) == []


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("10:00-12:00 x", "2026-11-16T10:00", "2026-11-16T12:00"),
        ("8:00–9:00 UTC x", "2026-11-17T08:00", "2026-11-17T09:00"),
        ("08:00-10:00 x", "2026-11-16T08:00", "2026-11-16T10:00"),
        ("23:00 - 1:00Z x", "2026-11-16T23:00", "2026-11-17T01:00"),
        ("2026-11-20T23:00-01:00 x", "2026-11-20T23:00", "2026-11-21T01:00"),
        ("2026-11-20 23:00 - 2026-11-22 01:00 x", "2026-11-20T23:00", "2026-11-22T01:00"),
    ],
)
def test_times_of_plans_are_in_utc(typed: str, start: str, end: str) -> None:
    begins, ends, text = between(typed, START)
    assert (f"{begins:%Y-%m-%dT%H:%M}", f"{ends:%Y-%m-%dT%H:%M}", text) == (start, end, "x")


@pytest.mark.parametrize(
    ("typed", "end"),
    [("+30m", "13:30"), ("2h", "15:00"), ("14:15", "14:15"), ("2026-11-16T13:01 UTC", "13:01"), ("90 min", "14:30")],
)
def test_later_end_of_a_plan(typed: str, end: str) -> None:
    assert f"{later(typed, START.replace(hour=13, minute=0), START):%H:%M}" == end


@pytest.mark.parametrize("typed", ["", "soon", "+0m", "2026-11-16T12:59", "+9999h", "2026-13-01T10:00"])
def test_end_that_is_not_later(typed: str) -> None:
    with pytest.raises(Unclear):
        later(typed, START.replace(hour=13, minute=0), START)


def test_time_over_two_days_is_shown() -> None:
    start, end = datetime.fromisoformat("2026-11-16T23:00Z"), datetime.fromisoformat("2026-11-17T01:00Z")
    assert shown(start, end) == "Mon 16 Nov 23:00–Tue 17 Nov 01:00 UTC"
