"""How single things look on every page: tracks, rooms, places, times."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import datetime

from attrs import field, frozen
from docutils import nodes

from ptgbot.chat.urls import safe_url
from ptgbot_site.fragments import Fragments, digest
from ptgbot_site.nodes import ptg_typed, ptg_written
from ptgbot_site.state import State, text_of
from ptgbot_site.times import moment
from ptgbot_site.typed import clean, link, plain, typed

_COLOUR = re.compile(r"#[0-9a-f]{6}")


@frozen
class View:
    """What a directive needs to show its slices."""

    state: State
    rich: bool
    """Whether our style sheet will be there; without it a page holds one plain form of everything."""
    page: Callable[[str], str | None] = field(default=lambda _name: None)
    """Returns the address of a page as seen from the one that is made, None where there is none."""
    fragments: Fragments | None = None
    """Pieces as they were written last, where pages are made again and again."""
    here: str = ""
    """Where the page stands among the others: pieces with links look the same only there."""

    def piece(self, make: Callable[[], nodes.Element], *shown: object) -> nodes.Element:
        """Return a piece of a page, as it was written last where nothing in it changed.

        ``shown`` is everything that it shows besides tracks and rooms.
        """
        if self.fragments is None:
            return make()
        fragments, state = self.fragments, self.state
        key = digest(self.here, str(state.zone), state.digest_of("tracks"), state.digest_of("rooms"), shown)
        html = fragments.get(key)
        if html is not None:
            return ptg_written("", html=html)
        made = make()
        made["remember"] = functools.partial(fragments.put, key)
        return made

    def track(self, name: str) -> dict[str, object] | None:
        """Return what is known of a track, None where there is no such track."""
        known = self.state.table("tracks").get(name)
        return dict(known) if isinstance(known, dict) else None

    def meeting(self, name: str, room: str | None = None) -> str | None:
        """Return where a track meets: its own address, else the one of the room."""
        own = safe_url((self.track(name) or {}).get("url"))
        return own or (self.room_url(room) if room else None)

    def room_url(self, room: str) -> str | None:
        """Return the meeting address of a room."""
        known = self.state.table("rooms").get(room)
        return safe_url(known.get("url")) if isinstance(known, dict) else None

    def track_page(self, name: str) -> str | None:
        """Return the page of a track."""
        slug = self.state.slugs("tracks").get(name)
        return self.page(f"tracks/{slug}") if slug else None

    def file(self, name: str) -> str | None:
        """Return the address of a file of the site that is no page; None where our files are not made."""
        return (
            "../" * (self.here.count("/") + bool(self.here)) + name if self.rich and self.state.has("meets") else None
        )

    def etherpad(self, name: str) -> str | None:
        """Return the address of a track's notes."""
        return safe_url((self.track(name) or {}).get("etherpad"))

    def badge(self, name: str, room: str | None = None, url: str | None = None) -> nodes.Node:
        """Return a track in its colour, linked to its meeting (or to ``url``)."""
        classes = ["ptg-badge"]
        colour = (self.track(name) or {}).get("color")
        if isinstance(colour, str) and _COLOUR.fullmatch(colour):
            classes.append(f"ptg-c-{colour[1:]}")
        target = url or self.meeting(name, room) or self.track_page(name)
        if target is None:
            return plain(name, *classes)
        return link(target, ptg_typed("", clean(name)), classes=tuple(classes))

    def mention(self, name: str) -> nodes.Node | None:
        """Return the badge of a track that a text names: to its meeting, else to its notes."""
        if self.track(name) is None:
            return None
        return self.badge(name, url=self.meeting(name) or self.track_page(name) or self.etherpad(name))

    def typed(self, text: str, *classes: str) -> ptg_typed:
        """Return a typed text with its links and tracks."""
        return typed(text, self.mention, *classes)

    def place(self, location: str) -> nodes.inline:
        """Return where something is: a room with its meeting address, or what was typed."""
        url = self.room_url(location)
        inner: nodes.Node = self.typed(location) if url is None else link(url, plain(location))
        return nodes.inline("", "", inner, classes=["ptg-place"])

    def moment(self, text: object) -> datetime | None:
        """Return a time in the zone of the gathering."""
        return moment(text, self.state.zone)


def colours(state: State) -> dict[str, str]:
    """Return the colours of the tracks and the colour of text upon each; only values of the right shape."""
    found: dict[str, str] = {}
    for track in state.table("tracks").values():
        row = track if isinstance(track, dict) else {}
        colour, ink = text_of(row, "color"), text_of(row, "ink")
        if _COLOUR.fullmatch(colour) and _COLOUR.fullmatch(ink):
            found[colour] = ink
    return dict(sorted(found.items()))
