"""Entries are taken back, hidden and shown; nothing is removed."""

from __future__ import annotations

import attrs
import pytest

from ptgbot.chat.message import Role
from ptgbot.status import model
from ptgbot.status.telling import FINAL
from ptgbot.testing import person
from tests.status.desk import ADA, GUEST, INFRA, KURT, MIRA, SETTINGS, Desk, desk, publishers

__all__ = ["desk"]

NO_RECALL = "What was read in rooms and private messages, and copies elsewhere, can't be recalled."


def test_author_takes_back_an_alert(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    assert desk("#status undo") == [f"Your withdrawal of “Gerrit is down” goes to 3 rooms. {NO_RECALL}"]
    assert desk.lines == ["Withdrawn: Gerrit is down"]
    assert model.open_alerts(desk.tree) == []
    assert desk.feature.topics(desk.tree, desk.settings) == []
    (entry,) = model.every_entry(desk.tree)
    assert entry.row["withdrawn"] == "2026-11-16T09:07:00+00:00"
    assert desk("#status undo") == ["You have made no entry within the last 10 minutes, so there is nothing to undo."]


def test_undone_end_opens_the_alert_again(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    desk("#status update 1 monitoring a fix")
    before = desk.feature.topics(desk.tree, desk.settings)
    desk("#status ok 1")
    desk("#status undo")
    assert desk.lines == ["Withdrawn: the end of alert 1"]
    (one,) = model.open_alerts(desk.tree)
    assert one.state == "monitoring"
    assert "over" not in one.row
    assert len(desk.feature.topics(desk.tree, desk.settings)) == len(before)


@pytest.mark.parametrize("thief", [KURT, person("mira"), person("mira", "eve"), GUEST])
def test_only_the_author_takes_back(desk: Desk, thief: object) -> None:
    desk("#status alert Gerrit is down")
    assert "there is nothing to undo" in desk("#status undo", thief)[0]  # type: ignore[arg-type]
    assert desk.delivered == ()


def test_undo_only_for_a_short_time(desk: Desk) -> None:
    desk("#success it works", GUEST)
    assert "nothing to undo" in desk("#status undo", GUEST, minutes=11)[0]
    desk("#success it works again", GUEST)
    assert desk("#status undo", GUEST, minutes=10)[0].startswith("Your withdrawal of “it works again” is on record.")


def test_entries_are_taken_back_one_by_one(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    desk("#status update 1 monitoring a fix")
    desk("#status ok 1")
    desk("#status after 1 it was the disk")
    states = []
    for _ in range(4):
        desk("#status undo")
        (one,) = model.matters(desk.tree)
        states.append(str(one.state))
    assert states == ["resolved", "monitoring", "open", "withdrawn"]
    assert "there is nothing to undo" in desk("#status undo")[0]


def test_alert_with_updates_is_not_undone(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    desk("#status update 1 we look", KURT)
    assert desk("#status undo") == ["That can't be undone: alert 1 has changed since. Nothing was changed."]
    assert desk.delivered == ()


def test_undone_move_has_a_higher_sequence(desk: Desk) -> None:
    desk("#status plan 12:00-13:00 upgrade")
    desk("#status plan 1 move 14:00-15:00")
    desk("#status undo")
    one = model.matter(desk.tree, 1)
    assert one
    assert (one.row["start"], one.row["sequence"]) == ("2026-11-16T12:00:00+00:00", 2)


def test_hidden_entry_is_on_no_page(desk: Desk) -> None:
    desk("#success buy at https://spam.example.org", GUEST)
    assert "spam" in desk.public()
    assert "trusted people" in desk("#status hide 1", GUEST)[0]
    assert "spam" in desk.public()
    assert desk("#status hide 1")[0].startswith("Hiding entry 1 (“buy at https://spam.example.org”) is on record.")
    assert "spam" not in desk.public()
    assert len([*model.every_entry(desk.tree)]) == 1
    assert "is hidden already" in desk("#status hide 1")[0]
    assert desk("#status show 1") == ["Entry 1 is shown again on pages and in feeds."]
    assert "spam" in desk.public()
    assert desk("#status show 1") == ["Entry 1 is not hidden."]


def test_hidden_alert_is_open_but_on_no_page() -> None:
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("hook")))
    desk("#status alert gerrit: a secret word")
    desk("#status hide 1")
    assert desk.delivered[0].body["what"] == "hide"  # type: ignore[index, call-overload]
    assert "secret" not in desk.public()
    assert desk.slices()["now"] == {
        "alerts": [],
        "plans": [],
        "over": [],
        "services": dict.fromkeys(("gerrit", "zuul", "wiki"), "operational"),
    }
    assert len(model.open_alerts(desk.tree)) == 1


def test_room_undo_names_the_way_back(desk: Desk) -> None:
    desk("#status alert Gerrit is down")
    assert FINAL in desk("~undo", person("olga"), role=Role.ADMIN)[0]
    assert len(model.open_alerts(desk.tree)) == 1


def test_trusted_with_a_group_hide_only_there(desk: Desk) -> None:
    desk("#status notice @infra the door is open", ADA, room=INFRA)
    desk("#status notice hello")
    assert "trusted people" in desk("#status hide 2", ADA)[0]
    assert "Hiding entry 1" in desk("#status hide 1", ADA, room=INFRA)[0]


def test_withdrawal_is_published() -> None:
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("hook")))
    desk("#status notice hello", MIRA)
    desk("#status undo", MIRA)
    rooms, hook = desk.delivered
    assert (rooms.about, hook.about) == ("rooms:1.undo", "publish:1.undo")
    body = hook.body
    assert isinstance(body, dict)
    assert body["what"] == "undo"
    assert body["entry"]["withdrawn"] is True  # type: ignore[index, call-overload]
