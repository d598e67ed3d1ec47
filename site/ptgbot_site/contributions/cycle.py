"""The last cycle of a track, on the track's page: the newest release of the module that has the track's name."""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes

from ptgbot.contributions.page_names import segment
from ptgbot.contributions.pages import PATH
from ptgbot_site.build import api
from ptgbot_site.build.charts import number
from ptgbot_site.build.nodes import ptg_link
from ptgbot_site.build.typed import plain
from ptgbot_site.build.words import say

_SLICE = "stats.cycle"


def _cycle(view: api.View, track: str) -> Sequence[nodes.Node]:
    """Return the numbers with a link to the page of the module; nothing without such a module."""
    told = view.state.slices.get(f"{_SLICE}:{track.casefold()}")
    module, row = told if isinstance(told, list) and len(told) == 2 else ("", [])
    if view.file("") is None or not isinstance(row, list) or len(row) != 6:
        return []
    release, *numbers = row
    commits, reviews, people, organisations, _days = (
        number(one) if isinstance(one, int | float) else "–" for one in numbers
    )
    said = say("{commits} commits, {reviews} reviews by {people} people of {organisations} organisations").format(
        commits=commits, reviews=reviews, people=people, organisations=organisations
    )
    address = view.file(f"{PATH}/module/{segment(str(module))}.html") or ""
    label = [plain(str(release)) if release else nodes.Text(say("all time"))]
    link = ptg_link("", "", *label, refuri=address, internal=True)
    return [api.title(say("Last cycle"), 2), nodes.paragraph("", "", link, nodes.Text(f": {said}"))]


CYCLE = api.Part(_cycle, lambda track: (f"{_SLICE}:{track.casefold()}",), 310)
