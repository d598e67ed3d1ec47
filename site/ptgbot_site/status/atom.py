"""Atom feeds (RFC 4287) of the status, of successes and of thanks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from xml.etree import ElementTree as Xml

from ptgbot_site.build.registry import Feed, FeedLink
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say
from ptgbot_site.status.names import FOLDERS, NOW, RECORDS, Row, newest, number, texts
from ptgbot_site.status.words import kind_word, state_word

MOST = 50
"""Most entries of a feed."""
_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.UUID("0f0d5a5e-3f2a-5b0c-9f0e-7a1d0f6f9c21")
_NEVER = "2020-01-01T00:00:00+00:00"


def _titles() -> dict[str, str]:
    return {"history": say("Status"), "successes": say("Successes"), "thanks": say("Thanks")}


def _feed(record: str, state: State) -> Mapping[str, bytes]:
    site, file = site_url(state), f"{FOLDERS[record]}.atom"
    root = Xml.Element("feed", {"xmlns": _ATOM})
    _child(root, "id", _id(site, record))
    _child(root, "title", _titles()[record])
    Xml.SubElement(_child(root, "author", ""), "name").text = _titles()[record]
    if site:
        Xml.SubElement(root, "link", {"rel": "self", "href": site + file, "type": "application/atom+xml"})
        page = f"{site}{FOLDERS[record]}.html"
        Xml.SubElement(root, "link", {"rel": "alternate", "href": page, "type": "text/html"})
    made = [_entry(row, site, record) for row in newest(state, record, MOST)]
    _child(root, "updated", max((one.findtext("updated", "") for one in made), default=_NEVER))
    root.extend(made)
    Xml.indent(root)
    return {file: bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"}


def _entry(row: Row, site: str, record: str) -> Xml.Element:
    at = datetime.fromisoformat(text_of(row, "at")).astimezone(UTC)
    element = Xml.Element("entry")
    _child(element, "id", _id(site, f"{record} {number(row)}"))
    _child(element, "title", headline(row))
    _child(element, "updated", at.isoformat(timespec="seconds"))
    if by := clean(text_of(row, "who")):
        Xml.SubElement(_child(element, "author", ""), "name").text = by
    for name in texts(row, "services"):
        Xml.SubElement(element, "category", {"term": clean(name)})
    if site:
        page = f"{site}{FOLDERS[record]}/{text_of(row, 'at')[:7]}.html#entry-{number(row)}"
        Xml.SubElement(element, "link", {"rel": "alternate", "href": page, "type": "text/html"})
    _child(element, "content", clean(text_of(row, "text"))).set("type", "text")
    return element


def headline(row: Row) -> str:
    """Return the title of an entry: its kind or state, and its text."""
    state = text_of(row, "state") if text_of(row, "kind") in ("update", "plan") else ""
    words = [say("Withdrawn")] if row.get("withdrawn") else []
    words += filter(None, [state_word(state) or kind_word(text_of(row, "kind"))])
    return ": ".join(filter(None, [", ".join(words), clean(text_of(row, "text"))]))


def _id(site: str, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, f'{site} {name}')}"


def _child(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    element = Xml.SubElement(parent, name)
    element.text = text
    return element


def _made(record: str, label: Callable[[], str]) -> Feed:
    link = FeedLink(f"{FOLDERS[record]}.atom", label, "Atom", "application/atom+xml")
    return Feed(f"status {record}", (f"{RECORDS[record]}:*", SITE), partial(_feed, record), [link], needs=[NOW])


FEEDS = (
    _made("history", lambda: say("Status")),
    _made("successes", lambda: say("Successes")),
    _made("thanks", lambda: say("Thanks")),
)
