"""``ptg:places``: the channels and rooms where people talk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes

from ptgbot.chat.urls import safe_url
from ptgbot.store.edits import Json
from ptgbot_site.build.directive import StateDirective, items, line, note
from ptgbot_site.build.state import text_of
from ptgbot_site.build.typed import link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say

PLACES = "core.places"
"""The slice of the channels and rooms of the configuration."""


class Places(StateDirective):
    """Shows each channel and room of the configuration, with links that open it in a program or in the browser."""

    kind = "places"
    needs = (PLACES,)

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of channels and rooms."""
        rows = [_place(row) for row in view.state.rows(PLACES)]
        return [items(rows, "ptg-pads")] if rows else [note(say("No channel or room is known here."))]


def _place(row: Mapping[str, Json]) -> nodes.Node:
    parts: list[nodes.Node] = [plain(text_of(row, "room"), "ptg-nick"), plain(text_of(row, "network"), "ptg-place")]
    ways = (
        (say("Open in your program"), _chat(row.get("url"))),
        (say("Open in the browser"), safe_url(row.get("web"))),
    )
    parts += [link(url, plain(words)) for words, url in ways if url]
    return line(*parts)


def _chat(url: Json) -> str | None:
    """Return an address that opens a chat program.

    Operators write these addresses, so the schemes of IRC and Matrix are safe.
    """
    if isinstance(url, str) and url.isprintable() and " " not in url:
        try:
            if urlsplit(url).scheme in ("irc", "ircs", "matrix"):
                return url
        except ValueError:
            return None
    return safe_url(url)
