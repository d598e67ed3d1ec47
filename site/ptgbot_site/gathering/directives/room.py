"""``ptg:room``: everything about one room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ptgbot.chat.urls import safe_url
from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, items, jump, line, note, title
from ptgbot_site.build.nodes import ptg_item
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import day_name, span
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.days import RUNNING
from ptgbot_site.gathering.directives.rooms import room_line
from ptgbot_site.gathering.look import badge, room_url, track_page
from ptgbot_site.gathering.names import CURRENT, DAYS, PROGRAMME, ROOMS, TODAY, TRACKS, day_slugs, named, room_slugs

if TYPE_CHECKING:
    from sphinx.util.typing import OptionSpec


class Room(StateDirective):
    """Shows one room: its description, where it is, and its slots on all days."""

    kind = "room"
    shared = (TRACKS, ROOMS, DAYS)
    needs = (ROOMS, DAYS)
    also = (TRACKS, TODAY, CURRENT)
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {"title": directives.flag}

    def uses(self) -> set[str]:
        """Return the slices, including the slots of this room."""
        return super().uses() | {f"{PROGRAMME}:{self.arguments[0]}"}

    def given(self) -> dict[str, str]:
        """Return the room, and whether it is the title of the page."""
        return {"name": self.arguments[0], **({"title": "yes"} if "title" in self.options else {})}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the description, and the slots of each day below a heading."""
        name = named(room_slugs(view.state), given["name"])
        if name is None:
            return [note(say("There is no room %s in this gathering.") % clean(given["name"]))]
        level = 1 if "title" in given else 2
        head = [title(name, level)] if "title" in given else []
        return [*head, *_about(view, name, given), *_days(view, name, level + 1)]


def _about(view: View, room: str, given: Mapping[str, Any]) -> list[nodes.Node]:
    """Return description, place and links of a room. Its name is left out below a heading that says it."""
    row = view.state.row(ROOMS, room)
    about = room_line(view, room)
    if "title" in given:
        about.pop(0)
    about["classes"].append("ptg-room-about")
    shown: list[nodes.Node] = [about] if about.astext().strip() else []
    if place := text_of(row, "place"):
        shown.append(nodes.paragraph("", "", view.typed(place), classes=["ptg-room-place"]))
    slug = room_slugs(view.state)[room]
    ways = [
        (say("Join the meeting"), room_url(view, room)),
        (say("Map"), safe_url(row.get("map"))),
        (say("Calendar"), view.file(f"rooms/{slug}.ics")),
        (say("Door sign"), view.page(f"screen/{slug}")),
    ]
    links = [link(url, plain(word), classes=("ptg-way",)) for word, url in ways if url]
    return [*shown, nodes.paragraph("", "", *line(*links).children, classes=["ptg-ways"])] if links else shown


def _days(view: View, room: str, level: int) -> list[nodes.Node]:
    rows = view.state.rows(f"{PROGRAMME}:{room}")
    if not rows:
        return [note(say("This room is not open."))]
    dates = {text_of(day, "name"): text_of(day, "date") for day in view.state.rows(DAYS)}
    shown: list[nodes.Node] = []
    for day, found in groupby(rows, key=lambda row: text_of(row, "day")):
        shown += [_heading(view, day, dates.get(day, ""), level), _day(view, room, day, list(found))]
    return shown


def _heading(view: View, day: str, date: str, level: int) -> nodes.rubric:
    slug = day_slugs(view.state).get(day)
    page = view.page(f"schedule/{slug}") if slug else None
    label = [plain(day), *day_name(date)]
    head = nodes.rubric("", "", *([jump(page, label)] if page else label))
    head["heading-level"] = level
    return head


def _day(view: View, room: str, day: str, rows: Sequence[dict[str, Json]]) -> nodes.Element:
    current = view.state.names(CURRENT) if day == view.state.text(TODAY) else []
    made = [(row, text_of(row, "slot") in current) for row in rows]
    shown = [view.piece(partial(_slot, view, room, row, runs), "room slot", room, row, runs) for row, runs in made]
    return items(shown, "ptg-slots")


def _slot(view: View, room: str, row: dict[str, Json], runs: bool) -> nodes.list_item:
    track, slot = text_of(row, "track"), text_of(row, "slot")
    start, end = view.moment(row.get("start")), view.moment(row.get("end"))
    parts: list[nodes.Node] = [nodes.inline("", "", *span(start, end), classes=["ptg-clock"])] if start else []
    parts.append(plain(slot, "ptg-slot-name"))
    if track:
        parts.append(badge(view, track, room, url=track_page(view, track)))
    else:
        free = nodes.literal("", clean(f"{room}-{slot}"), classes=["ptg-code", "ptg-free-code"])
        parts += [nodes.inline("", say("free"), classes=["ptg-free-word"]), free]
    shown = line(*parts)
    shown["classes"] += [RUNNING] if runs else []
    return ptg_item("", shown)
