"""``ptg:tracks``: every track, when and where it meets next, and its page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot.store.edits import Json
from ptgbot_site.directives.base import StateDirective, items, line, note
from ptgbot_site.meetings import Meeting, meetings, next_meeting
from ptgbot_site.nodes import ptg_item
from ptgbot_site.times import span, weekday
from ptgbot_site.typed import clean, link, plain
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Tracks(StateDirective):
    """Shows each track with the next slot it has booked, its notes, and the way to its page and calendar."""

    kind = "tracks"
    needs = ("tracks",)
    also = ("meets", "rooms", "today", "current")

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of tracks."""
        booked = view.state.table("meets")
        rows = [_track(view, name, meetings(view, booked.get(name))) for name in view.state.table("tracks")]
        return [items(rows, "ptg-tracks")] if rows else [note(say("There are no tracks yet."))]


def _track(view: View, name: str, booked: list[Meeting]) -> nodes.Element:
    coming = next_meeting(booked, view.state.now)
    told: list[Json] = [name, len(booked), coming.slot if coming else None, coming.room if coming else None]
    told += [str(coming.start), str(coming.end)] if coming else []
    return view.piece(partial(_item, view, name, len(booked), coming), "track", *told)


def _item(view: View, name: str, slots: int, coming: Meeting | None) -> nodes.list_item:
    page = view.track_page(name)
    head: list[nodes.Node] = [view.badge(name, url=page)]
    if coming:
        parts: list[nodes.Node] = []
        if coming.start:
            parts += [nodes.Text(weekday(coming.start) + " "), *span(coming.start, coming.end), nodes.Text(" ")]
        head.append(nodes.inline("", "", *parts, view.place(coming.room), classes=["ptg-meets"]))
    elif slots:
        head.append(nodes.inline("", say("has met"), classes=["ptg-meets"]))
    else:
        head.append(nodes.inline("", say("no slot booked"), classes=["ptg-meets"]))
    ways = [
        link(url, plain(word))
        for word, url in ((say("Meeting"), view.meeting(name)), (say("Notes"), view.etherpad(name)))
        if url
    ]
    if ways:
        head.append(nodes.inline("", "", *line(*ways).children, classes=["ptg-ways"]))
    return ptg_item("", line(*head), **{"data-track": clean(name)})


def setup_tracks(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "tracks", Tracks)
