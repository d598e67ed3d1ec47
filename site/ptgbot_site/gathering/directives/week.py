"""``ptg:week``: all days in one table, for one sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, line, note
from ptgbot_site.build.nodes import ptg_header, ptg_scroll
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.days import RUNNING, Day, Slot, dated_name, days
from ptgbot_site.gathering.look import badge
from ptgbot_site.gathering.names import CURRENT, DAY, DAYS, ROOMS, TODAY, TRACKS


class Week(StateDirective):
    """Shows all days side by side: a row for each room, a column for each slot."""

    kind = "week"
    needs = (DAYS, ROOMS)
    also = (TRACKS, TODAY, CURRENT, f"{DAY}:*")

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return one table."""
        shown = [day for day in days(view) if day.rooms]
        if not shown:
            return [note(say("This gathering has no days yet."))]
        label = say("Schedule of all days")
        return [ptg_scroll("", _table(view, shown), classes=["ptg-by-room"], label=label, ids=[f"{given['id']}-rooms"])]


def _table(view: View, shown: Sequence[Day]) -> nodes.table:
    rooms = dict.fromkeys(room for day in shown for room in day.rooms)
    width = sum(len(day.slots) for day in shown)
    columns = [nodes.colspec(colwidth=12) for _ in range(width + 1)]
    columns[0]["stub"] = 1
    body = nodes.tbody("", *(_row(view, shown, room) for room in rooms))
    head = _head(shown) if view.rich else [_plain_head(shown)]
    group = nodes.tgroup("", *columns, nodes.thead("", *head), body, cols=width + 1)
    return nodes.table("", group, classes=["ptg-table", "ptg-all-days", "colwidths-auto"])


def _head(shown: Sequence[Day]) -> list[nodes.row]:
    names = nodes.row("", ptg_header("", nodes.paragraph("", say("Day")), scope="col"))
    slots = nodes.row("", _room_head())
    for day in shown:
        more = {"morecols": len(day.slots) - 1} if len(day.slots) > 1 else {}
        name = nodes.paragraph("", "", plain(dated_name(day)))
        names += ptg_header("", name, scope="colgroup", classes=["ptg-first"], **more)
        for at, slot in enumerate(day.slots):
            slots += ptg_header("", line(*slot.label()[:1]), scope="col", classes=_looks(at, [slot]))
    return [names, slots]


def _plain_head(shown: Sequence[Day]) -> nodes.row:
    """Return a head without cells that span columns, which some formats do not know."""
    names = [plain(slot.name) for day in shown for slot in day.slots]
    return nodes.row("", _room_head(), *(ptg_header("", nodes.paragraph("", "", one), scope="col") for one in names))


def _room_head() -> ptg_header:
    return ptg_header("", nodes.paragraph("", say("Room")), scope="col")


def _row(view: View, shown: Sequence[Day], room: str) -> nodes.row:
    row = nodes.row("", ptg_header("", nodes.paragraph("", "", plain(room, "ptg-room")), scope="row"))
    for day in shown:
        held, at = day.rooms.get(room, {}), 0
        for slots in day.runs(room) if view.rich else [[slot] for slot in day.slots]:
            track = held.get(slots[0].name)
            more = {"morecols": len(slots) - 1} if len(slots) > 1 else {}
            cell = nodes.entry("", nodes.paragraph("", "", _cell(view, track)), classes=_looks(at, slots), **more)
            if track is None:
                cell["classes"].append("ptg-closed")
            row += cell
            at += len(slots)
    return row


def _cell(view: View, track: str | None) -> nodes.Node:
    if track:
        return badge(view, track)
    return plain(say("free"), "ptg-untaken") if track == "" else plain(say("closed"), "ptg-spoken")


def _looks(at: int, slots: Sequence[Slot]) -> list[str]:
    """Return the classes of a cell. The first slot of a day has a line before it."""
    runs = any(slot.mark == RUNNING for slot in slots)
    return [*(["ptg-first"] if at == 0 else []), *([RUNNING] if runs else [])]
