from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from ptgbot.chat.message import Role, Target
from ptgbot.ci import FEATURE
from ptgbot.ci.acking import Unclear, until_in
from ptgbot.ci.alert_settings import MaintenanceConfig, NoticeSettings
from ptgbot.ci.alerts import AlertKind
from ptgbot.ci.opening import Sign
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import Outcome
from ptgbot.store.state import StoredState
from ptgbot.testing import Chat, person
from tests.ci.alerting import HOUR, INFRA, Desk, T, silent, with_settings

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SILENT = "CI board, silent: acme has missed 5 patch sets in a row since 2024-11-19 06:06 UTC (openstack/nova)."
BACK = "CI board, back: acme reports again, silent since 2024-11-19 06:06 UTC."
UPSTREAM = Sign(AlertKind.UPSTREAM, "openstack/nova", T, 20, (), "review", 15)


def test_trouble_is_told_once() -> None:
    desk = Desk()
    assert desk.sees(silent())
    assert desk.lines == [SILENT]
    assert desk.targets == {INFRA}
    assert not desk.sees(silent(), hours=5)
    assert desk.lines == [SILENT]


def test_end_of_trouble_is_told_once() -> None:
    desk = Desk()
    desk.sees(silent())
    assert desk.sees(fine=["silent acme"], hours=2)
    assert desk.lines == [SILENT, BACK]
    assert not desk.sees(fine=["silent acme"], hours=2)


def test_alert_stays_open_in_between() -> None:
    desk = Desk()
    desk.sees(silent())
    assert not desk.sees(between=["silent acme"], hours=2)
    assert list(desk.tree["alerts"]) == ["silent acme"]  # type: ignore[arg-type]


def test_rooms_hear_nothing_by_default() -> None:
    desk = Desk(CiSettings())
    desk.sees(silent(), UPSTREAM, hours=1)
    desk.sees(fine=["silent acme"], hours=1)
    desk.passes(10)
    assert desk.lines == []


@pytest.mark.parametrize(
    ("sign", "rule", "line"),
    [
        (silent(), "silent", SILENT),
        (
            Sign(AlertKind.FAILING, "acme", T, 10, ("a", "b", "c", "d")),
            "failing",
            "CI board, failing: acme has failed on 10 changes in a row since 2024-11-19 07:06 UTC (a, b and 2 more).",
        ),
        (UPSTREAM, "upstream", "CI board, upstream: openstack/nova: 15 % of the last 20 runs succeeded."),
        (
            Sign(AlertKind.INCIDENT, "upstream", T, 5, jobs=("a", "b", "c", "d", "e")),
            "incident",
            "CI board, incident: 5 jobs fail because of the infrastructure since 2024-11-19 07:06 UTC: a, b, c, d.",
        ),
    ],
)
def test_each_rule_alone_tells_its_alerts(sign: Sign, rule: str, line: str) -> None:
    every = ("silent", "failing", "upstream", "incident", "back")
    without = Desk(with_settings(notices=NoticeSettings(("irc/#infra",), **{one: one != rule for one in every})))
    without.sees(sign)
    assert without.lines == []
    desk = Desk(with_settings(notices=NoticeSettings(("irc/#infra",), **{rule: True})))
    desk.sees(sign)
    desk.sees(fine=[sign.id])
    assert desk.lines == [line]


def test_rule_speaks_once_an_hour() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.sees(silent(), silent("foo"), silent("bar"), hours=0.2)
    desk.sees(silent(), silent("foo"), silent("baz"), between=["silent bar"], hours=0.2)
    assert len(desk.lines) == 1
    desk.passes(1)
    assert len(desk.lines) == 2
    assert all(name in desk.lines[1] for name in ("bar", "baz", "foo"))
    desk.sees(silent("other"), hours=0.1)
    assert len(desk.lines) == 2


