"""``ptg:screen``: a wall or a door that shows what is on, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.days import Day, Slot, days
from ptgbot_site.directives.base import StateDirective, items, line, note, title
from ptgbot_site.directives.rooms import room_line
from ptgbot_site.nodes import ptg_item, ptg_part
from ptgbot_site.state import TODAY, text_of
from ptgbot_site.times import span
from ptgbot_site.typed import clean, plain
from ptgbot_site.view import View
from ptgbot_site.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Screen(StateDirective):
    """Shows today's slots of all rooms, or of one, in large type; a danger message stands above everything."""

    kind = "screen"
    needs = ("days", "rooms")
    also = ("tracks", "today", "current", "now", "motd", TODAY)
    optional_arguments = 1
    final_argument_whitespace = True

    def given(self) -> dict[str, str]:
        """Return which room was asked for."""
        return {"room": self.arguments[0]} if self.arguments else {}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return messages and slots; the script shows those that run and the next ones."""
        room = view.state.named("rooms", given["room"]) if "room" in given else None
        if "room" in given and room is None:
            return [note(say("There is no room %s in this gathering.") % clean(given["room"]))]
        today = view.state.today()
        day = next(iter(days(view, today)), None) if today is not None else None
        return [*_messages(view), *(_head(view, room)), *_slots(view, day, room)]


def _head(view: View, room: str | None) -> list[nodes.Node]:
    if room is None:
        return []
    about = room_line(view, room)
    # The name stands in the heading already.
    about.pop(0)
    about["classes"].append("ptg-door-about")
    return [title(room), about] if about.astext().strip() else [title(room)]


def _messages(view: View) -> list[nodes.Node]:
    shown: list[nodes.Node] = []
    for row in view.state.rows("motd"):
        alarm = text_of(row, "level") == "danger"
        words = nodes.paragraph("", "", view.typed(text_of(row, "message")))
        shown.append(ptg_part("", words, classes=["ptg-alarm" if alarm else "ptg-news"]))
    return shown


def _slots(view: View, day: Day | None, room: str | None) -> list[nodes.Node]:
    if day is None:
        return [note(say("No day of this gathering is known yet."))]
    shown = [_slot(view, slot, [one for one in day.held(slot) if room in (None, one[1])], room) for slot in day.slots]
    head = title(day.name, 2)
    head["classes"].append("ptg-screen-day")
    return [head, *shown]


def _slot(view: View, slot: Slot, held: Sequence[tuple[str, str]], room: str | None) -> ptg_part:
    head = line(nodes.inline("", "", *span(slot.start, slot.end)) if slot.start else plain(slot.name))
    head["classes"].append("ptg-screen-time")
    now = view.state.table("now") if slot.mark == "ptg-current" else {}
    rows = []
    for track, where in held:
        found = now.get(track)
        topic = text_of(found, "text") if isinstance(found, dict) else ""
        told = (track, where, topic, room is None)
        rows.append(view.piece(partial(_row, view, *told), "screen", *told))
    times = {"data-start": slot.start.isoformat(), "data-end": slot.end.isoformat()} if slot.start and slot.end else {}
    body = items(rows, "ptg-screen-rows") if rows else note(say("Free."))
    return ptg_part("", head, body, classes=["ptg-screen-slot", *slot.classes], **times)


def _row(view: View, track: str, room: str, topic: str, with_room: bool) -> nodes.list_item:
    place = [plain(room, "ptg-room")] if with_room else []
    parts: list[nodes.Node] = [*place, view.badge(track, url=view.track_page(track))]
    if topic:
        parts.append(view.typed(topic, "ptg-topic"))
    return ptg_item("", line(*parts), **{"data-room": view.state.slugs("rooms").get(room, "")})


def setup_screen(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "screen", Screen)
