"""What is over costs nothing: values made of tables of the record are made anew only for tables that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ptgbot.status import model
from ptgbot.status.model import OfTable
from tests.status.desk import Desk, desk

__all__ = ["desk"]


def test_value_of_a_table_is_made_once(desk: Desk) -> None:
    made: list[int] = []

    def size(table: Mapping[str, Any]) -> int:
        made.append(len(table))
        return len(table)

    value = OfTable[int](size)
    desk("#status alert x")
    tables: list[Any] = [desk.tree["matters"]]
    desk("#success it works")
    tables.append(desk.tree["matters"])
    assert [value(table) for table in tables] == [1, 1]
    assert made == [1]
    desk("#status alert y")
    assert value(desk.tree["matters"]) == 2  # type: ignore[arg-type]
    assert made == [1, 2]


def test_ended_alerts_are_not_looked_at_again(desk: Desk) -> None:
    for number in range(1, 6):
        desk(f"#status alert x{number}")
        desk(f"#status ok {number}")
    assert desk.feature.due(desk.tree, desk.settings) is None
    rows = desk.tree["matters"]
    assert isinstance(rows, dict)
    rows["1"] = None  # It would fail now if it were looked at.
    desk("#success it works")
    assert desk.feature.due(desk.tree, desk.settings) is None
    assert model.open_alerts(desk.tree) == []


def test_person_is_shown_over_months(desk: Desk) -> None:
    for days in (0, 31, 31):
        desk(f"#thanks kurt for day {days}", minutes=days * 1440 + 1)
    texts = [row["text"] for row in desk.slices()["person:kurt"]]  # type: ignore[index, union-attr, call-overload]
    assert texts == ["kurt for day 0", "kurt for day 31", "kurt for day 31"]
    assert desk.slices()["names"] == ["mira", "kurt"]
