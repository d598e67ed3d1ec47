"""``ptg:tracks``: every track, its next meeting and its page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, entry, items, line, note
from ptgbot_site.build.nodes import ptg_part
from ptgbot_site.build.times import span, weekday
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.bookings import Meeting, meetings, next_meeting
from ptgbot_site.gathering.look import badge, etherpad, meeting, place, track_page
from ptgbot_site.gathering.names import CURRENT, MEETS, ROOMS, TODAY, TRACKS

MANY = 200
"""Most tracks that stand in one list."""
GROUP = 60
"""Tracks in each list where there are more: a browser lays out only the lists in sight. It fills up to six columns."""


class Tracks(StateDirective):
    """Shows each track with its next booking, its notes, and links to its page and calendar."""

    kind = "tracks"
    shared = (TRACKS, ROOMS)
    needs = (TRACKS,)
    also = (MEETS, ROOMS, TODAY, CURRENT)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of tracks."""
        booked = view.state.table(MEETS)
        rows = [_track(view, name, meetings(view, booked.get(name))) for name in view.state.table(TRACKS)]
        if len(rows) <= MANY:
            return [items(rows, "ptg-tracks")] if rows else [note(say("There are no tracks yet."))]
        groups = [items(rows[at : at + GROUP], "ptg-tracks") for at in range(0, len(rows), GROUP)]
        return [ptg_part("", *groups, classes=["ptg-groups"])]


def _track(view: View, name: str, booked: list[Meeting]) -> nodes.Element:
    coming = next_meeting(booked, view.state.now)
    told: list[Json] = [name, len(booked), coming.slot if coming else None, coming.room if coming else None]
    told += [str(coming.start), str(coming.end)] if coming else []
    return view.piece(partial(_item, view, name, len(booked), coming), "track", *told)


def _item(view: View, name: str, slots: int, coming: Meeting | None) -> nodes.list_item:
    page = track_page(view, name)
    head: list[nodes.Node] = [badge(view, name, url=page)]
    if coming:
        parts: list[nodes.Node] = []
        if coming.start:
            parts += [nodes.Text(weekday(coming.start) + " "), *span(coming.start, coming.end), nodes.Text(" ")]
        head.append(nodes.inline("", "", *parts, place(view, coming.room), classes=["ptg-meets"]))
    elif slots:
        head.append(nodes.inline("", say("has met"), classes=["ptg-meets"]))
    else:
        head.append(nodes.inline("", say("no slot booked"), classes=["ptg-meets"]))
    ways = [
        link(url, plain(word))
        for word, url in ((say("Meeting"), meeting(view, name)), (say("Notes"), etherpad(view, name)))
        if url
    ]
    if len(ways) == 1:
        ways[0]["classes"].append("ptg-ways")
        head.append(ways[0])
    elif ways:
        head.append(nodes.inline("", "", *line(*ways).children, classes=["ptg-ways"]))
    return entry(*head, **{"data-track": clean(name)})
