"""``ptg:track``: everything about one track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, items, line, note, title
from ptgbot_site.build.nodes import ptg_item, ptg_part
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import clock, span, weekday
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.about import about_track
from ptgbot_site.gathering.bookings import Meeting, meetings
from ptgbot_site.gathering.look import etherpad, meeting, place, until
from ptgbot_site.gathering.names import CURRENT, ROOMS, TOPICS, TRACK, TRACKS, named, track_slugs

if TYPE_CHECKING:
    from sphinx.util.typing import OptionSpec


class Track(StateDirective):
    """Shows one track: its topics, its slots on all days, its notes and meeting, and its people."""

    kind = "track"
    needs = (TRACKS,)
    also = (ROOMS, CURRENT)
    required_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"title": directives.flag}

    def uses(self) -> set[str]:
        """Return the slices, including that of this track."""
        return super().uses() | {f"{TRACK}:{self.arguments[0]}"}

    def given(self) -> dict[str, str]:
        """Return the track, and whether it is the title of the page."""
        return {"name": self.arguments[0], **({"title": "yes"} if "title" in self.options else {})}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the parts, each with a heading."""
        name = named(track_slugs(view.state), given["name"].lower().removeprefix("#"))
        if name is None:
            return [note(say("There is no track %s in this gathering.") % clean(given["name"]))]
        row = view.state.table(f"{TRACK}:{name}")
        level = 1 if "title" in given else 2
        head = [title(name, level)] if "title" in given else []
        parts = [
            *about_track(view, row),
            *_ways(view, name, row),
            *_now(view, row),
            *_next(view, row, level + 1),
            *_slots(view, name, meetings(view, row.get("slots")), level + 1),
            *_people(view, row, level + 1),
            *_talked(view, name, level + 1),
        ]
        return [*head, *parts]


def _ways(view: View, name: str, row: Mapping[str, Json]) -> list[nodes.Node]:
    now = row.get("now")
    room = text_of(now, "location") if isinstance(now, dict) else None
    slug = track_slugs(view.state)[name]
    ways = [
        (say("Join the meeting"), meeting(view, name, room)),
        (say("Notes"), etherpad(view, name)),
        (say("Calendar"), view.file(f"tracks/{slug}.ics")),
    ]
    links = [link(url, plain(word), classes=("ptg-way",)) for word, url in ways if url]
    return [nodes.paragraph("", "", *line(*links).children, classes=["ptg-ways"])] if links else []


def _now(view: View, row: Mapping[str, Json]) -> list[nodes.Node]:
    now = row.get("now")
    if not isinstance(now, dict):
        return [note(say("No topic is set at the moment."))]
    parts: list[nodes.Node] = [view.typed(text_of(now, "text"), "ptg-topic")]
    where, since, over = text_of(now, "location"), view.moment(now.get("since")), view.moment(now.get("over"))
    if over:
        last = line(nodes.inline("", say("Last:"), classes=["ptg-since"]), *parts, until(over))
        return [note(say("No topic is set at the moment.")), last]
    if where:
        parts.append(place(view, where))
    if since:
        parts.append(nodes.inline("", say("since") + " ", clock(since), classes=["ptg-since"]))
    shown = line(*parts)
    shown["classes"].append("ptg-lead")
    return [shown]


def _next(view: View, row: Mapping[str, Json], level: int) -> list[nodes.Node]:
    found = row.get("next")
    texts = found.get("texts") if isinstance(found, dict) else None
    if not isinstance(texts, list) or not texts:
        return []
    topics = [line(view.typed(str(text), "ptg-topic")) for text in texts]
    return [title(say("Next"), level), items(topics, "ptg-topics")]


def _slots(view: View, name: str, booked: Sequence[Meeting], level: int) -> list[nodes.Node]:
    head = title(say("Slots"), level)
    if not booked:
        return [head, note(say("No slot is booked."))]
    boxes = []
    for day, held in groupby(booked, key=lambda one: one.day):
        rows = [_slot(view, one) for one in held]
        top = nodes.paragraph("", "", plain(day), classes=["ptg-day-name"])
        boxes.append(ptg_part("", top, items(rows, "ptg-slots")))
    return [head, ptg_part("", *boxes, classes=["ptg-booked"])]


def _slot(view: View, one: Meeting) -> nodes.Node:
    parts: list[nodes.Node] = []
    if one.start:
        parts.append(nodes.inline("", "", *span(one.start, one.end), classes=["ptg-clock"]))
    parts += [plain(one.slot, "ptg-slot-name"), place(view, one.room)]
    shown = line(*parts)
    if one.slot in view.state.names(CURRENT) and one.runs(view.state.now):
        shown["classes"].append("ptg-current")
    return shown


def _people(view: View, row: Mapping[str, Json], level: int) -> list[nodes.Node]:
    people = row.get("people")
    found = [one for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    if not found:
        return []
    rows = []
    for one in found:
        parts: list[nodes.Node] = [plain(text_of(one, "nick"), "ptg-nick")]
        if since := view.moment(one.get("since")):
            parts.append(nodes.inline("", say("since") + " ", clock(since), classes=["ptg-since"]))
        rows.append(line(*parts))
    return [title(say("Who is there"), level), items(rows, "ptg-people")]


def _talked(view: View, name: str, level: int) -> list[nodes.Node]:
    said = view.state.rows(f"{TOPICS}:{name}")
    rows = [view.piece(partial(_said, view, row), "said", row) for row in reversed(said)]
    return [title(say("What was discussed"), level), items(rows, "ptg-said")] if rows else []


def _said(view: View, row: Mapping[str, Json]) -> ptg_item:
    return ptg_item("", topic_line(view, row))


def topic_line(view: View, row: Mapping[str, Json]) -> nodes.paragraph:
    """Return a topic with the moment when it was set."""
    parts: list[nodes.Node] = []
    if at := view.moment(row.get("at")):
        day = nodes.Text(f"{weekday(at)} ")
        parts.append(nodes.inline("", "", day, clock(at), classes=["ptg-since"]))
    return line(*parts, view.typed(text_of(row, "text"), "ptg-topic"))
