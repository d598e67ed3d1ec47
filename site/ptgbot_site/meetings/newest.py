"""``ptg:meetings``: the newest meetings, the search, and the ways to all lists, on the first page of the archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes

from ptgbot.meetings.archive import SOURCE, Archive
from ptgbot.meetings.archive_index import Row
from ptgbot.meetings.days import Days
from ptgbot_site.build import api
from ptgbot_site.build.directive import jump
from ptgbot_site.build.nodes import ptg_part, ptg_time
from ptgbot_site.build.typed import plain
from ptgbot_site.build.words import say
from ptgbot_site.meetings import days

ARCHIVE = "meetings.archive"
"""The slice with the revision of the archive."""
MOST = 20


class Meetings(api.StateDirective):
    """Shows the newest meetings, the place of the search, and links to all lists."""

    kind = "meetings"
    needs = (ARCHIVE,)
    vanishes = True

    @staticmethod
    def render(view: api.View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the nodes. The meetings come from the archive, of which the slice has the revision only."""
        if not view.rich:
            return []
        rows = _newest(view.state.bulk)
        shown = [nodes.paragraph("", "", *_meeting(view, row)) for row in rows]
        newest = [api.items(shown, "ptg-held")] if shown else [api.note(say("No meeting has ended yet."))]
        place = ptg_part("", classes=["ptg-archive-search"], **{"data-keep": ""})
        return [place, *_ways(view, are_held=bool(rows)), api.title(say("Newest meetings"), 2), *newest]


def _newest(bulk: Path | None) -> list[Row]:
    if bulk is None:
        return []
    try:
        with Archive(bulk / SOURCE).reading() as index:
            return index.rows(most=MOST)
    except sqlite3.DatabaseError:
        # The bot makes a damaged index anew, and raises the revision then.
        return []


def _has_logs(bulk: Path | None) -> bool:
    return bulk is not None and bool(Days(bulk / SOURCE).rooms())


def _meeting(view: api.View, row: Row) -> list[nodes.Node]:
    at = ptg_time("", f"{row.started[:10]} {row.started[11:16]} UTC", datetime=row.started, classes=["ptg-local"])
    address = view.file(f"{row.slug}.html") or ""
    return [at, nodes.Text(" "), jump(address, [plain(row.title)]), nodes.Text(" "), plain(row.room)]


def _ways(view: api.View, *, are_held: bool) -> list[nodes.Node]:
    """Return links to all lists. Those of meetings are made with the first meeting."""
    lists = {
        "months.html": say("By month"),
        "names.html": say("By name"),
        "people.html": say("By person"),
        "actions.html": say("Open actions"),
        "decisions/index.html": say("Decisions"),
        "feed.atom": say("Feed"),
    }
    logs = {f"{days.PATH}/index.html": say("Logs of rooms")} if _has_logs(view.state.bulk) else {}
    ways = {**(lists if are_held else {}), **logs}
    links = [nodes.paragraph("", "", jump(view.file(file) or "", [nodes.Text(words)])) for file, words in ways.items()]
    return [api.items(links, "ptg-row")] if links else []
