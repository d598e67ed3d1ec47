"""Open alerts, and what nobody knows because a server cannot be read, on the first page of the board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from ptgbot.store.edits import Json
from ptgbot_site.build import api
from ptgbot_site.build.markup import EMPTY, cut, joined, name, paragraph, section
from ptgbot_site.build.state import rows_of
from ptgbot_site.build.words import say
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.markup import moment, table

ALERTS: Final = "ci.alerts"
"""The slice of alerts."""


def shown(desk: Desk, state: api.State) -> Markup:
    """Return the part of the page; empty without an alert."""
    told = state.table(ALERTS)
    heads = [say("Alert"), say("State"), say("Since"), say("Known to")]
    rows = [_row(desk, row) for row in rows_of(told.get("open"))]
    return _unread(told.get("unread")) + section(say("Open alerts"), table(say("Open alerts"), heads, rows))


def _unread(servers: Json) -> Markup:
    if not isinstance(servers, dict) or not servers:
        return EMPTY
    said = joined((name(server) + " (" + _moment(since) + ")" for server, since in servers.items()), ", ")
    words = say("These servers cannot be read, so the pages may be old:")
    return paragraph(Markup("{} {}").format(words, said), "ci-loud")


def _row(desk: Desk, row: dict[str, Json]) -> Sequence[Markup | str]:
    about = str(row.get("name"))
    is_ci = about in desk.shown
    server = str(row.get("server") or "")
    label = desk.to_account(about, "") if is_ci else desk.to_project(server, about, "") if server else name(about)
    return [label, cut(str(row.get("text")), 200), _moment(row.get("since")), _known_to(row)]


def _known_to(row: dict[str, Json]) -> Markup | str:
    acked, muted = row.get("acked"), row.get("muted")
    if isinstance(acked, dict):
        by = say("{by} knows, until").format(by=cut(str(acked.get("by")), 40))
        return Markup("{} {} {}").format(by, _moment(acked.get("until")), cut(str(acked.get("reason") or "")))
    if isinstance(muted, dict):
        reason = cut(str(muted.get("reason") or ""))
        return Markup("{} {} {}").format(say("Maintenance until"), _moment(muted.get("until")), reason)
    return say("nobody yet")


def _moment(at: Json) -> Markup:
    try:
        return moment(int(datetime.fromisoformat(str(at)).timestamp()))
    except ValueError:
        return EMPTY
