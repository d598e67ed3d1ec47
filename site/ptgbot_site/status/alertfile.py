"""``alert.json``: the open alerts for scripts of other sites, in the shape of the original's file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ptgbot_site.build.registry import Feed, FeedLink
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say
from ptgbot_site.status.names import NOW, Row, matters, number, page_of, texts, updates

FILE = "alert.json"


def alerts(state: State) -> list[dict[str, object]]:
    """Return the open alerts as scripts see them, the newest first."""
    return [_alert(row, site_url(state)) for row in matters(state, "alerts")]


def _alert(row: Row, site: str) -> dict[str, object]:
    last = updates(row)[:1]
    return {
        "number": number(row),
        "text": clean(text_of(row, "text")),
        "state": text_of(row, "state"),
        "services": [clean(name) for name in texts(row, "services")],
        "since": text_of(row, "at"),
        "updated": text_of(row, "touched"),
        "update": clean(text_of(last[0], "text")) if last else "",
        "url": site + page_of(row) if site else "",
    }


def _files(state: State) -> Mapping[str, bytes]:
    found = alerts(state)
    told = {"alert": found[0]["text"] if found else None, "alerts": found}
    return {FILE: json.dumps(told, ensure_ascii=False).encode() + b"\n"}


FEED = Feed("status alert", (NOW, SITE), _files, [FeedLink(FILE, lambda: say("Data"))], needs=[NOW])
