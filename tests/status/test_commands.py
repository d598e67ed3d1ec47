"""What people type behind #status, and what they are answered."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from ptgbot.chat.commands import Deliver
from ptgbot.chat.message import Room
from ptgbot.status import model
from ptgbot.testing import person
from tests.status.desk import ADA, EVERYWHERE, GUEST, INFRA, KURT, MIRA, PRIVATE, SETTINGS, Desk, desk

__all__ = ["desk"]


def test_alert_goes_to_every_room(desk: Desk) -> None:
    assert desk("#status alert Gerrit is down", MIRA) == ["Alert 1 goes to 3 rooms."]
    assert desk.delivered == (Deliver("say", EVERYWHERE, "Alert 1: Gerrit is down", "rooms:1", 900.0),)
    (one,) = model.open_alerts(desk.tree)
    assert (one.row["text"], one.state, one.row["who"]["name"]) == ("Gerrit is down", "open", "mira")
    (entry,) = model.every_entry(desk.tree)
    assert model.public_entry(entry) == {
        "number": 1,
        "kind": "alert",
        "text": "Gerrit is down",
        "who": "mira",
        "network": "irc",
        "room": "#gathering",
        "at": "2026-11-16T09:06:00+00:00",
        "links": True,
        "withdrawn": False,
        "about": 1,
        "state": "open",
    }


def test_notice_changes_no_topic(desk: Desk) -> None:
    assert desk("#status notice lunch is served") == ["Notice 1 goes to 3 rooms."]
    assert desk.lines == ["Notice: lunch is served"]
    assert desk.feature.topics(desk.tree, desk.settings) == []
    assert model.open_alerts(desk.tree) == []


def test_log_is_only_on_record(desk: Desk) -> None:
    assert desk("#status LOG restarted zuul") == ["Entry 1 is on record."]
    assert desk.delivered == ()
    assert [one.row["text"] for one in model.every_entry(desk.tree)] == ["restarted zuul"]


def test_ok_ends_the_only_alert(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    assert len(desk.feature.topics(desk.tree, desk.settings)) == 3
    assert desk("#status ok all is well") == ["The end of alert 1 goes to 3 rooms."]
    assert desk.lines == ["Alert 1 is over: all is well"]
    assert desk.feature.topics(desk.tree, desk.settings) == []
    assert model.open_alerts(desk.tree) == []
    assert "rooms" not in model.matters(desk.tree)[0].row  # what is over stays small


@pytest.mark.parametrize(
    ("settings", "rooms"),
    [
        ({}, ["#gathering", "#infra", "#hall:example.org"]),
        ({"topics": False}, []),
        ({"own_topics": ("irc",)}, ["#hall:example.org"]),
        ({"own_topics": ("IRC/#Infra", "mx")}, ["#gathering"]),
    ],
)
def test_topics_may_be_left_alone(settings: dict[str, Any], rooms: list[str]) -> None:
    desk = Desk(attrs.evolve(SETTINGS, **settings))
    desk("#status alert Gerrit is down")
    assert [one.room for one in desk.feature.topics(desk.tree, desk.settings)] == rooms
    assert len(desk.delivered[0].targets) == 3


def test_first_line_of_open_alert_is_pinned() -> None:
    desk = Desk(attrs.evolve(SETTINGS, pins=True))

    def pins() -> list[tuple[str, str]]:
        return [(one.room, one.about) for one in desk.feature.pins(desk.tree, desk.settings)]

    desk("#status notice lunch")
    desk("#status alert @web Gerrit is down")
    assert desk.delivered[0].about == "rooms:2"
    desk("#status update monitoring it is up again")
    first = [("#gathering", "rooms:2")]
    assert pins() == first
    desk("#status alert @infra Zuul waits")
    both = [("#infra", "rooms:4"), *first]
    assert pins() == both
    assert desk.feature.pins(desk.tree, SETTINGS) == []
    desk("#status ok 1")
    assert pins() == both[:1]
    desk("#status undo")
    assert pins() == both
    desk("#status ok 1")
    desk("#status undo")
    desk("#status ok 1")
    assert pins() == both[:1]


def test_ok_without_an_alert_sends_nothing(desk: Desk) -> None:
    assert desk("#status ok") == ["There is no open alert. Nothing was sent."]
    assert desk.decision
    assert not desk.decision.changes


def test_one_ok_of_two_alerts(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    desk("#status alert the wiki is slow")
    assert desk("#status ok") == ["Which one? Name its number; there are 2 (the wiki is slow) and 1 (Gerrit is down)."]
    assert desk("#status ok 1") == ["The end of alert 1 goes to 3 rooms."]
    assert desk.lines == ["Alert 1 is over: Gerrit is down"]
    assert [one.number for one in model.open_alerts(desk.tree)] == [2]
    (topic, *_) = desk.feature.topics(desk.tree, desk.settings)
    assert topic.text("Welcome") == "Alert 2: the wiki is slow"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("#status ok 1 again", "There is no open alert 1; there is 2 (the wiki is slow). Nothing was sent."),
        ("#status ok #7", "There is no open alert 7; there is 2 (the wiki is slow). Nothing was sent."),
        ("#status ok 500 errors are gone", "The end of alert 2 goes to 3 rooms."),
    ],
)
def test_numbers_of_alerts_are_not_guessed(desk: Desk, typed: str, answer: str) -> None:
    desk("#status alert Gerrit is down")
    desk("#status alert the wiki is slow")
    desk("#status ok 1")
    assert desk(typed) == [answer]


def test_alert_lives_from_open_to_review(desk: Desk) -> None:
    desk("#status alert gerrit,ZUUL: no reviews")
    assert desk.lines == ["Alert 1 (gerrit, zuul): no reviews"]
    desk("#status update 1 identified a full disk")
    assert desk.lines == ["Alert 1 (identified): a full disk"]
    desk("#status update a new disk comes")
    assert desk.lines == ["Alert 1: a new disk comes"]
    desk("#status update monitoring: it runs")
    assert model.service_states(SETTINGS.services, model.matters(desk.tree)) == {
        "gerrit": "degraded_performance",
        "zuul": "degraded_performance",
        "wiki": "operational",
    }
    desk("#status ok 1")
    assert desk("#status after 1 https://example.org/review") == ["The review of alert 1 is on record."]
    one = model.matter(desk.tree, 1)
    assert one
    states = [entry.row["state"] for entry in model.timeline(desk.tree, one)]
    assert states == ["resolved", "resolved", "monitoring", "identified", "identified", "open"]
    assert set(model.service_states(SETTINGS.services, model.matters(desk.tree)).values()) == {"operational"}


def test_review_needs_an_alert_that_is_over(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    assert desk("#status after 1 it was the disk") == ["There is no ended alert. Nothing was sent."]
    assert desk("#status after") == ["Type #status after N TEXT, or the address of the review."]


def test_unknown_service_beside_a_known_one(desk: Desk) -> None:
    assert desk("#status alert gerit, zuul: down") == [
        "There is no service gerit. Did you mean gerrit? I know gerrit, zuul, wiki."
    ]
    assert desk("#status alert FYI: the cake is ready") == ["Alert 1 goes to 3 rooms."]
    assert desk.lines == ["Alert 1: FYI: the cake is ready"]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("#status", "What about the status? Type #status alert|notice|log"),
        ("#status alrt x", "#status alrt is no command. Did you mean #status alert?"),
        ("#status alert", "Type #status alert [@GROUP] [SERVICE,…:] TEXT."),
        ("#status alert @infra", "Type #status alert [@GROUP] [SERVICE,…:] TEXT."),
        ("#status notice   ", "Type #status notice"),
        ("#status log", "Type #status log"),
        ("#status update", "There is no open alert."),
        ("#success", "Type #success TEXT."),
        ("#thanks", "Type #thanks NICK[, NICK] for TEXT."),
        ("#status hide", "Type #status hide N"),
        ("#status hide 9", "There is no entry 9."),
        ("#status alert @ifra x", "There is no group @ifra. Did you mean @infra?"),
        ("#status undo 3", "#status undo takes nothing behind it"),
    ],
)
def test_unclear_line_gets_its_usage(desk: Desk, typed: str, answer: str) -> None:
    (said,) = desk(typed)
    assert said.startswith(answer)
    assert desk.decision
    assert not desk.decision.changes


@pytest.mark.parametrize("typed", ["#successful day", "#statusfoo alert x", "say #status alert x", "#thanksgiving"])
def test_words_that_only_begin_alike_are_nothing(desk: Desk, typed: str) -> None:
    assert desk(typed) == []
    assert desk.decision is None


@pytest.mark.parametrize(
    "impostor",
    [
        person("mira", "eve"),
        person("mira"),
        attrs.evolve(MIRA, bridged=True),
        attrs.evolve(GUEST, account="@kurt:example.org"),
        attrs.evolve(KURT, account="@eve:example.org"),
    ],
)
@pytest.mark.parametrize("typed", ["alert x", "notice x", "log x", "ok", "update x", "plan 10:00-11:00 x", "hide 1"])
def test_untrusted_people_change_nothing(desk: Desk, impostor: object, typed: str) -> None:
    desk("#status alert Gerrit is down")
    assert desk(f"#status {typed}", impostor) != []  # type: ignore[arg-type]
    assert desk.decision
    assert not desk.decision.changes
    assert "trusted people" in desk.decision.answers[0].text  # type: ignore[union-attr]


def test_account_of_another_network_is_not_trusted(desk: Desk) -> None:
    assert "not on their list" in desk("#status alert x", room=Room("oftc", "#gathering", "#gathering"))[0]


def test_people_trusted_with_a_group_only(desk: Desk) -> None:
    assert "for all rooms is for trusted people" in desk("#status alert x", ADA)[0]
    assert "for @web is for trusted people" in desk("#status alert @web x", ADA)[0]
    assert desk("#status alert @infra: the door is open", ADA, room=INFRA) == ["Alert 1 goes to 1 room."]
    assert desk.delivered[0].targets == PRIVATE
    desk("#status alert all is lost")
    assert "for all rooms is for trusted people" in desk("#status ok 2", ADA)[0]
    assert desk("#status ok 1", ADA, room=INFRA) == ["The end of alert 1 goes to 1 room."]


def test_trusted_on_matrix_and_in_private(desk: Desk) -> None:
    assert desk("#status notice hello", KURT, room=Room("mx", "!h:example.org", "#hall"), private=True)
    desk.outcome("rooms:1", 3)
    assert desk.tells == {"@kurt:example.org": "kurt: Notice 1: 3 of 3 rooms reached."}


@pytest.mark.parametrize("length", [600, 1000])
def test_long_text_is_told_whole(desk: Desk, length: int) -> None:
    desk(f"#status alert {'ä' * length}")
    assert desk.lines == [f"Alert 1: {'ä' * length}"]


def test_too_long_text_is_refused(desk: Desk) -> None:
    assert desk("#status alert " + "x" * 1001) == ["That text has 1001 characters; at most 1000 go. Nothing was sent."]
    assert desk.delivered == ()


@pytest.mark.parametrize("text", ["a | b }} {{ <script>alert(1)</script>", "Ünïcödé ☃ 漢字", "x" * 600])
def test_odd_text_stays_as_it_is(desk: Desk, text: str) -> None:
    desk(f"#status alert {text}")
    assert desk.lines == [f"Alert 1: {text}"]
    assert model.open_alerts(desk.tree)[0].row["text"] == text


def test_line_ends_and_colours_are_removed(desk: Desk) -> None:
    desk("#status notice one\r\ntwo \x0304red\x03  \u202eend")
    assert desk.lines == ["Notice: one two 04red end"]


def test_list_is_for_everybody(desk: Desk) -> None:
    assert desk("#status list", GUEST) == ["No alert is open and nothing is planned."]
    desk("#status alert gerrit: down")
    desk("#status plan 12:00-13:00 wiki: upgrade")
    (said,) = desk("#status list", GUEST)
    assert said.split(" | ") == [
        "Alert 1 (open since Mon 16 Nov 09:07 UTC) (gerrit): down",
        "Plan 2 (planned, Mon 16 Nov 12:00–13:00 UTC) (wiki): upgrade",
        "gerrit: major outage",
    ]
