"""The last cycle of a track, on the track's page, and in the recap of a day how many people took part.

The last cycle is the newest release of the module that has the track's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes

from ptgbot.contributions.page_names import PATH, segment
from ptgbot_site.build import api
from ptgbot_site.build.charts import number
from ptgbot_site.build.nodes import ptg_link
from ptgbot_site.build.typed import plain
from ptgbot_site.build.words import say
from ptgbot_site.contributions.markup import metric_names

_SLICE = "stats.cycle"
_DAY = "stats.day"


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


def _took_part(view: api.View, day: str) -> Sequence[nodes.Node]:
    """Return how many people took part on a day, and for how many organisations; nothing if few did."""
    told = view.state.slices.get(f"{_DAY}:{day}")
    numbers = [one for one in told if isinstance(one, int)] if isinstance(told, list) else []
    if len(numbers) != 2:
        return []
    called = metric_names()
    said = f"{called['people']}: {numbers[0]} · {called['organisations']}: {numbers[1]}"
    return [api.title(say("Who took part"), 2), nodes.paragraph("", said)]


TOOK_PART = api.Part(_took_part, lambda day: (f"{_DAY}:{day}",), 310)
