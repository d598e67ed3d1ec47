"""``ptg:days``: the way to the schedule of each day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.directives.base import StateDirective
from ptgbot_site.state import text_of
from ptgbot_site.times import day_name
from ptgbot_site.typed import plain
from ptgbot_site.view import View

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Days(StateDirective):
    """Shows a link to the page of each day; today is marked. Nothing where days have no pages of their own."""

    kind = "days"
    needs = ("days",)
    also = ("today",)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return one paragraph of links."""
        today, shown = view.state.today(), nodes.paragraph("", "", classes=["ptg-jumps"])
        slugs = view.state.slugs("days")
        for row in view.state.rows("days"):
            name = text_of(row, "name")
            address = view.page(f"schedule/{slugs[name]}")
            if address:
                label = [plain(name), *day_name(text_of(row, "date"))]
                classes = ["ptg-today"] if name == today else []
                link = nodes.reference("", "", *label, refuri=address, internal=True, classes=classes)
                shown += [nodes.Text(" "), link] if len(shown) else [link]
        return [shown] if len(shown) else []


def setup_days(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive_to_domain("ptg", "days", Days)
