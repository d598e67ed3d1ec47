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
def test_failed_publisher_is_named_and_tried_further(rooms_first: bool) -> None:
    desk = Desk(HOOKS)
    desk("#status alert x")
    body = desk.delivered[1].body
    if rooms_first:
        desk.outcome("rooms:1", 3)
    desk.outcome("publish:1", 1, toot="it answered 500.")
    again = [one for one in desk.delivered if one.kind == "status.publish"]
    if not rooms_first:
        desk.outcome("rooms:1", 3)
    assert [one.network for one in again[0].targets] == ["toot"]
    assert (again[0].about, again[0].within, again[0].body) == ("later:1", 604800.0, body)
    (line,) = desk.lines
    assert line.startswith("mira: Alert 1: 3 of 3 rooms reached. 1 of 2 publishers reached; ")
    assert line.endswith("; not toot (it answered 500); tried further for a week.")
    desk.outcome("later:1", 1)
    assert desk.lines == ["mira: Alert 1: now published by toot, too."]
    assert desk.tree["sent"] == {}


def test_publisher_that_is_given_up_is_named() -> None:
    desk = Desk(HOOKS)
    desk("#status log x")
    desk.outcome("publish:1", 0, hook="gone.", toot="gone.")
    desk.outcome("later:1", 1, toot="gone.")
    assert desk.lines == ["mira: Entry 1: now published by hook, too; given up; not toot (gone)."]


def test_many_failures_are_counted(desk: Desk) -> None:
    desk("#status alert x")
    desk.report(Outcome("rooms:1", 0, {f"irc #r{n}": "away." for n in range(20)}))
    assert desk.lines[0].endswith("irc #r14 (away) and 5 more.")


def test_unknown_outcome_is_nothing(desk: Desk) -> None:
    for about in ("rooms:9", "told", "publish:9.undo"):
        desk.report(Outcome(about, 1, {}))
        assert desk.decision is None
