"""``ptg:screen``: running and next slots, for a screen on a wall or at a door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from docutils import nodes

from ptgbot.gathering.model import WHOLE_SCREEN
from ptgbot_site.build.directive import StateDirective, items, line, note, title
from ptgbot_site.build.nodes import ptg_item, ptg_part
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import span
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.days import RUNNING, Day, Slot, dated_name, days
from ptgbot_site.gathering.directives.motd import DANGER, message
from ptgbot_site.gathering.directives.rooms import room_line
from ptgbot_site.gathering.look import badge, crowd, track_page
from ptgbot_site.gathering.names import (
    CURRENT,
    DAYS,
    DOOR,
    MOTD,
    NOW,
    ROOMS,
    SCHEDULE_TODAY,
    TODAY,
    TRACKS,
    named,
    room_slugs,
)

SHORT = 120
"""Most characters of danger messages that fit on a third of a screen in large type."""


class Screen(StateDirective):
    """Shows today's slots of all rooms, or of one, in large type.

    Danger messages take a third of the screen, or all of it if the operator asked for that.
    """

    kind = "screen"
    shared = (TRACKS, ROOMS)
    needs = (DAYS, ROOMS)
    also = (TRACKS, TODAY, CURRENT, MOTD)
    optional_arguments = 1
    final_argument_whitespace = True

    def uses(self) -> set[str]:
        """Return the slices, including that of the room or those of all rooms."""
        return super().uses() | ({f"{DOOR}:{self.arguments[0]}"} if self.arguments else {SCHEDULE_TODAY, NOW})

    def given(self) -> dict[str, str]:
        """Return the room, if one was named."""
        return {"room": self.arguments[0]} if self.arguments else {}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return messages and slots. The script of the page chooses the running and the next slots."""
        room = named(room_slugs(view.state), given["room"]) if "room" in given else None
        if "room" in given and room is None:
            return [note(say("There is no room %s in this gathering.") % clean(given["room"]))]
        today = view.state.text(TODAY) or None
        day = next((day for day in days(view, today) if today is not None), None)
        if day is None:
            return [*_messages(view), note(say("No day of this gathering is known yet."))]
        slots = _all_rooms(view, day) if room is None else _one_room(view, day, room)
        head = title(dated_name(day), 2)
        head["classes"].append("ptg-screen-day")
        return [*_messages(view), *_head(view, room), head, *slots]


def _head(view: View, room: str | None) -> list[nodes.Node]:
    if room is None:
        return []
    about = room_line(view, room)
    # The name stands in the heading already.
    about.pop(0)
    about["classes"].append("ptg-door-about")
    return [title(room), about] if about.astext().strip() else [title(room)]


def _messages(view: View) -> list[nodes.Node]:
    rows = view.state.rows(MOTD)
    danger = [row for row in rows if text_of(row, "level") == DANGER]
    whole = any(row.get("screen") == WHOLE_SCREEN for row in danger)
    words = [nodes.paragraph("", "", view.typed(text_of(row, "message"))) for row in danger]
    looks = [*(["ptg-whole"] if whole else []), *(["ptg-long"] if sum(map(_length, words)) > SHORT else [])]
    alarm = [ptg_part("", *words, classes=["ptg-alarm", *looks])] if words else []
    news = [message(view, text_of(row, "level"), text_of(row, "message")) for row in rows if row not in danger]
    for one in news:
        one["classes"].append("ptg-news")
    return [*alarm, *news]


def _length(words: nodes.Node) -> int:
    return len(words.astext())


def _all_rooms(view: View, day: Day) -> list[nodes.Node]:
    now = view.state.table(NOW)
    shown: list[nodes.Node] = []
    for slot in day.slots:
        rows = []
        for track, room in day.held(slot):
            found = now.get(track) if slot.mark == RUNNING else None
            live = isinstance(found, dict) and view.moment(found.get("over")) is None
            topic = text_of(found, "text") if isinstance(found, dict) and live else ""
            rows.append(view.piece(partial(_row, view, track, room, topic, True), "screen", track, room, topic))
        shown.append(_slot(slot, rows))
    return shown


def _one_room(view: View, day: Day, room: str) -> list[nodes.Node]:
    row = view.state.table(f"{DOOR}:{room}")
    told = row.get("slots")
    held = {text_of(one, "slot"): one for one in told if isinstance(one, dict)} if isinstance(told, list) else {}
    shown: list[nodes.Node] = []
    for slot in day.slots:
        if (one := held.get(slot.name)) is not None:
            track = text_of(one, "track")
            shown.append(_slot(slot, [_row(view, track, room, text_of(one, "topic"), False)] if track else []))
    return shown


def _slot(slot: Slot, rows: Sequence[nodes.Node]) -> ptg_part:
    head = line(nodes.inline("", "", *span(slot.start, slot.end)) if slot.start else plain(slot.name))
    head["classes"].append("ptg-screen-time")
    times = {"data-start": slot.start.isoformat(), "data-end": slot.end.isoformat()} if slot.start and slot.end else {}
    body = items(rows, "ptg-screen-rows") if rows else note(say("Free."))
    return ptg_part("", head, body, classes=["ptg-screen-slot", *slot.classes], **times)


def _row(view: View, track: str, room: str, topic: str, with_room: bool) -> nodes.list_item:
    place = [plain(room, "ptg-room"), *crowd(view, room)[1:]] if with_room else []
    parts: list[nodes.Node] = [*place, badge(view, track, url=track_page(view, track))]
    if topic:
        parts.append(view.typed(topic, "ptg-topic"))
    return ptg_item("", line(*parts), **{"data-room": room_slugs(view.state).get(room, "")})
