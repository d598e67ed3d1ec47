"""Descriptions of the pages in a sentence, for chats and search engines."""

from __future__ import annotations

from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.words import say
from ptgbot_site.status.names import matters


def description(state: State, page: str) -> str:
    """Return the sentence about a page, the empty string for a page of another feature."""
    if page == "status":
        found = [text_of(row, "text") for row in matters(state, "alerts")]
        return say("Open alerts: %s") % "; ".join(found) if found else say("No alert is open.")
    return {
        "successes": say("Small victories, told by the people who had them."),
        "thanks": say("Who thanked whom, and for what."),
    }.get(page, "")
