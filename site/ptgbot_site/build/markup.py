"""HTML of finished pages, which Sphinx does not keep. What people typed is escaped, and long names are cut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from ptgbot_site.build.typed import clean

EMPTY: Final = Markup("")
LONGEST: Final = 80
"""Most letters of a name that are shown."""


def cut(text: str, most: int = LONGEST) -> str:
    """Return a typed text on one line, with at most so many letters."""
    plain = " ".join(clean(text[: most * 4]).split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def name(text: str, most: int = LONGEST) -> Markup:
    """Return a typed name whose letters do not change the direction of the text around it."""
    return Markup("<bdi>{}</bdi>").format(cut(text, most) or "?")


def joined(parts: Iterable[Markup | str], between: Markup | str = "") -> Markup:
    """Return parts one after the other, with a text between them."""
    return escape(between).join(parts)


def link(address: str, label: str | Markup) -> Markup:
    """Return a link inside the site."""
    return Markup('<a href="{}">{}</a>').format(address, label)


def section(title: str, *content: Markup, level: int = 2) -> Markup:
    """Return a heading with its content; empty without content."""
    body = joined(content)
    return Markup("<h{0}>{1}</h{0}>{2}").format(level, title, body) if body else EMPTY


def paragraph(text: str | Markup, of: str = "") -> Markup:
    """Return a paragraph."""
    return Markup('<p class="{}">{}</p>').format(of, text) if of else Markup("<p>{}</p>").format(text)
