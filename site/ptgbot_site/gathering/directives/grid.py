"""``ptg:grid``: the rooms of a day side by side, each slot as high as it is long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import items, line, note, title
from ptgbot_site.build.nodes import ptg_item, ptg_part, ptg_scroll
from ptgbot_site.build.times import clock, span
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.cells import GridCell, TimeRow
from ptgbot_site.gathering.days import Day, Slot, days
from ptgbot_site.gathering.directives.compact import Compact, DayForm, no_day, shown_day
from ptgbot_site.gathering.grid import Cell, Grid, Row, grid
from ptgbot_site.gathering.look import badge, crowd, room_name, track_page

STEP = 15
"""Minutes for each step of the height of a row."""
HIGHEST = 12
"""Most steps of the height of a row."""


class GridForm(DayForm):
    """Shows a day as a grid: one column for each room, time from top to bottom, a line at now.

    In other themes than ours it is the compact form.
    """

    kind = "grid"

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the grid, and a list of the items that have no place in it."""
        if not view.rich:
            return Compact.render(view, given)
        day = shown_day(view, given["day"])
        if day is None:
            return no_day(given["day"])
        if not day.rooms:
            return [note(say("No room is open on %s.") % clean(day.name))]
        every = days(view)
        told = [(slot.name, str(slot.start), str(slot.end), slot.mark) for one in every for slot in one.slots]
        return [view.piece(lambda: _whole(view, day, grid(day, every)), "grid", day.name, day.rooms, told)]


def _whole(view: View, day: Day, made: Grid) -> ptg_part:
    shown: list[nodes.Node] = []
    if made.apart:
        rows = [
            _apart(view, track, slot, room) for slot, room in made.apart for track in day.tracks(room, slot) if track
        ]
        shown += [title(say("All day"), 2), items(rows, "ptg-grid-apart")] if rows else []
    if made.columns:
        label = say("Grid of %s") % clean(day.name)
        shown.append(ptg_scroll("", _table(view, day, made), classes=["ptg-grid-box"], label=label))
    return ptg_part("", *(shown or [note(say("No times are known."))]))


def _apart(view: View, track: str, slot: Slot, room: str) -> nodes.list_item:
    when = [nodes.inline("", "", *span(slot.start, slot.end), classes=["ptg-clock"])] if slot.start else []
    parts = [badge(view, track, room, track_page(view, track)), room_name(view, room, "ptg-room"), *when]
    return ptg_item("", line(*parts, plain(slot.name, "ptg-slot-name")), **{"data-track": clean(track)})


def _table(view: View, day: Day, made: Grid) -> nodes.table:
    head = TimeRow("", GridCell("", nodes.paragraph("", say("Time")), scope="col"))
    for room in made.columns:
        head += GridCell("", line(room_name(view, room, "ptg-room"), *crowd(view, room)[1:]), scope="col")
    by_row = {(room, cell.first): cell for room, cells in made.columns.items() for cell in cells}
    starts = {cell.first for cells in made.columns.values() for cell in cells}
    rows = [
        _row(view, day, made, row, [(room, by_row.get((room, number))) for room in made.columns], number in starts)
        for number, row in enumerate(made.rows)
    ]
    columns = [nodes.colspec(colwidth=10) for _ in range(len(made.columns) + 1)]
    group = nodes.tgroup("", *columns, nodes.thead("", head), nodes.tbody("", *rows), cols=len(columns))
    return nodes.table("", group, classes=["ptg-grid-table", "colwidths-auto"])


def _row(view: View, day: Day, made: Grid, row: Row, cells: Sequence[tuple[str, Cell | None]], named: bool) -> TimeRow:
    times, height = _times(view, made, row), min(HIGHEST, -(-(row.end - row.start) // STEP))
    at = datetime.fromisoformat(times["data-start"])
    head = GridCell("", line(clock(at)), scope="row") if named else GridCell("")
    shown = TimeRow("", head, classes=["ptg-fold" if row.folded else f"ptg-h-{height}"], **times)
    shown.extend(_cell(view, day, room, cell) for room, cell in cells if cell)
    return shown


def _times(view: View, made: Grid, row: Row) -> dict[str, str]:
    assert made.date
    zone = view.state.zone
    start, end = (row.at(made.date, minute).replace(tzinfo=zone).isoformat() for minute in (row.start, row.end))
    return {"data-start": start, "data-end": end}


def _cell(view: View, day: Day, room: str, cell: Cell) -> GridCell:
    tracks = [(slot, track) for slot in cell.slots for track in day.tracks(room, slot)]
    marks = dict.fromkeys(mark for slot in cell.slots for mark in slot.classes)
    kind = "ptg-meets-here" if any(track for _, track in tracks) else "ptg-free" if tracks else "ptg-closed"
    boxes = [_box(view, room, slot, track) for slot, track in tracks]
    return GridCell("", *boxes, classes=[kind, *marks], morerows=cell.rows - 1)


def _box(view: View, room: str, slot: Slot, track: str) -> nodes.Node:
    when = nodes.inline("", "", *(span(slot.start, slot.end) if slot.start else ()), classes=["ptg-clock"])
    if not track:
        return ptg_part("", line(nodes.inline("", say("free"), classes=["ptg-free-word"]), when))
    shown = line(badge(view, track, room, track_page(view, track)), when)
    return ptg_part("", shown, **{"data-track": clean(track)})
