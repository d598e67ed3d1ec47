"""Turns typed text into nodes: plain text, links, badges of tracks. Nothing in it is ever markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from docutils import nodes
from linkify_it import LinkifyIt

from ptgbot.chat.urls import safe_url
from ptgbot_site.build.nodes import ptg_link, ptg_typed

LONGEST = 4000
"""Most characters of one text that are shown, so that no page grows without bound."""

# Controls, lone surrogates and non-characters can't be written; the bidirectional overrides can make a link
# look like another one. Marks that Arabic and Hebrew need (LRM, RLM, ALM) stay.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")
_TRACK = re.compile(r"(?<![\w#/&])#([a-z0-9][a-z0-9._-]{0,49})", re.IGNORECASE)

MOST_MARKS = 8
"""Most combining marks on one character, and most pictures that are joined to one: no script needs more."""
# A browser never breaks a character with its marks, nor joined pictures, so that a long chain would widen the page.
_JOINED = re.compile(rf"(?:[^\s\u200d]{{1,3}}\u200d){{{MOST_MARKS},}}")

Badge = Callable[[str], nodes.Node | None]
"""Returns the node for the name of a track, None if there is no such track."""


def _linkify() -> LinkifyIt:
    finder = LinkifyIt({}, {"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return finder.add("ftp:", None).add("//", None)


_finder = _linkify()


def clean(text: str) -> str:
    """Return a text without control characters and endless chains of marks, cut at ``LONGEST`` characters."""
    plain = _UNWANTED.sub(" ", text).strip()
    if not plain.isascii():
        plain = _unchained(plain)
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rstrip() + "…"


def _unchained(text: str) -> str:
    """Return a text without marks beyond ``MOST_MARKS`` on one character, and with long chains of pictures broken."""
    kept: list[str] = []
    marks = 0
    for letter in _JOINED.sub(lambda found: found[0].replace("\u200d", ""), text):
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Me"} else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def link(url: str, *children: nodes.Node, classes: tuple[str, ...] = ()) -> ptg_link:
    """Return a link to another site."""
    return ptg_link("", "", *children, refuri=url, internal=False, classes=list(classes))


def plain(text: str, *classes: str) -> ptg_typed:
    """Return a typed text without links."""
    return ptg_typed("", clean(text), classes=list(classes))


def typed(text: str, badge: Badge, *classes: str) -> ptg_typed:
    """Return a typed text in which http(s) and mailto addresses are links and ``#track`` is the track's badge."""
    return ptg_typed("", "", *_pieces(clean(text), badge), classes=list(classes))


def _pieces(text: str, badge: Badge) -> Iterator[nodes.Node]:
    here = 0
    # Looking for addresses is most of the cost of a page: not where there can be none.
    for found in (_finder.match(text) or ()) if ":" in text else ():
        url = safe_url(found.url)
        if url is None:
            continue
        yield from _badges(text[here : found.index], badge)
        yield link(url, nodes.Text(found.text))
        here = found.last_index
    yield from _badges(text[here:], badge)


def _badges(text: str, badge: Badge) -> Iterator[nodes.Node]:
    here = 0
    for found in _TRACK.finditer(text):
        # "#nova." at the end of a sentence means nova, unless a track has the dot in its name.
        for name in dict.fromkeys([found[1], found[1].rstrip("._-")]):
            shown = badge(name.lower())
            if shown is not None:
                yield from _words(text[here : found.start()])
                yield shown
                here = found.start() + 1 + len(name)
                break
    yield from _words(text[here:])


def _words(text: str) -> Iterator[nodes.Node]:
    if text:
        yield nodes.Text(text)
