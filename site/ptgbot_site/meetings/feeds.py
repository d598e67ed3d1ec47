"""Files beside the pages: the feed of new meetings (Atom, RFC 4287), and the index of the search."""

from __future__ import annotations

import json
from typing import Final
from xml.etree import ElementTree as Xml

from ptgbot.meetings.archive_index import Register, Row
from ptgbot.meetings.log_words import GROUPS
from ptgbot_site.build.typed import clean

FEED: Final = "feed.atom"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NEWEST: Final = 30
_NEVER: Final = "1970-01-01T00:00:00Z"
LONGEST: Final = 400
"""Most characters of what the search knows of one meeting beside its title."""


def atom(index: Register, url: str, title: str) -> bytes:
    """Return the feed of the newest meetings.

    Args:
        index: the index.
        url: public address of the project with a slash at its end, empty if it is unknown.
        title: title of the feed.
    """
    rows = index.rows(most=_NEWEST)
    root = Xml.Element("feed", {"xmlns": _ATOM})
    Xml.SubElement(root, "title").text = clean(title)
    Xml.SubElement(root, "id").text = f"{url}{FEED}" if url else "urn:ptgbot:meetings"
    Xml.SubElement(root, "updated").text = max((row.ended or row.started for row in rows), default=_NEVER)
    if url:
        Xml.SubElement(root, "link", {"rel": "self", "href": f"{url}{FEED}"})
    for row in rows:
        _entry(root, row, url)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(root: Xml.Element, row: Row, url: str) -> None:
    entry = Xml.SubElement(root, "entry")
    address = f"{url}{row.slug}.html"
    Xml.SubElement(entry, "title").text = clean(row.title)
    Xml.SubElement(entry, "id").text = address if url else f"urn:ptgbot:meetings:{row.slug}"
    Xml.SubElement(entry, "updated").text = row.ended or row.started
    Xml.SubElement(entry, "link", {"href": address})
    author = Xml.SubElement(entry, "author")
    Xml.SubElement(author, "name").text = clean(row.owner) or "?"


def search(index: Register, month: str) -> bytes:
    """Return the index of the search for one month: address, start, title, and words of each meeting."""
    said: dict[str, list[str]] = {}
    for one in index.decisions(month):
        said.setdefault(one.slug, []).append(clean(one.text))
    rows = index.rows("started >= ? AND started < ?", (month, f"{month}~"))
    return _json([[row.slug, row.started, clean(row.title), _words(row, said.get(row.slug, []))] for row in rows])


def _words(row: Row, decisions: list[str]) -> str:
    return " · ".join([row.name, clean(row.room), *decisions])[:LONGEST]


def words(index: Register, month: str) -> dict[str, bytes | None]:
    """Return the words of the logs of a month: a file for each group of words, as ``log_words`` makes the groups.

    Each file lists the address of each meeting with its words, so that a search loads one short file for each month.
    """
    groups: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for slug, found in index.words(month):
        for group, said in found.items():
            groups[group].append((slug, said))
    return {f"search/{month}/{group}.json": _json(rows) for group, rows in groups.items()}


def search_months(index: Register) -> bytes:
    """Return the months of the search, the newest first."""
    return _json([month for month, _ in reversed(index.counted("month"))])


def _json(rows: object) -> bytes:
    return f"{json.dumps(rows, ensure_ascii=False)}\n".encode(errors="replace")
