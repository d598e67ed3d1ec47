"""Texts of posts on Mastodon: what happened, cut to the length that the server allows, and the number of the entry.

A post ends with the number of its entry in brackets. By this number the bot finds its own posts again, so it needs no
memory of them.
"""

from __future__ import annotations

import html
import re
from datetime import datetime

from ptgbot.status.publishers.announcement import UNDO, Announcement

_LINK = re.compile(r"https?://\S+")
_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"\[(\d+)\]\s*$")
# A word joiner behind the sign: the text looks the same, and nobody is mentioned by accident.
_MENTION = re.compile(r"(?<![\w/.])@(?=\w)")

SILENT = frozenset({"log", "success", "thanks"})
"""Kinds of entries that are not posted."""
_WORDS = {
    "open": "Update",
    "identified": "Cause found",
    "monitoring": "Fix in place, watching",
    "resolved": "Resolved",
    "planned": "Planned",
    "moved": "Moved",
    "extended": "Extended",
    "running": "Begun",
    "done": "Done",
    "cancelled": "Cancelled",
}


def post_text(told: Announcement, limit: int, per_link: int) -> str:
    """Return the text of the post about an entry.

    Args:
        told: the announcement.
        limit: most characters of a post, as the server counts them.
        per_link: characters that the server counts for a link, however long it is.
    """
    lead = _lead(told)
    text = _MENTION.sub("@\u2060", f"{lead}: {told.text}" if lead and told.text else lead or told.text)
    end = f" [{told.number}]"
    return _cut(text, limit - len(end), per_link) + end


def _lead(told: Announcement) -> str:
    """Return the words before the text."""
    state, services = str(told.entry.get("state", "")), ", ".join(told.entry.get("services", ()))
    words = {
        "alert": "Alert",
        "notice": "",
        "update": _WORDS.get(state, "Update"),
        "ok": "Resolved",
        "after": "Review",
        "plan": _WORDS.get(state, "Planned"),
    }.get(told.kind, "")
    if told.kind == "plan" and told.matter and {"start", "end"} <= told.matter.keys():
        words += f" {_span(str(told.matter['start']), str(told.matter['end']))}"
    if services and words:
        words += f" ({services})"
    if told.kind == "ok" and not told.text and told.matter:
        words += f": {told.matter['text']}"
    return " – ".join(filter(None, ["Withdrawn" if told.what == UNDO else "", words]))


def _span(start: str, end: str) -> str:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    form = "%H:%M" if first.date() == last.date() else "%Y-%m-%d %H:%M"
    return f"{first:%Y-%m-%d %H:%M}–{last:{form}} UTC"


def length(text: str, per_link: int) -> int:
    """Return the length of a text as Mastodon counts it: every link has the same length."""
    return len(_LINK.sub("x" * per_link, text))


def _cut(text: str, limit: int, per_link: int) -> str:
    """Return a text of at most ``limit`` characters. A link is never cut, because half of it leads elsewhere."""
    cut = text
    while (over := length(cut if cut == text else f"{cut}…", per_link) - limit) > 0 and cut:
        shorter = cut[: max(len(cut) - over, 0)]
        link = next((one for one in _LINK.finditer(cut) if one.start() < len(shorter) < one.end()), None)
        cut = (shorter[: link.start()] if link else shorter).rstrip()
    return cut if cut == text else f"{cut}…"


def number_in(content: str) -> int | None:
    """Return the number of the entry at the end of a post, None if it has none.

    Args:
        content: the HTML of the post.
    """
    found = _NUMBER.search(html.unescape(_TAG.sub("", content)))
    return int(found[1]) if found else None
