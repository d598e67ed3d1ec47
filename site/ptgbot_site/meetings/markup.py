"""HTML of typed texts, times and lists on finished pages. Everything that people typed is escaped."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from ptgbot.chat.urls import safe_url
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say

_ADDRESS: Final = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+")
_OUTSIDE: Final = Markup('<a href="{}" rel="nofollow noopener">{}</a>')
_AFTER: Final = ".,;:!?)]}'*"
"""Signs that end a sentence, not an address."""
EMPTY: Final = Markup("")


def joined(parts: Iterable[Markup], between: Markup = EMPTY) -> Markup:
    """Return parts one after the other."""
    return between.join(parts)


def typed(text: str) -> Markup:
    """Return a typed text with its links; nothing in it is markup."""
    plain, made, at = clean(text), [], 0
    if ":" not in plain:
        return escape(plain)
    for found in _ADDRESS.finditer(plain):
        url = found[0].rstrip(_AFTER)
        if safe_url(url) is None:
            continue
        made += [escape(plain[at : found.start()]), _OUTSIDE.format(url, url)]
        at = found.start() + len(url)
    return joined([*made, escape(plain[at:])])


@functools.lru_cache(1000)
def name(nick: str) -> Markup:
    """Return the name of a person, whose letters do not change the direction of the text around it."""
    return Markup("<bdi>{}</bdi>").format(clean(nick) or "?")


def moment(at: str) -> Markup:
    """Return a moment (ISO 8601, UTC), which the script of the page shows in the reader's zone."""
    return Markup('<time class="ptg-local" datetime="{}">{} {} UTC</time>').format(at, at[:10], at[11:16])


def clock(at: str) -> Markup:
    """Return a time of day (ISO 8601, UTC), which the script of the page shows in the reader's zone."""
    return Markup(f'<time datetime="{escape(at)}">{escape(at[11:19])}</time>')  # noqa: S704 - every part is escaped


def link(address: str, label: str | Markup) -> Markup:
    """Return a link inside the site."""
    return Markup('<a href="{}">{}</a>').format(address, label)


def items(rows: Iterable[Markup], of: str = "") -> Markup:
    """Return a list; empty without rows."""
    made = [Markup(f"<li>{escape(row)}</li>") for row in rows]  # noqa: S704 - every part is escaped
    return Markup('<ul class="ptg-list {}">{}</ul>').format(of, joined(made)) if made else EMPTY


def section(title: str | Markup, *content: Markup, level: int = 2) -> Markup:
    """Return a heading with its content; empty without content."""
    body = joined(content)
    return Markup("<h{}>{}</h{}>{}").format(level, title, level, body) if body else EMPTY


def page(title: str | Markup, *content: Markup) -> str:
    """Return the body of a page. A page without content says so."""
    body = joined(content) or Markup('<p class="ptg-nothing">{}</p>').format(say("Nothing is here yet."))
    return str(Markup('<div class="ptg ptg-meeting"><h1>{}</h1>{}</div>').format(title, body))
