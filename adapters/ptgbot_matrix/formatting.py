"""The HTML form of an answer: lists, links, and pills for people.

Source: Matrix client-server API, sections "m.room.message msgtypes" (HTML), "User and room mentions".
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from ptgbot.chat.message import ITEMS
from ptgbot.chat.urls import safe_url
from ptgbot_matrix.links import MATRIX_TO
from ptgbot_matrix.rooms.reading import local_part

FORMAT: Final = "org.matrix.custom.html"
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_BEHIND: Final = ".,:;!?)]}'’”"
"""Characters at the end of an address that belong to the sentence."""


def split_items(text: str, items: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the text before a list and the items of the list; all text and no items if it does not end with them."""
    end = ITEMS.join(items)
    if not items or not text.endswith(end):
        return text, ()
    return text.removesuffix(end).removesuffix(ITEMS), items


def formatted(head: str, items: Sequence[str], people: Sequence[str]) -> str:
    """Return the HTML of an answer, empty if it has nothing to format.

    Args:
        head: the text before the list.
        items: the items of the list.
        people: Matrix ids of people whom the text names by the local parts of their ids.
    """
    pills = {local_part(user): user for user in people}
    name = re.compile(rf"(?<![\w@#])(?:{'|'.join(map(re.escape, pills))})(?![\w:])") if pills else None

    def line(text: str) -> str:
        pieces, at = [], 0
        for found in _LINK.finditer(text):
            address = found[0].rstrip(_BEHIND)
            if safe_url(address):
                pieces += [named(text[at : found.start()]), _anchor(address, address)]
                at = found.start() + len(address)
        return "".join([*pieces, named(text[at:])])

    def named(text: str) -> str:
        if name is None:
            return html.escape(text)
        pieces, at = [], 0
        for found in name.finditer(text):
            pill = _anchor(MATRIX_TO + quote(pills[found[0]], safe="@:"), found[0])
            pieces += [html.escape(text[at : found.start()]), pill]
            at = found.end()
        return "".join([*pieces, html.escape(text[at:])])

    whole = line(head) + (f"<ul>{''.join(f'<li>{line(item)}</li>' for item in items)}</ul>" if items else "")
    return whole if whole != html.escape(head) else ""


def _anchor(address: str, shown: str) -> str:
    return f'<a href="{html.escape(address)}">{html.escape(shown)}</a>'
