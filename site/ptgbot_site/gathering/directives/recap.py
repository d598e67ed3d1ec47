"""``ptg:recap``: the topics that were discussed on a day, from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, items, jump, line, note, title
from ptgbot_site.build.nodes import ptg_item, ptg_items
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import clock, day_name
from ptgbot_site.build.typed import clean, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import dated, say
from ptgbot_site.gathering.look import badge, track_page
from ptgbot_site.gathering.names import DIARY, DISCUSSED, NEWEST, ROOMS, TRACKS, parts_of

if TYPE_CHECKING:
    from sphinx.util.typing import OptionSpec


class Recap(StateDirective):
    """Shows the topics of a day (an ISO date), the newest first, and links to other days.

    Without an argument it shows the last day with topics.
    """

    kind = "recap"
    shared = (TRACKS, ROOMS)
    needs = (DISCUSSED,)
    also = (TRACKS,)
    optional_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"title": directives.flag}

    def uses(self) -> set[str]:
        """Return the slices, including that of its day."""
        return super().uses() | {f"{DIARY}:{self.arguments[0]}" if self.arguments else NEWEST}

    def given(self) -> dict[str, str]:
        """Return the day, and whether it is the title of the page."""
        return {
            **({"day": self.arguments[0]} if self.arguments else {}),
            **({"title": "yes"} if "title" in self.options else {}),
        }

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of topics."""
        known = view.state.names(DISCUSSED)
        day = given.get("day") or (known[-1] if known else None)
        if day is None:
            return [note(say("Nothing has been discussed yet."))]
        said = view.state.table(f"{DIARY}:{day}")
        parts = reversed(parts_of(view.state, f"{DIARY}:{day}"))
        shown = [view.piece(partial(_part, view, part), "part", view.state.digest_of(part)) for part in parts]
        return [
            *_days(view, known, day),
            title(_long(day), 1 if "title" in given else 2),
            items(shown, "ptg-said") if shown else note(say("Nothing was discussed on that day.")),
            *_left_out(said.get("left")),
        ]


def _left_out(number: Json) -> list[nodes.Node]:
    """Return a sentence about older topics of the day that are not listed."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return []
    return [note(say("Earlier topics of the day that are not listed: %d.") % number)]


def _long(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    # Translators: a date by the patterns of Unicode's CLDR, such as Monday, 23 November 2026.
    return dated(day, say("EEEE, d MMMM y"))


def _days(view: View, known: list[str], shown: str) -> list[nodes.Node]:
    jumps: list[nodes.Node] = []
    for day in known:
        address = view.page(f"recap/{day}")
        if address is not None:
            label = nodes.inline("", "", *day_name(day)[1:]) if day_name(day) else plain(day)
            jumps.append(jump(address, [label], *(["ptg-today"] if day == shown else [])))
    return [nodes.paragraph("", "", *line(*jumps).children, classes=["ptg-jumps"])] if jumps else []


def _part(view: View, name: str) -> ptg_items:
    """Return the topics of a part, the newest first."""
    return ptg_items("", *(_topic(view, row) for row in reversed(view.state.rows(name))))


def _topic(view: View, row: Mapping[str, Json]) -> nodes.list_item:
    parts: list[nodes.Node] = []
    if at := view.moment(row.get("at")):
        parts.append(nodes.inline("", "", clock(at), classes=["ptg-since"]))
    track, by = text_of(row, "track"), text_of(row, "by")
    parts += [badge(view, track, url=track_page(view, track)), view.typed(text_of(row, "text"), "ptg-topic")]
    if by:
        parts.append(plain(by, "ptg-by"))
    return ptg_item("", line(*parts), **{"data-track": clean(track)})