def test_rooms_that_are_not_reached_are_named() -> None:
    notices = NoticeSettings(("@lost", "irc/#gone", "@all"), silent=True)
    desk = Desk(with_settings(notices=notices))
    desk.sees(silent())
    assert desk.targets == {Target("irc", "#gone"), Target("irc", "#infra"), Target("irc", "#nova")}
    desk.settles(Outcome("silent", 2, {"irc/#gone": "the bot is not there."}))
    assert [*FEATURE.check(desk.tree, desk.now, desk.settings)] == [
        "@lost in [ci.notices] was not told of the last alert: there is no such group of rooms.",
        "irc/#gone in [ci.notices] was not told of the last alert: the bot is not there.",
    ]


@pytest.mark.parametrize("room", ["#infra", "infra", ""])
def test_room_without_network_is_refused(room: str) -> None:
    with pytest.raises(ValueError, match="is no room; write NETWORK/ROOM"):
        NoticeSettings((room,))


def test_what_ended_in_its_hour_is_not_told() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.sees(silent(), silent("foo"), hours=0.2)
    desk.sees(silent(), fine=["silent foo"], hours=0.2)
    desk.passes(3)
    assert desk.lines == [SILENT]


def test_much_trouble_is_one_short_line() -> None:
    desk = Desk()
    desk.sees(*(silent(f"ci-{number}") for number in range(100)))
    desk.passes(5)
    assert len(desk.lines) == 1
    assert desk.lines[0].endswith("; and 96 more.")
    assert len(desk.lines[0]) < 450


def test_comeback_before_a_relapse_is_not_told() -> None:
    desk = Desk()
    desk.sees(silent(), silent("foo"))
    desk.sees(silent("foo"), fine=["silent acme"], hours=2)
    desk.sees(fine=["silent foo"], hours=0.1)
    desk.sees(silent("foo"), hours=0.1)
    desk.passes(3)
    assert [line for line in desk.lines if "back:" in line] == [BACK]


def test_ci_without_data_is_unknown() -> None:
    desk = Desk()
    desk.sees(unknown=["quiet"])
    assert desk.slice()["unknown"] == ["quiet"]
    assert desk.lines == []


def test_unread_server_is_shown_and_closes_nothing() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.sees(unread={"review": T}, is_whole=False, hours=1)
    shown = desk.slice()
    assert shown["unread"] == {"review": "2024-11-19T07:06:40+00:00"}
    assert shown["count"] == 1


def test_ci_nobody_expects_closes_quietly() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.sees(hours=2)
    desk.passes(3)
    assert desk.tree["alerts"] == {}
    assert desk.lines == [SILENT]


# Acknowledgements and maintenance


def test_acknowledged_alert_is_quiet_until_its_date() -> None:
    desk = Desk()
    desk.sees(silent(), hours=1)
    [answer] = desk.types("+ci ack acme until 3h new hardware")
    assert answer == "acme is acknowledged until 2024-11-19 11:06 UTC, or until it is well again."
    failing = Sign(AlertKind.FAILING, "acme", T, 10)
    desk.sees(silent(), failing, hours=1)
    assert len(desk.lines) == 1
    row: Any = desk.slice()["open"]
    assert [one["acked"]["reason"] for one in row] == ["new hardware"] * 2
    assert row[0]["acked"]["by"] == "mira"
    desk.passes(1.9)
    assert len(desk.lines) == 1
    desk.passes(0.2)
    assert sorted(line.split(":")[0] for line in desk.lines[1:]) == ["CI board, failing", "CI board, silent"]
    assert desk.tree["acks"] == {}


def test_acknowledgement_ends_when_all_is_well() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.types("+ci ack acme until 3d new hardware")
    desk.sees(fine=["silent acme"], hours=2)
    assert desk.tree["acks"] == {}
    assert desk.lines == [SILENT, BACK]
    desk.sees(silent(), hours=2)
    assert len(desk.lines) == 3


