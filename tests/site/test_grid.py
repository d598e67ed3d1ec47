"""The grid and the compact form of a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ptgbot_site.gathering.days import Day, Slot
from ptgbot_site.gathering.grid import ALL_DAY, FOLDED, Grid, grid
from tests.site.whole import Whole, of

MIDNIGHT = datetime.fromisoformat("2027-03-01T00:00:00+01:00")


def slot(name: str, start: str, end: str, days: int = 0) -> Slot:
    first, last = (datetime.fromisoformat(f"2027-03-01T{at}:00+01:00") + timedelta(days=days) for at in (start, end))
    return Slot(name, "", first, last, None)


def day(*slots: Slot, name: str = "Monday", date: str = "2027-03-01", **rooms: dict[str, str]) -> Day:
    return Day(name, date, list(slots), rooms or {"Barn": {one.name: "fox" for one in slots}})


def shown(made: Grid) -> list[tuple[int, int, list[str]]]:
    (cells,) = made.columns.values()
    return [(cell.first, cell.rows, [one.name for one in cell.slots]) for cell in cells]


def test_times_of_all_days_are_rows() -> None:
    monday = day(slot("A", "09:00", "10:00"))
    tuesday = day(slot("B", "08:00", "09:30", 1), name="Tuesday", date="2027-03-02")
    made = grid(monday, [monday, tuesday])
    assert [(row.start, row.end, row.folded) for row in made.rows] == [
        (480, 540, False),
        (540, 570, False),
        (570, 600, False),
    ]
    assert shown(made) == [(0, 1, []), (1, 2, ["A"])]


def test_only_gaps_above_half_an_hour_are_folded() -> None:
    one = day(slot("A", "09:00", "10:00"), slot("B", "10:30", "11:00"), slot("C", "11:31", "12:00"))
    assert [row.folded for row in grid(one, [one]).rows] == [False, False, False, True, False]
    assert FOLDED == 30


def test_overlapping_slots_share_a_cell() -> None:
    one = day(slot("A", "09:00", "10:00"), slot("B", "09:30", "11:00"), slot("C", "11:00", "12:00"))
    assert shown(grid(one, [one])) == [(0, 3, ["A", "B"]), (3, 1, ["C"])]


def test_items_without_place_stand_apart() -> None:
    one = day(
        slot("whole", "08:00", "16:00"),
        slot("late", "08:00", "10:00", days=2),
        slot("back", "10:00", "09:00"),
        Slot("untimed", "soon", None, None, None),
        slot("A", "09:00", "10:00"),
    )
    made = grid(one, [one])
    assert [(held.name, room) for held, room in made.apart] == [
        ("whole", "Barn"),
        ("late", "Barn"),
        ("back", "Barn"),
        ("untimed", "Barn"),
    ]
    assert shown(made) == [(0, 1, ["A"])]
    assert ALL_DAY == 480


MINUTES = st.tuples(st.integers(0, 40 * 60), st.integers(-10, 700))


@given(st.lists(st.lists(MINUTES, max_size=12), min_size=1, max_size=3))
def test_each_row_is_covered_once_by_every_room(times: list[list[tuple[int, int]]]) -> None:
    every = []
    for number, spans in enumerate(times):
        slots = [
            Slot(
                f"{number}-{at}",
                "",
                MIDNIGHT + timedelta(minutes=start),
                MIDNIGHT + timedelta(minutes=start + long),
                None,
            )
            for at, (start, long) in enumerate(spans)
        ]
        rooms = {f"r{room}": {one.name: "" for one in slots[room:]} for room in range(3)}
        every.append(Day(f"d{number}", "2027-03-01", slots, rooms))
    for one in every:
        made = grid(one, every)
        apart = [(held.name, room) for held, room in made.apart]
        for room, cells in made.columns.items():
            assert [cell.first for cell in cells] == [sum(c.rows for c in cells[:at]) for at in range(len(cells))]
            assert sum(cell.rows for cell in cells) == len(made.rows)
            inside = [held.name for cell in cells for held in cell.slots]
            assert sorted([*inside, *(name for name, where in apart if where == room)]) == sorted(one.rooms[room])


def test_sample_grid_shows_every_booking(harbour: Whole) -> None:
    source = harbour.text("schedule/tuesday.html")
    boxes = re.findall(r'<table class="[^"]*ptg-grid-table.*?</table>', source, re.DOTALL)
    table = boxes[0]
    held = len(re.findall(r"data-track=", table))
    assert held == harbour.text("schedule/tuesday.ics").count("BEGIN:VEVENT") > 60
    assert table.count('scope="col"') == 26
    assert (table.count("ptg-fold"), table.count("ptg-h-1")) == (1, 3)
    assert ' style="' not in source


def test_sample_compact_form_has_row_for_each_start(harbour: Whole) -> None:
    page = harbour.page("schedule/tuesday")
    rows = page.texts("ptg-compact-row")
    assert [row[:5] for row in rows] == ["09:00", "11:00", "13:30", "15:15", "17:00"]


def test_odd_times_of_old_documents_are_shown(tmp_path: Path) -> None:
    slots = {
        "Monday": [{"name": "whole day", "desc": "all day"}, {"name": "A", "desc": "23:00-02:00 dancing"}],
        "never": [{"name": f"s{n}", "desc": f"{n % 24:02}:{n % 60:02}-{(n + 1) % 24:02}:00"} for n in range(300)],
    }
    rooms = {
        f"Room {n}": {"whole day": "fox", "A": "owl", **{f"s{m}": "fox" for m in range(n, 300, 7)}} for n in range(40)
    }
    site = of(tmp_path, {"tracks": ["fox"], "dates": {"Monday": "2027-03-01"}, "slots": slots, "schedule": rooms})
    page = site.page("schedule/monday")
    assert page.texts("ptg-grid-apart")[0].startswith("fox Room 0 whole day")
    assert "owl 23:00–02:00" in page.texts("ptg-grid-table")[0]
    assert len(site.page("schedule/never").texts("ptg-compact-row")) == 300


def test_grid_of_unknown_day_says_so(shown: Callable[..., Any]) -> None:
    page = shown(".. ptg:grid:: Sunday\n\n.. ptg:compact:: today", today=None)
    assert page.texts("ptg-nothing") == [
        "There is no day Sunday in this gathering.",
        "No day of this gathering is known yet.",
    ]


def test_grid_names_full_rooms(shown: Callable[..., Any]) -> None:
    rooms = {"Barn": {"url": None, "desc": None, "cap_icon": None, "cap_desc": None, "state": 1}}
    page = shown(".. ptg:grid:: Monday", rooms=rooms)
    assert "Barn full" in page.texts("th")
