"""``ptg:recap``: what was discussed on a day, from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ptgbot.store.edits import Json
from ptgbot_site.directives.base import StateDirective, items, line, note, title
from ptgbot_site.nodes import ptg_item
from ptgbot_site.state import NEWEST, RECAP, text_of
from ptgbot_site.times import clock, day_name
from ptgbot_site.typed import clean, plain
from ptgbot_site.view import View
from ptgbot_site.words import dated, say

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec


class Recap(StateDirective):
    """Shows the topics of a day (an ISO date), the newest first, and the way to other days.

    Without a day the last one on which there were any.
    """

    kind = "recap"
    needs = ("recap",)
    also = ("tracks",)
    optional_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"title": directives.flag}

    def uses(self) -> set[str]:
        """Return the slice of its day as well."""
        return super().uses() | {RECAP + self.arguments[0] if self.arguments else NEWEST}

    def given(self) -> dict[str, str]:
        """Return which day was asked for."""
        return {
            **({"day": self.arguments[0]} if self.arguments else {}),
            **({"title": "yes"} if "title" in self.options else {}),
        }

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of topics."""
        known = view.state.names("recap")
        day = given.get("day") or (known[-1] if known else None)
        if day is None:
            return [note(say("Nothing has been discussed yet."))]
        rows = view.state.rows(RECAP + day)
        shown = [view.piece(partial(_topic, view, row), "said", row) for row in reversed(rows)]
        return [
            *_days(view, known, day),
            title(_long(day), 1 if "title" in given else 2),
            items(shown, "ptg-said") if shown else note(say("Nothing was discussed on that day.")),
        ]


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
        if address := view.page(f"recap/{day}"):
            label = nodes.inline("", "", *day_name(day)[1:]) if day_name(day) else plain(day)
            classes = ["ptg-today"] if day == shown else []
            jumps.append(nodes.reference("", "", label, refuri=address, internal=True, classes=classes))
    return [nodes.paragraph("", "", *line(*jumps).children, classes=["ptg-jumps"])] if jumps else []


def _topic(view: View, row: Mapping[str, Json]) -> nodes.list_item:
    parts: list[nodes.Node] = []
    if at := view.moment(row.get("at")):
        parts.append(nodes.inline("", "", clock(at), classes=["ptg-since"]))
    track, by = text_of(row, "track"), text_of(row, "by")
    parts += [view.badge(track, url=view.track_page(track)), view.typed(text_of(row, "text"), "ptg-topic")]
    if by:
        parts.append(plain(by, "ptg-by"))
    return ptg_item("", line(*parts), **{"data-track": clean(track)})


def setup_recap(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "recap", Recap)
