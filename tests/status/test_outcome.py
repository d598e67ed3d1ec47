"""The last answer to the author: which rooms and publishers were reached, and which were not."""

from __future__ import annotations

import attrs
import pytest

from ptgbot.feature import Outcome
from tests.status.desk import SETTINGS, Desk, desk, publishers

__all__ = ["desk"]

HOOKS = attrs.evolve(SETTINGS, publishers=publishers("hook", "toot"))


def test_last_answer_counts_rooms(desk: Desk) -> None:
    desk("#status alert x")
    desk.report(Outcome("rooms:1", 2, {"irc #infra": "we are banned there."}))
    (told,) = desk.delivered
    assert [(one.network, one.room) for one in told.targets] == [("irc", "#gathering")]
    assert told.body == "mira: Alert 1: 2 of 3 rooms reached; not irc #infra (we are banned there)."
    assert desk.tree["sent"] == {}


def test_last_answer_waits_for_rooms_and_publishers() -> None:
    desk = Desk(HOOKS)
    assert desk("#status alert x") == ["Alert 1 goes to 3 rooms and 2 publishers."]
    desk.outcome("rooms:1", 3)
    assert desk.lines == []
    desk.outcome("publish:1", 2)
    assert desk.lines == ["mira: Alert 1: 3 of 3 rooms reached. 2 of 2 publishers reached."]
    assert desk.tree["sent"] == {}


@pytest.mark.parametrize("rooms_first", [True, False])
def test_late_publisher_is_named_and_tried_further(rooms_first: bool) -> None:
    desk = Desk(HOOKS)
    desk("#status alert x")
    assert [(one.kind, one.within, one.late) for one in desk.delivered] == [
        ("say", 900.0, None),
        ("status.publish", 604800.0, 90.0),
    ]
    if rooms_first:
        desk.outcome("rooms:1", 3)
    desk.outcome("publish:1", 1, ("toot",), toot="not in time: it answered 500.")
    if not rooms_first:
        desk.outcome("rooms:1", 3)
    (line,) = desk.lines
    assert line == (
        "mira: Alert 1: 3 of 3 rooms reached. 1 of 2 publishers reached; "
        "not yet toot (not in time: it answered 500), tried further for a week."
    )
    desk.outcome("publish:1", 2)
    assert desk.lines == ["mira: Alert 1: now published by toot, too."]
    assert desk.tree["sent"] == {}


def test_publisher_that_refuses_is_named_at_once() -> None:
    desk = Desk(HOOKS)
    desk("#status log x")
    desk.outcome("publish:1", 1, hook="refused with 410.")
    assert desk.lines == ["mira: Entry 1: 1 of 2 publishers reached; not hook (refused with 410)."]
    assert desk.tree["sent"] == {}


def test_publisher_that_is_given_up_is_named() -> None:
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("my hook", "toot", "fax")))
    desk("#status log x")
    desk.outcome("publish:1", 0, ("my hook", "toot"), **{"my hook": "gone.", "toot": "gone.", "fax": "no."})
    (line,) = desk.lines
    assert "0 of 3 publishers reached; not fax (no); not yet my hook (gone), toot (gone), tried further" in line
    desk.outcome("publish:1", 1, toot="gone.", fax="no.")
    assert desk.lines == ["mira: Entry 1: now published by my hook, too; given up; not toot (gone)."]
    desk.outcome("publish:1", 1)
    assert desk.decision is None


def test_many_failures_are_counted(desk: Desk) -> None:
    desk("#status alert x")
    desk.report(Outcome("rooms:1", 0, {f"irc #r{n}": "away." for n in range(20)}))
    assert desk.lines[0].endswith("irc #r14 (away) and 5 more.")


def test_unknown_outcome_is_nothing(desk: Desk) -> None:
    for about in ("rooms:9", "told", "publish:9.undo"):
        desk.report(Outcome(about, 1, {}))
        assert desk.decision is None
