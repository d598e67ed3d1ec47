"""``ptg:offline``: the pages that are kept on the device of the visitor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective, items, jump
from ptgbot_site.build.nodes import ptg_part
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.gathering.names import DAYS, day_slugs


class Offline(StateDirective):
    """Shows links to the pages of the days; on the bot's own pages a script tells how much is kept on the device."""

    kind = "offline"
    needs = (DAYS,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return the place that the script fills, and a list of links."""
        days = [(name, view.page(f"schedule/{slug}")) for name, slug in day_slugs(view.state).items()]
        rows = [nodes.paragraph("", "", jump(page, [plain(name)])) for name, page in days if page]
        place = [ptg_part("", classes=["ptg-offline-told"], **{"data-keep": ""})] if view.rich else []
        return [*place, items(rows, "ptg-search-pages")]
