"""``ptg:rooms``: every room, its description, and its bookings of today."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, heading, items, line, note
from ptgbot_site.build.nodes import ptg_fold, ptg_item, ptg_part, ptg_summary
from ptgbot_site.build.state import text_of
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.days import Day, Slot, code, days, which_day
from ptgbot_site.gathering.icons import icon, spoken
from ptgbot_site.gathering.look import badge, crowd, room_url
from ptgbot_site.gathering.names import CURRENT, DATE, DAYS, ROOMS, SCHEDULE_TODAY, TODAY, TRACKS, room_slugs


class Rooms(StateDirective):
    """Shows each room with its description and its slots of today."""

    kind = "rooms"
    shared = (TRACKS, ROOMS)
    needs = (ROOMS,)
    also = (TRACKS, DAYS, TODAY, CURRENT, DATE, SCHEDULE_TODAY)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of rooms."""
        today = view.state.text(TODAY) or None
        day = next(iter(days(view, today)), None) if today is not None else None
        rows = []
        for room in view.state.table(ROOMS):
            held = day.rooms.get(room, {}) if day else {}
            told = [[slot.name, slot.mark, str(slot.start), slot.desc] for slot in day.slots] if day else []
            rows.append(view.piece(partial(_room, view, day, room), "room", room, held, told))
        which = [which_day(view, day)] if day else []
        return [*which, items(rows, "ptg-cards", "ptg-rooms")] if rows else [note(say("There are no rooms yet."))]


def _room(view: View, day: Day | None, room: str) -> nodes.list_item:
    slug = room_slugs(view.state)[room]
    rows = [_slot(view, day, room, slot) for slot in day.slots if slot.name in day.rooms.get(room, {})] if day else []
    shown: list[nodes.Node] = [room_line(view, room, 2)]
    if rows:
        shown.append(items(rows, "ptg-slots"))
    ways = [(say("All days"), view.page(f"rooms/{slug}")), (say("Door sign"), view.page(f"screen/{slug}"))]
    links = [link(page, plain(word)) for word, page in ways if page]
    if links:
        shown.append(nodes.paragraph("", "", *line(*links).children, classes=["ptg-ways"]))
    return ptg_item("", *shown, ids=[nodes.make_id(f"room-{slug}")], **{"data-room": clean(room)})


def room_line(view: View, room: str, level: int = 0) -> nodes.paragraph:
    """Return the name of a room, linked to its meeting, and its description. A level makes the name a heading."""
    about = view.state.row(ROOMS, room)
    url = room_url(view, room)
    name: nodes.Node = plain(room, "ptg-room")
    named = link(url, name) if url else name
    parts: list[nodes.Node] = [heading(level, named) if level else named]
    parts += crowd(view, room)[1:]
    symbol, capacity = text_of(about, "cap_icon"), text_of(about, "cap_desc")
    words = plain(capacity, "ptg-capacity") if capacity else plain(spoken(symbol), "ptg-spoken")
    if words.astext():
        parts.append(nodes.inline("", "", *([icon(symbol)] if symbol else []), words, classes=["ptg-about"]))
    if text_of(about, "desc"):
        parts.append(plain(text_of(about, "desc"), "ptg-desc"))
    return line(*parts)


def _slot(view: View, day: Day, room: str, slot: Slot) -> nodes.Node:
    track = day.rooms[room].get(slot.name)
    row = line(*slot.label()[:2], *([badge(view, track, room)] if track else []))
    if track:
        row["classes"] += slot.classes
        return row
    return ptg_part("", row, free_slot(view, code(room, slot)), classes=["ptg-free", *slot.classes])


def free_slot(view: View, text: str) -> nodes.Element:
    """Return the word "free", and the code for a booking in a box to open; only the code without our style sheet."""
    shown = nodes.paragraph("", "", free_code(text))
    return ptg_fold("", ptg_summary("", say("free")), shown, classes=["ptg-open"]) if view.rich else shown


def free_code(text: str) -> nodes.literal:
    """Return the code to type for a booking."""
    return nodes.literal("", clean(text), classes=["ptg-code", "ptg-free-code"])
