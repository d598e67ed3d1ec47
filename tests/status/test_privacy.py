"""Groups that are not public are in no slice and told to no publisher; people are forgotten."""

from __future__ import annotations

import attrs
import pytest

from ptgbot.status import model
from ptgbot.store.edits import ABSENT, Edit, applied, get
from ptgbot.testing import person
from tests.status.desk import ADA, GUEST, INFRA, KURT, MIRA, SETTINGS, Desk, desk, publishers

__all__ = ["desk"]

PRIVATE = (
    "#status alert @infra gerrit: sesame breaks",
    "#status update 1 identified sesame again",
    "#status plan @infra 12:00-13:00 zuul: sesame upgrade",
    "#status plan 2 move 14:00-15:00 sesame later",
    "#status plan 2 cancel sesame never",
    "#status notice @infra sesame opens",
    "#status log @infra sesame closes",
    "#status ok 1 sesame is well",
    "#status after 1 sesame review",
    "#status undo",
    "#status hide 1",
    "#status show 1",
)


def test_private_group_is_in_no_output() -> None:
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("hook", "feed")))
    desk("+subscribe status", GUEST)
    empty = desk.slices()
    for line in PRIVATE:
        assert desk(line, MIRA, room=INFRA) != []
        assert desk.decision
        assert desk.decision.changes
        assert "sesame" not in desk.public()
        assert [one.kind for one in desk.delivered if one.kind != "say"] == []
        assert desk.tells == {}
        assert {name: value for name, value in desk.slices().items() if value != []} == {
            name: value for name, value in empty.items() if value != []
        }
    assert len([*model.every_entry(desk.tree)]) == 9


def test_public_group_is_in_every_output() -> None:
    desk = Desk(attrs.evolve(SETTINGS, publishers=publishers("hook", "feed")))
    desk("#status alert @web gerrit: sesame breaks")
    assert [one.kind for one in desk.delivered] == ["say", "status.publish"]
    assert [len(one.targets) for one in desk.delivered] == [1, 2]
    assert desk.public().count("sesame breaks") >= 5


def test_private_alert_is_listed_where_known(desk: Desk) -> None:
    desk("#status alert @infra sesame breaks", MIRA, room=INFRA)
    assert desk("#status list", MIRA) == ["No alert is open and nothing is planned."]
    assert desk("#status ok 1", MIRA) == ["There is no open alert. Nothing was sent."]
    assert "sesame" in desk("#status list", GUEST, room=INFRA)[0]
    assert "sesame" in desk("#status list", ADA, private=True)[0]
    assert "sesame" not in desk("#status list", GUEST, private=True)[0]


def test_room_of_a_private_group_is_not_named(desk: Desk) -> None:
    desk("#success it works", GUEST, room=INFRA)
    desk("#success here too", GUEST, private=True)
    assert "#infra" not in desk.public()
    assert '"room": ""' in desk.public()


def test_forgotten_person_leaves_no_name(desk: Desk) -> None:
    desk("#status alert Gerrit is down", KURT)
    desk("#success it works", KURT)
    desk("#thanks kurt for it", GUEST)
    desk("#status log hello", MIRA)
    desk("+subscribe status", KURT)
    data = desk.feature.forget(desk.tree, {}, KURT)
    tree = applied(desk.tree, [Edit(place, get(desk.tree, place), ABSENT) for place in data.places])
    assert "kurt" not in str(tree)
    assert [one.row["text"] for one in model.every_entry(tree)] == ["hello", "it works", "Gerrit is down"]
    assert model.public_matter(tree, model.open_alerts(tree)[0])["by"] == ""


def test_linked_person_keeps_entries(desk: Desk) -> None:
    desk("#status alert Gerrit is down", MIRA)
    desk("+subscribe status gerrit", MIRA)
    tree = applied(desk.tree, desk.feature.move(desk.tree, "mira", "@mira:example.org"))
    assert {one.key for one in model.every_entry(tree)} == {"@mira:example.org"}
    assert tree["subscribers"] == {"@mira:example.org": ["gerrit"]}


def test_linked_person_is_trusted_by_either_account(desk: Desk) -> None:
    linked = attrs.evolve(person("kk", "kk"), key="@kurt:example.org", linked="@kurt:example.org")
    assert desk("#status alert x", linked) == ["Alert 1 goes to 3 rooms."]


@pytest.mark.parametrize(
    ("service", "line", "told"),
    [
        ("", "#status alert x", True),
        ("", "#status log x", False),
        ("", "#success x", False),
        (" gerrit", "#status alert gerrit,zuul: x", True),
        (" gerrit", "#status alert zuul: x", False),
        (" gerrit", "#status notice x", False),
    ],
)
def test_subscribers_are_told_in_private(desk: Desk, service: str, line: str, told: bool) -> None:
    assert desk(f"+subscribe status{service}", GUEST)
    desk(line)
    assert list(desk.tells) == (["guest"] if told else [])
    desk("+unsubscribe status", GUEST)
    desk(line)
    assert desk.tells == {}


def test_subscription_to_an_unknown_service(desk: Desk) -> None:
    assert desk("+subscribe status gerit", GUEST) == ["There is no service gerit. Did you mean gerrit?"]
    assert "You have not subscribed" in desk("+unsubscribe status", GUEST)[0]