def test_taken_back_acknowledgement_tells_what_waited() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.types("+ci ack acme until 3d new hardware")
    desk.sees(silent(), Sign(AlertKind.FAILING, "acme", T, 10), hours=2)
    assert desk.types("+ci unack acme") == ["acme is not acknowledged any more."]
    desk.passes(0.1)
    assert len(desk.lines) == 2


def test_undo_takes_an_acknowledgement_back() -> None:
    desk = Desk()
    desk.sees(silent())
    chat = Chat([FEATURE], {"ci": desk.settings})
    chat.document = StoredState({"ci": desk.tree})
    chat.op("+ci ack acme until 3d new hardware")
    assert chat.tree["acks"]
    chat.op("~undo")
    assert chat.tree["acks"] == {}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("+ci ack acme", "Until when, and why?"),
        ("+ci ack acme until 3d", "Until when, and why?"),
        ("+ci ack acme until never because", "never is no moment."),
        ("+ci ack acme until 2020-01-01 because", "2020-01-02 00:00 UTC has passed."),
        ("+ci ack acme until 2030-01-01 because", "That is more than 90 days away"),
        ("+ci ack acne until 3d because", "There is no open alert of acne. Did you mean acme?"),
        ("+ci ack quiet until 3d because", "There is no open alert of quiet. Open alerts: acme."),
        ("+ci unack acme", "acme is not acknowledged. Acknowledged: none."),
        ("+ci ack acme CI until 2024-11-21 13:30 because", "acme is acknowledged until 2024-11-21 13:30 UTC"),
        ("+ci alerts", "acme: has missed 5 patch sets in a row since 2024-11-19 06:06 UTC."),
    ],
)
def test_odd_acknowledgement_is_explained(line: str, answer: str) -> None:
    desk = Desk()
    desk.sees(silent(title="Acme CI"))
    assert desk.types(line)[0].startswith(answer)


def test_acknowledging_needs_a_moderator() -> None:
    desk = Desk()
    desk.sees(silent())
    said = desk.types("+ci ack acme until 3d because", role=Role.ATTENDEE)
    assert said == ["+ci ack needs +v or moderator rights in #gathering."]
    assert desk.tree["acks"] == {}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-25", datetime(2026, 11, 26, 0, 0, tzinfo=UTC)),
        ("2026-11-25T13:30", datetime(2026, 11, 25, 13, 30, tzinfo=UTC)),
        ("2026-11-25 9:30", datetime(2026, 11, 25, 9, 30, tzinfo=UTC)),
        ("13:30", datetime(2026, 11, 22, 13, 30, tzinfo=UTC)),
        ("11:00", datetime(2026, 11, 23, 11, 0, tzinfo=UTC)),
        ("2h", datetime(2026, 11, 22, 14, 0, tzinfo=UTC)),
        ("+30m", datetime(2026, 11, 22, 12, 30, tzinfo=UTC)),
        ("3d", datetime(2026, 11, 25, 12, 0, tzinfo=UTC)),
    ],
)
def test_typed_moment_is_read(text: str, moment: datetime) -> None:
    assert until_in(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["2026-13-45", "25:00", "9999-12-31", "tomorrow", "0h", "9999d", "-1h", "\u0661\u0662:00"]
)
def test_odd_moment_is_refused(text: str) -> None:
    with pytest.raises(Unclear):
        until_in(text, NOW)


def test_maintenance_mutes_until_its_end() -> None:
    window = MaintenanceConfig(("acm*",), "2024-11-19T06:00", "2024-11-19T10:06:40", "new racks")
    desk = Desk(with_settings(maintenance=(window,)))
    desk.watches("mira", "account", "acme")
    desk.sees(silent(), silent("foo"))
    assert "acme" not in desk.lines[0]
    row: Any = desk.slice()["open"]
    assert row[0]["muted"] == {"until": "2024-11-19T10:06:40+00:00", "reason": "new racks"}
    assert row[1]["muted"] is None
    desk.passes(2.9)
    assert (len(desk.lines), desk.tells) == (1, {})
    desk.passes(0.2)
    assert desk.lines[1:] == [SILENT]
    assert desk.tells == {"mira": [SILENT]}


