"""The look of tracks and rooms on every page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx.util.docutils import SphinxRole

from ptgbot.chat.urls import safe_url
from ptgbot.gathering.fullness import EVACUATED, FULL
from ptgbot.gathering.schedule import TOGETHER
from ptgbot_site.build.directive import MENTIONS
from ptgbot_site.build.nodes import ptg_inline, ptg_typed
from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.times import clock, weekday
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.icons import icon
from ptgbot_site.gathering.names import ROOMS, TRACKS, room_slugs, track_slugs

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def track(view: View, name: str) -> dict[str, object] | None:
    """Return the data of a track, None if there is no such track."""
    known = view.state.table(TRACKS).get(name)
    return dict(known) if isinstance(known, dict) else None


def meeting(view: View, name: str, room: str | None = None) -> str | None:
    """Return the meeting address of a track: its own, else the one of the room, else None."""
    own = safe_url((track(view, name) or {}).get("url"))
    return own or (room_url(view, room) if room else None)


def room_url(view: View, room: str) -> str | None:
    """Return the meeting address of a room, None if it has none."""
    return safe_url(view.state.row(ROOMS, room).get("url"))


def track_page(view: View, name: str) -> str | None:
    """Return the relative address of a track's page, None if it has none."""
    slug = track_slugs(view.state).get(name)
    return view.page(f"tracks/{slug}") if slug else None


def room_page(view: View, name: str) -> str | None:
    """Return the relative address of a room's page, None if it has none."""
    slug = room_slugs(view.state).get(name)
    return view.page(f"rooms/{slug}") if slug else None


def room_name(view: View, room: str, *classes: str) -> Node:
    """Return the name of a room, linked to its page if it has one."""
    page = room_page(view, room)
    return link(page, plain(room), classes=classes) if page else plain(room, *classes)


def etherpad(view: View, name: str) -> str | None:
    """Return the address of a track's notes, None if it has none."""
    return safe_url((track(view, name) or {}).get("etherpad"))


def badge(view: View, name: str, room: str | None = None, url: str | None = None) -> Node:
    """Return a track in its colour, linked to ``url``, its page or its meeting; or several that share a room."""
    if TOGETHER in name and track(view, name) is None:
        badges = [badge(view, one, room) for one in name.split(TOGETHER)]
        return nodes.inline("", "", *[part for one in badges for part in (nodes.Text(" "), one)][1:])
    classes = ["ptg-badge"]
    colour = (track(view, name) or {}).get("color")
    if isinstance(colour, str) and _COLOUR.fullmatch(colour):
        classes.append(f"ptg-c-{colour[1:]}")
    target = url or track_page(view, name) or meeting(view, name, room)
    if target is None:
        return plain(name, *classes)
    return link(target, ptg_typed("", clean(name)), classes=tuple(classes))


def mention(view: View, name: str) -> Node | None:
    """Return the badge of a track that a text names, None if there is no such track.

    It is linked to the track's page, meeting or notes.
    """
    if track(view, name) is None:
        return None
    return badge(view, name, url=track_page(view, name) or meeting(view, name) or etherpad(view, name))


def call(view: View, name: str, room: str | None = None) -> list[Node]:
    """Return the sign that leads to the meeting of a track; nothing if it has none, or if its badge leads there."""
    url = meeting(view, name, room) if track_page(view, name) else None
    words = nodes.inline("", say("Join %s") % clean(name), classes=["ptg-spoken"])
    return [link(url, icon("video"), words, classes=("ptg-call",))] if url else []


def place(view: View, location: str) -> nodes.Element:
    """Return a location: a room linked to its meeting, or the typed text."""
    url, full = room_url(view, location), crowd(view, location)
    if not full:
        return view.typed(location, "ptg-place") if url is None else link(url, plain(location), classes=("ptg-place",))
    inner: Node = view.typed(location) if url is None else link(url, plain(location))
    return nodes.inline("", "", inner, *full, classes=["ptg-place"])


def crowd(view: View, room: str) -> list[Node]:
    """Return a word for a room that is full or evacuated, nothing for any other room."""
    state = view.state.row(ROOMS, room).get("state")
    if state not in (FULL, EVACUATED):
        return []
    word, look = (say("full"), "ptg-full") if state == FULL else (say("evacuated"), "ptg-evacuated")
    return [nodes.Text(" "), nodes.inline("", word, classes=["ptg-crowd", look])]


def until(over: datetime) -> nodes.inline:
    """Return the day of the week and the time at which something ended."""
    return nodes.inline("", "", nodes.Text(say("until") + f" {weekday(over)} "), clock(over), classes=["ptg-since"])


def colours(state: State) -> Mapping[str, str]:
    """Return the text colour for each colour of a track. Values of another form than ``#rrggbb`` are left out."""
    found: dict[str, str] = {}
    for known in state.table(TRACKS).values():
        row = known if isinstance(known, dict) else {}
        colour, ink = text_of(row, "color"), text_of(row, "ink")
        if _COLOUR.fullmatch(colour) and _COLOUR.fullmatch(ink):
            found[colour] = ink
    return dict(sorted(found.items()))


def colour_sheet(state: State) -> str:
    """Return the style sheet with a class for each colour of a track."""
    return "".join(
        f".ptg-c-{colour[1:]}{{background:{colour};color:{ink}}}\n" for colour, ink in colours(state).items()
    )


class TrackRole(SphinxRole):
    """The role ``:ptg:track:`nova```: the badge of a track, linked to its meeting."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Leave a placeholder: colour and link are looked up when the page is written."""
        name = self.text.strip().removeprefix("#").lower()
        place = ptg_inline("", nodes.Text(name), mentioned=name, uses=[MENTIONS])
        self.set_source_info(place)
        return [place], []
