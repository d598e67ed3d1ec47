"""``ptg:days``: links to the schedule of each day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, jump
from ptgbot_site.build.state import text_of
from ptgbot_site.build.times import day_name
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import DAYS, TODAY, day_slugs


class Days(StateDirective):
    """Shows a link to the page of each day; today is marked, and the day whose page it is.

    Nothing where days have no pages of their own.
    """

    kind = "days"
    needs = (DAYS,)
    also = (TODAY,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return one paragraph of links."""
        today, shown = view.state.text(TODAY), nodes.paragraph("", "", classes=["ptg-jumps"])
        slugs = day_slugs(view.state)
        for row in view.state.rows(DAYS):
            name = text_of(row, "name")
            address = view.page(f"schedule/{slugs[name]}")
            if address is None:
                continue
            label = [plain(name), *day_name(text_of(row, "date"))]
            classes = ["ptg-today"] if name == today else []
            day = jump(address, label, *classes)
            shown += [nodes.Text(" "), day] if len(shown) else [day]
        if len(shown) and (week := view.page("week")):
            shown += [nodes.Text(" "), jump(week, [plain(say("Whole week"))], "ptg-whole")]
        return [shown] if len(shown) else []
