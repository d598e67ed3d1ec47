"""The Atom feed of a CI (RFC 4287): its failures, and its silence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from attrs import frozen

from ptgbot.ci.addresses import account_folder
from ptgbot.ci.matrix import Pair
from ptgbot.ci.newest import newest
from ptgbot_site.build.markup import cut
from ptgbot_site.build.words import say
from ptgbot_site.ci import signs
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.markup import web_address

FILE: Final = "feed.atom"
_NEWEST: Final = 30
_NEVER: Final = 0


@frozen
class _Entry:
    key: str
    title: str
    at: int
    address: str


def atom(desk: Desk, account: str, silent: list[Pair]) -> bytes:
    """Return the feed of a CI. ``silent`` has the projects on which it is silent."""
    entries = [*_failures(desk, account), *_silences(silent)]
    entries.sort(key=lambda one: (-one.at, one.key))
    folder = account_folder(account)
    home = f"{desk.url}{quote(folder)}/"
    root = Xml.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    Xml.SubElement(root, "title").text = cut(desk.title(account)) or "?"
    Xml.SubElement(root, "id").text = f"{home}{FILE}" if desk.url else f"urn:ptgbot:ci:{quote(folder)}"
    Xml.SubElement(root, "updated").text = _time(max((one.at for one in entries), default=_NEVER))
    author = Xml.SubElement(root, "author")
    Xml.SubElement(author, "name").text = cut(desk.title(account)) or "?"
    if desk.url:
        Xml.SubElement(root, "link", {"rel": "self", "href": f"{home}{FILE}"})
        Xml.SubElement(root, "link", {"rel": "alternate", "href": f"{home}index.html"})
    for one in entries:
        entry = Xml.SubElement(root, "entry")
        Xml.SubElement(entry, "title").text = one.title
        Xml.SubElement(entry, "id").text = f"urn:ptgbot:ci:{quote(folder)}:{one.key}"
        Xml.SubElement(entry, "updated").text = _time(one.at)
        Xml.SubElement(entry, "link", {"href": web_address(one.address) or f"{home}index.html"})
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _failures(desk: Desk, account: str) -> list[_Entry]:
    return [
        _Entry(
            f"{quote(one.project, '')}:{one.number}:{one.patchset}:{quote(one.pipeline[:40], '')}:{one.time}",
            f"{signs.told(one.status)}: {cut(one.project, 60)} {one.number},{one.patchset} {cut(one.subject)}",
            one.time,
            one.buildset or one.url,
        )
        for one in newest(desk.sql, account, desk.at, _NEWEST, only_bad=True)
    ]


def _silences(silent: list[Pair]) -> list[_Entry]:
    return [
        _Entry(
            f"silent:{quote(one.server, '')}:{quote(one.project, '')}:{one.last or _NEVER}",
            say("No result for too long: {project}").format(project=cut(one.project, 60)),
            one.last or _NEVER,
            "",
        )
        for one in silent
    ]


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
