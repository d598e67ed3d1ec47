"""What is to be pinned in a room, and what the state keeps of it."""

from __future__ import annotations

import pytest

from ptgbot.feature import Feature, Pin
from ptgbot.pinning import KEPT, LEFT, PINNED, SAID, Line, Plan, planned, said, wanted_by
from ptgbot.status.settings import StatusSettings
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import Tree, applied

ROW = Delivery(1, "sign", "say", "mx", "!hall", "closed", about="rooms:1")
PIN = Pin("mx", "!hall", "rooms:1")


@pytest.mark.parametrize(
    ("known", "wanted", "observed", "then", "pinned"),
    [
        pytest.param(SAID, True, "a b", PINNED, "a b us", id="pinned behind those of people"),
        pytest.param(SAID, True, "a us b", PINNED, "a us b", id="pinned before a crash"),
        pytest.param(PINNED, True, "a us", PINNED, "a us", id="as wanted"),
        pytest.param(PINNED, True, "a", LEFT, "a", id="unpinned by hand"),
        pytest.param(LEFT, True, "a", LEFT, "a", id="stays unpinned"),
        pytest.param(LEFT, True, "us", LEFT, "us", id="pinned again by hand"),
        pytest.param(LEFT, False, "us", LEFT, "us", id="a pin of people stays"),
        pytest.param(PINNED, False, "a us b", SAID, "a b", id="over"),
        pytest.param(PINNED, False, "a b", SAID, "a b", id="over and unpinned by hand"),
        pytest.param(SAID, False, "a us b", SAID, "a b", id="over, and pinned before a crash"),
        pytest.param(SAID, False, "a", SAID, "a", id="over, and never pinned"),
    ],
)
def test_plan_for_a_line(known: str, wanted: bool, observed: str, then: str, pinned: str) -> None:
    plan = planned({"sign:1": Line("us", known)}, ["sign:1"] if wanted else [], observed.split())
    assert plan == Plan({"sign:1": Line("us", then)}, tuple(pinned.split()))


def test_lines_of_the_past_are_forgotten() -> None:
    lines = {f"sign:{n}": Line(f"${n}", PINNED) for n in range(KEPT + 3)}
    plan = planned(lines, ["sign:1"], [line.id for line in lines.values()])
    assert [*plan.lines] == ["sign:1", *(f"sign:{n}" for n in range(3, KEPT + 3))]
    assert plan.pinned == ("$1",)


def test_wanted_line_is_noted_with_its_tables() -> None:
    own: Tree = {"progress": {}}
    own = applied(own, said(own, ROW, "$1", [PIN]))
    assert own["pins"] == {"mx": {"!hall": {"sign:rooms:1": {"id": "$1", "is": "said"}}}}
    assert len(said(own, ROW, "$1", [PIN])) == 1


@pytest.mark.parametrize(("line", "wanted"), [("", [PIN]), ("$1", []), ("$1", [Pin("mx", "!hall", "rooms:2")])])
def test_other_lines_are_not_noted(line: str, wanted: list[Pin]) -> None:
    assert said({}, ROW, line, wanted) == []


class Broken(Feature[StatusSettings]):
    """A feature whose pins fail."""

    name = "broken"

    def pins(self, tree: Tree, settings: StatusSettings) -> list[Pin]:
        """Fail."""
        raise ValueError("odd")


def test_feature_that_fails_wants_nothing() -> None:
    assert wanted_by(Broken(), {}, StatusSettings()) == ()
