"""Links at the end of the page of a day."""

from __future__ import annotations

from docutils import nodes

from ptgbot_site.build.typed import link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say


def calendar_of_day(view: View, slug: str) -> list[nodes.Node]:
    """Return the link to the calendar of a day; nothing if such files are not made."""
    file = view.file(f"schedule/{slug}.ics")
    if file is None:
        return []
    way = link(file, plain(say("Calendar of this day")), classes=("ptg-way",))
    return [nodes.paragraph("", "", way, classes=["ptg-ways"])]
