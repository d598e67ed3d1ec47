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
from ptgbot_site.contributions.markup import metric_names

_SLICE = "stats.cycle"


def _cycle(view: api.View, track: str) -> Sequence[nodes.Node]:
    """Return the numbers with a link to the page of the module; nothing without such a module."""
    told = view.state.slices.get(f"{_SLICE}:{track.casefold()}")
    module, row = told if isinstance(told, list) and len(told) == 2 else ("", [])
    if view.file("") is None or not isinstance(row, list) or len(row) != 6:
        return []
    release, *numbers = row
    called, names = metric_names(), ("commits", "reviews", "people", "organisations", "days")
    said = [
        f"{called[name]}: {number(one)}"
        for name, one in zip(names, numbers, strict=True)
        if isinstance(one, int | float) and one
    ]
    address = view.file(f"{PATH}/module/{segment(str(module))}.html") or ""
    label = [plain(str(release)) if release else nodes.Text(say("all time"))]
    link = ptg_link("", "", *label, refuri=address, internal=True)
    return [api.title(say("Last cycle"), 2), nodes.paragraph("", "", link, nodes.Text(f" · {' · '.join(said)}"))]


CYCLE = api.Part(_cycle, lambda track: (f"{_SLICE}:{track.casefold()}",), 310)