def test_trouble_within_maintenance_is_never_told() -> None:
    window = MaintenanceConfig(("*",), "2024-11-19T06:00", "2024-11-19T10:06:40")
    desk = Desk(with_settings(maintenance=(window,)))
    desk.watches("mira", "account", "acme")
    desk.sees(silent())
    desk.sees(fine=["silent acme"], hours=1)
    desk.passes(10)
    assert (desk.lines, desk.tells) == ([], {})


def test_window_that_ends_first_is_refused() -> None:
    with pytest.raises(ValueError, match="must end after it begins"):
        MaintenanceConfig(("acme",), "2024-11-19T06:00", "2024-11-19T06:00")


# People


def test_watcher_is_told_of_both_ends() -> None:
    desk = Desk(CiSettings())
    desk.watches("mira", "account", "acme")
    desk.sees(silent(), silent("foo"))
    desk.sees(silent(), silent("foo"), hours=1)
    desk.sees(fine=["silent acme", "silent foo"], hours=1)
    assert desk.tells == {"mira": [SILENT, BACK]}


def test_watcher_of_project_is_told_of_its_upstream() -> None:
    desk = Desk(CiSettings())
    desk.watches("mira", "project", "openstack/nova")
    desk.watches("noa", "project", "openstack/cinder")
    desk.sees(UPSTREAM, silent(), silent("zuul", is_trusted=True))
    assert [text.split(" since")[0] for text in desk.tells["mira"]] == [
        "CI board, upstream: openstack/nova: 15 % of the last 20 runs succeeded.",
        "CI board, silent: zuul has missed 5 patch sets in a row",
    ]
    assert "noa" not in desk.tells


def test_forgotten_person_is_in_no_place() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.types("+ci ack acme until 3d because")
    desk.watches("mira", "account", "acme")
    places = FEATURE.forget(desk.tree, {}, person("mira")).places
    assert sorted(places) == [("acks", "acme", "who"), ("watch", "mira")]


def test_linked_person_keeps_what_they_watch() -> None:
    desk = Desk()
    desk.sees(silent())
    desk.types("+ci ack acme until 3d because")
    desk.watches("mira", "account", "acme")
    desk.watches("@mira:example.org", "account", "foo")
    edits = FEATURE.move(desk.tree, "mira", "@mira:example.org")
    assert [(edit.at, edit.now) for edit in edits if isinstance(edit.now, list | str)] == [
        (("acks", "acme", "who", "key"), "@mira:example.org"),
        (("watch", "@mira:example.org"), [["account", "foo"], ["account", "acme"]]),
    ]


def test_random_days_tell_each_trouble_once() -> None:
    """Whatever is seen in which order: no rule speaks twice an hour, and nothing is due for ever."""
    chance = random.Random(7)
    names = ["a", "b", "c"]
    for _ in range(30):
        desk, spoken = Desk(), dict[str, list[int]]()
        for _ in range(40):
            bad = [silent(name) for name in names if chance.random() < 0.4]
            rest = [f"silent {name}" for name in names if silent(name) not in bad]
            before = len(desk.lines)
            desk.sees(*bad, fine=rest, hours=chance.random())
            if desk.tree["alerts"] and chance.random() < 0.3:
                desk.types(f"+ci ack {chance.choice(names)} until {chance.randint(1, 5)}h x")
            desk.passes(chance.choice([0, 0, 1.5]))
            for line in desk.lines[before:]:
                spoken.setdefault(line.split(":")[0], []).append(desk.at)
        told = desk.tree["told"]
        assert isinstance(told, dict)
        hours = (desk.at - T) / HOUR
        assert all(len(moments) <= hours + 1 for moments in spoken.values())
